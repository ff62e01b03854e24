"""The tokenizer of a recipe."""

from hoiquy.recipe.recipe import TextTable
from hoiquy.text import Subwords, Tokenizer


def build_tokenizer(table: TextTable, subwords: Subwords | None = None) -> Tokenizer:
    """Return the tokenizer of a recipe's `[text]` table."""
    return Tokenizer(table.normalization, table.tokenizer, table.segmentation, subwords)
