"""Texts become indices.

tokenizer.py       Tokenizer: normalization, segmentation and splitting of a text
tokens.py          splitting as Keras' `text_to_word_sequence`
unicode_words.py   splitting for any language, with emoticons and pictographs
whitespace.py      splitting as Keras' TextVectorization
subwords.py        splitting into SentencePiece pieces
vietnamese.py      one spelling for Vietnamese
segmentation.py    Vietnamese words from syllables
token_counts.py    counts the tokens of many texts, in parallel
splitting.py       splits a chunk of texts, with Arrow
processes.py       worker processes for token_counts; worker.py runs in them
vocabulary.py      Vocabulary: tokens to indices and back
index_scheme.py    reserved indices and the index of the first word
ngrams.py          frequent n-grams
padding.py         EncodedDocuments; padding and truncating
sharded_indices.py several index arrays read as one
token_buffer.py    collects encoded documents
"""

from hoiquy.nn.reserved_indices import FIRST_WORD, OUT_OF_VOCABULARY, PAD, START
from hoiquy.text.index_scheme import IMDB, SCHEMES, IndexScheme, Numbering
from hoiquy.text.ngrams import Ngrams
from hoiquy.text.padding import EncodedDocuments, Side, pad
from hoiquy.text.sharded_indices import Indices, Shards
from hoiquy.text.subwords import Subwords
from hoiquy.text.token_counts import START_TOKEN, TokenCounts, count_tokens
from hoiquy.text.tokenizer import LAB, Tokenizer
from hoiquy.text.tokens import SEPARATORS
from hoiquy.text.vocabulary import Vocabulary

__all__ = [
    "FIRST_WORD",
    "IMDB",
    "LAB",
    "OUT_OF_VOCABULARY",
    "PAD",
    "SCHEMES",
    "SEPARATORS",
    "START",
    "START_TOKEN",
    "EncodedDocuments",
    "IndexScheme",
    "Indices",
    "Ngrams",
    "Numbering",
    "Shards",
    "Side",
    "Subwords",
    "TokenCounts",
    "Tokenizer",
    "Vocabulary",
    "count_tokens",
    "pad",
]
