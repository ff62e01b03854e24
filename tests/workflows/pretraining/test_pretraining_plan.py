"""The plan of a pretraining by its time, with speeds that are computed, not measured."""

from collections.abc import Callable
from itertools import chain

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hoiquy.errors import InputError
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.workflows.pretraining.plan import Plan, Speed, ladders, plan_pretraining

RECIPE = load_recipe("lm")
SIZES = ladders(RECIPE, {})
HELD_OUT, ROWS, PIECE = 100_000, 30_000, 64
words = st.integers(10**3, 10**9)
minutes = st.floats(0.05, 3000)
rates = st.floats(1e9, 1e13)  # floating-point operations in a second


def units_of(recipe: Recipe) -> tuple[int, int]:
    embedding, cell = recipe.model.layers[0].units, recipe.model.layers[2].units
    assert isinstance(embedding, int) and isinstance(cell, int)
    return embedding, cell


def machine(rate: float, of_pass: int) -> Callable[[Recipe], Speed]:
    """What measuring would find where every operation takes the same time."""

    def speed_of(recipe: Recipe) -> Speed:
        (embedding, units), table = units_of(recipe), recipe.pretraining
        assert isinstance(table, PretrainingTable)
        of_word = 4 * units * (embedding + units + 1) + units * embedding
        step = 6 * table.batch_size * PIECE * (of_word + table.candidates * embedding)
        scoring = 2 * HELD_OUT * (of_word + ROWS * embedding)
        steps = -(-of_pass // (table.batch_size * PIECE))
        return Speed(step / rate, scoring / rate, steps, of_word)

    return speed_of


def planned(of_pass: int, time: float, rate: float) -> Plan:
    return plan_pretraining(SIZES, of_pass, lambda: 60 * time, machine(rate, of_pass))


def planned_if_any(of_pass: int, time: float, rate: float) -> Plan:
    try:
        return planned(of_pass, time, rate)
    except InputError:
        assume(False)
        raise


@given(words, minutes, rates)
def test_it_takes_no_longer_than_asked(of_pass: int, time: float, rate: float) -> None:
    plan = planned_if_any(of_pass, time, rate)
    speed = machine(rate, of_pass)(plan.recipe)
    assert plan.steps * speed.step + plan.epochs * speed.scoring <= 60 * time
    assert plan.seconds <= 60 * time
    assert plan.passes <= 10
    table = plan.resolved().pretraining
    assert table is not None
    assert (table.epochs, table.steps_per_epoch) == (plan.epochs, plan.steps_per_epoch)
    assert 1 <= plan.epochs <= 15


@given(words, minutes, minutes, rates)
def test_more_minutes_never_give_a_smaller_model(
    of_pass: int, time: float, more: float, rate: float
) -> None:
    short = planned_if_any(of_pass, time, rate)
    longer = planned(of_pass, time + more, rate)
    assert units_of(longer.recipe) >= units_of(short.recipe)
    if longer.recipe == short.recipe:
        assert longer.passes >= short.passes - 15 / machine(rate, of_pass)(short.recipe).steps


@given(words, minutes, rates)
def test_a_larger_model_reads_enough(of_pass: int, time: float, rate: float) -> None:
    plan = planned_if_any(of_pass, time, rate)
    speed = machine(rate, of_pass)(plan.recipe)
    if units_of(plan.recipe) != units_of(SIZES[0][0]):
        read = min(plan.passes + 15 / speed.steps, 10) * of_pass  # epochs have equally many steps
        assert read >= 15 * speed.parameters


@pytest.mark.parametrize(
    ("minutes", "units", "passes"),
    [(3, 128, 0.55), (15, 256, 0.95), (90, 512, 1.45), (180, 512, 3.05), (300, 768, 3.1)],
)
def test_the_texts_of_imdb(minutes: float, units: int, passes: float) -> None:
    plan = planned(22_100_000, minutes, 115e9)
    assert units_of(plan.recipe)[1] == units
    assert plan.passes == pytest.approx(passes, rel=0.05)
    assert plan.recipe.pretraining is not None and plan.recipe.pretraining.batch_size == 64
    assert plan.epochs >= 4


def test_little_text_gets_a_small_model_and_few_streams() -> None:
    plan = planned(100_000, 60 * 24, 1e12)
    assert units_of(plan.recipe) == (64, 128)
    assert plan.recipe.pretraining is not None and plan.recipe.pretraining.batch_size == 16
    assert 9 < plan.passes <= 10


def test_of_too_much_text_a_part_is_read() -> None:
    plan = planned(10**9, 5, 1e11)
    assert 0 < plan.passes < 0.1
    assert plan.steps > 1000


def test_too_few_minutes_are_an_error() -> None:
    with pytest.raises(InputError, match=r"minutes are too few: 6\.0 s are left"):
        planned(10**6, 0.1, 1e9)


def test_a_size_above_one_that_is_too_slow_is_not_measured() -> None:
    measured: list[Recipe] = []

    def speed_of(recipe: Recipe) -> Speed:
        measured.append(recipe)
        return machine(115e9, 22_100_000)(recipe)

    plan_pretraining(SIZES, 22_100_000, lambda: 60 * 90, speed_of)
    assert [units_of(one)[1] for one in measured] == [128, 256, 512, 768]


def test_settings_of_the_user_stay() -> None:
    settings = {"model.layers.2.units": 200, "pretraining.batch_size": 8}
    for recipe in chain(*ladders(RECIPE.with_settings(settings), settings)):
        assert units_of(recipe)[1] == 200
        assert recipe.pretraining is not None and recipe.pretraining.batch_size == 8
