"""Texts become indices: tokens, vocabulary, padding."""

from hoiquy.text.padding import EncodedDocuments, Side, pad
from hoiquy.text.tokens import SEPARATORS, tokenize
from hoiquy.text.vocabulary import FIRST_WORD, OUT_OF_VOCABULARY, PAD, START, Vocabulary

__all__ = [
    "FIRST_WORD",
    "OUT_OF_VOCABULARY",
    "PAD",
    "SEPARATORS",
    "START",
    "EncodedDocuments",
    "Side",
    "Vocabulary",
    "pad",
    "tokenize",
]
