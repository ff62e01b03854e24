"""Embedding rows for a vocabulary, and a limit on layer sizes."""

from hoiquy.errors import RecipeError
from hoiquy.recipe.layer_tables import EmbeddingLayer
from hoiquy.recipe.recipe import Recipe

MOST_PARAMETERS = 2**29  # of one layer; the largest of the lab has eleven million


def embedding_rows(recipe: Recipe, table: EmbeddingLayer, vocabulary_size: int) -> tuple[int, int]:
    """Return the rows of an embedding, and how many of them indices can reach.

    rows = "vocabulary" is one row a word, as in the lab, whose num_words is far smaller; a small
    vocabulary needs more, since the first word has index text.first_word. Raises RecipeError if
    the recipe sets fewer rows than there are indices.
    """
    reachable = min(recipe.text.num_words, vocabulary_size + recipe.text.first_word)
    if table.rows == "vocabulary":
        return max(vocabulary_size, reachable), reachable
    if table.rows < reachable:
        raise RecipeError(
            f"model.layers: the embedding has rows = {table.rows}, but indices go up to "
            f"{reachable - 1}: set rows to {reachable} or more, or text.num_words to {table.rows}"
        )
    return table.rows, reachable


def check_size(position: int, rows: int, columns: int) -> None:
    """Raise RecipeError for a layer that is too large, before memory is allocated."""
    if rows * columns > MOST_PARAMETERS:
        raise RecipeError(
            f"model.layers.{position}: {rows * columns:,} parameters, expected at most "
            f"{MOST_PARAMETERS:,}: set fewer units"
        )
