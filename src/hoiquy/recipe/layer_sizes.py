"""How large the layers of a recipe are, for a vocabulary, and what is too large."""

from hoiquy.errors import RecipeError
from hoiquy.recipe.model import EmbeddingLayer
from hoiquy.recipe.recipe import Recipe

MOST_PARAMETERS = 2**29  # of one layer; the lab's largest has eleven million


def embedding_rows(recipe: Recipe, table: EmbeddingLayer, vocabulary_size: int) -> tuple[int, int]:
    """The height of an embedding as the recipe counts it, and how many of its rows are reachable.

    rows = "vocabulary" is a row for every word, as in the lab, where num_words lies far below it;
    a small vocabulary needs more, since the first word has index text.first_word. Raises
    RecipeError if the recipe asks for fewer rows than there are indices.
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
    """Refuse, before memory is taken, a layer that no recipe means to have."""
    if rows * columns > MOST_PARAMETERS:
        raise RecipeError(
            f"model.layers.{position}: {rows * columns:,} parameters, expected at most "
            f"{MOST_PARAMETERS:,}: take fewer units"
        )
