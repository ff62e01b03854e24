"""How the texts of a recipe become words."""

from hoiquy.recipe.recipe import TextTable
from hoiquy.text import (
    Subwords,
    TextRules,
)


def text_rules(table: TextTable, subwords: Subwords | None = None) -> TextRules:
    """How a recipe's texts become words."""
    return TextRules(
        table.normalization, table.tokenizer, table.segmentation, table.word_rule, subwords
    )
