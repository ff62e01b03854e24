"""Texts become indices: tokens, numbers, vocabulary, padding."""

from hoiquy.nn.reserved_indices import FIRST_WORD, OUT_OF_VOCABULARY, PAD, START
from hoiquy.text.index_scheme import IMDB, SCHEMES, IndexScheme, Numbering
from hoiquy.text.ngrams import Ngrams
from hoiquy.text.padding import EncodedDocuments, Side, pad
from hoiquy.text.sharded_indices import Indices, Shards
from hoiquy.text.subwords import Subwords
from hoiquy.text.token_counts import MARK, TokenCounts, count_tokens
from hoiquy.text.tokenizer import LAB, Tokenizer
from hoiquy.text.tokens import SEPARATORS, tokenize
from hoiquy.text.vocabulary import Vocabulary

__all__ = [
    "FIRST_WORD",
    "IMDB",
    "LAB",
    "MARK",
    "OUT_OF_VOCABULARY",
    "PAD",
    "SCHEMES",
    "SEPARATORS",
    "START",
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
    "tokenize",
]
