"""`[pretraining]`: optional, validated as all tables."""

import pytest

from hoiquy.errors import RecipeError
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.recipe import load_recipe, parse_recipe, recipe_names
from hoiquy.workflows.pretraining.corpus import pretraining_table


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_without_pretraining_stays_as_it_was(name: str) -> None:
    recipe = load_recipe(name)
    if recipe.pretraining is None:
        assert "pretraining" not in recipe.to_toml()
    changed = recipe.with_settings(["training.seed=2"])
    assert changed.with_settings([f"training.seed={recipe.training.seed}"]) == recipe
    assert pretraining_table(recipe) == (recipe.pretraining or PretrainingTable())


def test_pretraining_keys_can_be_set_with_or_without_the_table() -> None:
    recipe = load_recipe("bai3").with_settings(["pretraining.epochs=2"])
    assert recipe.pretraining == PretrainingTable(epochs=2)
    assert parse_recipe(recipe.to_toml(), "again") == recipe
    again = recipe.with_settings({"pretraining.candidates": 64})
    assert again.pretraining == PretrainingTable(epochs=2, candidates=64)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            "pretraining.candidate=9",
            "did you mean 'candidates'.*allowed: learning_rate, batch_size",
        ),
        ("pretraining.candidates=0", "pretraining.candidates = 0: input should be greater"),
        ("pretraining=5", "pretraining = 5: expected a table"),
        ("pretraining.dropout=1.0", "less than 1"),
    ],
)
def test_invalid_values_are_reported(setting: str, problem: str) -> None:
    with pytest.raises(RecipeError, match=problem):
        load_recipe("bai3").with_settings([setting])
