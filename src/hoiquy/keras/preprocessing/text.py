"""The names of `keras.preprocessing.text`."""

from hoiquy.keras.preprocessing.tokenizer import Tokenizer, tokenizer_from_json
from hoiquy.keras.preprocessing.words import hashing_trick, one_hot, text_to_word_sequence

__all__ = [
    "Tokenizer",
    "hashing_trick",
    "one_hot",
    "text_to_word_sequence",
    "tokenizer_from_json",
]
