"""How the texts of a recipe become words."""

from hoiquy.recipe.recipe import TextTable
from hoiquy.text import (
    Subwords,
    Tokenizer,
)


def build_tokenizer(table: TextTable, subwords: Subwords | None = None) -> Tokenizer:
    """How a recipe's texts become words."""
    return Tokenizer(table.normalization, table.tokenizer, table.segmentation, subwords)
