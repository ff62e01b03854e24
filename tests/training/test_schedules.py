"""Learning rates: Keras' schedules with epochs for steps, and clipped gradients."""

import numpy as np
import pytest

from hoiquy.errors import RecipeError
from hoiquy.recipe.recipe import parse_recipe
from hoiquy.training.loop import fit
from learning_rates import RATE, rate_at, scheduled
from miniatures import miniature, prepared


def test_constant_unless_said_otherwise() -> None:
    recipe = miniature("bai1", f"training.learning_rate={RATE}")
    assert {rate_at(recipe, done) for done in (0, 0.5, 7.9)} == {RATE}


def test_a_warmup_that_lasts_to_the_end_never_falls() -> None:
    recipe = scheduled("type=cosine", "warmup_epochs=8")
    assert [rate_at(recipe, done) for done in (0, 4, 8)] == [0, RATE / 2, RATE]


def test_the_history_tells_the_rate_of_the_last_step() -> None:
    recipe = scheduled("type=exponential", "decay_rate=0.5").with_settings(
        ["training.batch_size=33", "training.epochs=2"]  # three steps an epoch
    )
    rates = [record.learning_rate for record in fit(recipe, prepared(recipe)).history]
    assert rates == pytest.approx([RATE * 0.5 ** (2 / 3), RATE * 0.5 ** (5 / 3)])


def test_the_rate_of_the_schedule_is_the_one_that_is_used() -> None:
    """A rate that falls to nothing at once changes what is learnt."""
    plain = scheduled("type=constant")
    falling = scheduled("type=exponential", "decay_rate=1e-9")
    one, other = (fit(recipe, prepared(recipe)).parameters for recipe in (plain, falling))
    assert np.any(one["dense/kernel"] != other["dense/kernel"])


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("schedule.type=stairs", "schedule.type = 'stairs'; allowed: constant, cosine"),
        ("schedule={rate=1}", "schedule: the key type is missing; allowed: constant, cosine"),
        ("schedule={type='cosine', fraction=1}", r"in \[training.schedule\].*warmup_epochs"),
        ("schedule={type='exponential'}", "decay_rate"),
        ("schedule={type='exponential', decay_rate=2.0}", "less than or equal to 1"),
        ("early_stopping.patience=-1", "patience"),
        ("early_stopping.monitor=loss", "val_loss"),
        ("clip_norm=0", "clip_norm"),
    ],
)
def test_a_wrong_value_is_named(setting: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        miniature("bai1", f"training.{setting}")


def test_every_key_comes_back_from_toml() -> None:
    recipe = scheduled("type=cosine", "warmup_epochs=0.5").with_settings(
        ["training.clip_norm=1.5", "training.early_stopping.patience=3"]
    )
    assert parse_recipe(recipe.to_toml(), "test") == recipe
