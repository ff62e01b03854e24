"""Every optimizer: rows without a gradient, the saved state, clipping, and errors."""

import re
from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.kernels import RowGradient
from hoiquy.nn.optimizers import OPTIMIZERS, SGD, Adam, Ftrl, PiecewiseConstantDecay
from hoiquy.nn.shards import shard_pool
from optimizer_cases import CASES, SCHEDULES, optimizer_of, schedule_of

ROWS = 40
every_case = pytest.mark.parametrize("case", CASES)


def table(seed: int, rows: int = ROWS, dtype: Any = np.float32) -> Any:
    return np.random.default_rng(seed).standard_normal((rows, 6)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_case
def test_the_rows_reached_so_far_are_enough_for_the_bits(case: str, dtype: Any) -> None:
    """Rows that had no gradient so far may get one later, and rows that had one may get none."""
    dense, of_rows = optimizer_of(case), optimizer_of(case)
    if dense.moves_without_gradient:
        pytest.skip("its updates change rows without gradients, too")
    dense.decay = of_rows.decay = 0.1
    whole = {"e": table(1, dtype=dtype), "b": table(2, dtype=dtype)[0]}
    parts = {name: array.copy() for name, array in whole.items()}
    reached, rng = np.zeros(ROWS, np.bool_), np.random.default_rng(3)
    with shard_pool(2) as pool:
        for step in range(6):
            gradient = table(step + 3, dtype=dtype)
            gradient[rng.random(ROWS) < 0.7] = 0
            reached |= gradient.any(axis=1)
            bias = table(step + 30, dtype=dtype)[0]
            dense.update(whole, {"e": gradient, "b": bias})
            rows = np.flatnonzero(reached)
            few = {"e": RowGradient(rows, gradient[rows]), "b": bias}
            of_rows.update(parts, few, pool if step % 2 else None)
            for name, array in whole.items():
                np.testing.assert_array_equal(parts[name], array)
    ours, theirs = of_rows.arrays(), dense.arrays()
    assert ours.keys() == theirs.keys()
    for name, array in theirs.items():
        np.testing.assert_array_equal(ours[name], array)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_threads_share_large_parameters_with_the_same_bits(name: str) -> None:
    large = {"e": np.resize(table(1), (90_000, 6)), "rows": np.resize(table(2), (100_000, 6))}
    gradient = np.resize(table(3), (90_000, 6))
    rows = np.flatnonzero(np.arange(100_000) % 7)
    gradients = {"e": gradient, "rows": RowGradient(rows, gradient[: len(rows)])}
    results = []
    for threads in (None, 1, 3):
        parameters, optimizer = deepcopy(large), OPTIMIZERS[name]()
        with nullcontext() if threads is None else shard_pool(threads) as pool:
            for _ in range(2):
                optimizer.update(parameters, gradients, pool)
        results.append([*parameters.values(), *optimizer.arrays().values()])
    for arrays in zip(*results, strict=True):
        for other in arrays[1:]:
            np.testing.assert_array_equal(other, arrays[0])


@every_case
def test_the_state_can_be_restored(case: str) -> None:
    first, second = optimizer_of(case), optimizer_of(case)
    one = {"e": table(1)}
    for step in range(3):
        first.update(one, {"e": table(step + 2)})
    other = {"e": one["e"].copy()}
    second.load(first.arrays())
    for step in range(3):
        for optimizer, parameters in ((first, one), (second, other)):
            optimizer.update(parameters, {"e": table(step + 5)})
    assert second.step == 6
    np.testing.assert_array_equal(other["e"], one["e"])


@every_case
def test_gradients_stay_and_parameters_move_in_place(case: str) -> None:
    array, gradient = table(1), table(2)
    before, parameters = gradient.copy(), {"e": array}
    optimizer_of(case).update(parameters, {"e": gradient})
    assert parameters["e"] is array and (array != table(1)).any()
    np.testing.assert_array_equal(gradient, before)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_row_gradients_update_their_rows_only(name: str) -> None:
    rows, values = np.array([1, 5, 8]), table(2, 3)
    whole, few = {"e": table(1)}, {"e": table(1)[rows]}
    settings = {"weight_decay": None} if name == "adamw" else {}
    OPTIMIZERS[name](**settings).update(whole, {"e": RowGradient(rows, values)})
    OPTIMIZERS[name](**settings).update(few, {"e": values})
    np.testing.assert_array_equal(whole["e"][rows], few["e"])
    others = np.delete(np.arange(ROWS), rows)
    np.testing.assert_array_equal(whole["e"][others], table(1)[others])


@pytest.mark.parametrize("name", sorted(OPTIMIZERS.keys() - {"ftrl"}))
def test_lr_multipliers_scale_the_change(name: str) -> None:
    settings = {"weight_decay": None} if name == "adamw" else {}
    plain, scaled = {"e": table(1, dtype=np.float64)}, {"e": table(1, dtype=np.float64)}
    factors = np.linspace(0, 2, ROWS)[:, None] * np.ones(6)
    OPTIMIZERS[name](**settings).update(plain, {"e": table(2, dtype=np.float64)})
    optimizer = OPTIMIZERS[name](**settings, lr_multipliers={"e": factors})
    optimizer.update(scaled, {"e": table(2, dtype=np.float64)})
    start = table(1, dtype=np.float64)
    np.testing.assert_allclose(scaled["e"] - start, factors * (plain["e"] - start), atol=1e-12)


def test_parameters_without_a_gradient_stay() -> None:
    parameters = {"a": np.ones(2), "b": np.ones(2)}
    SGD(0.5, weight_decay=0.1).update(parameters, {"a": np.ones(2)})
    np.testing.assert_allclose(parameters["a"], 1 - 0.05 - 0.5)
    np.testing.assert_array_equal(parameters["b"], 1)


def test_no_weight_decay_for_some() -> None:
    parameters = {"a": np.ones(2), "b": np.ones(2)}
    optimizer = SGD(0.5, weight_decay=0.1, no_weight_decay=frozenset({"b"}))
    optimizer.update(parameters, {"a": np.zeros(2), "b": np.zeros(2)})
    np.testing.assert_allclose(parameters["a"], 0.95)
    np.testing.assert_array_equal(parameters["b"], 1)


def test_legacy_decay_divides_the_learning_rate() -> None:
    optimizer, rates = SGD(0.1, decay=0.5), []
    parameters = {"a": np.zeros(1)}
    for _ in range(3):
        rates.append(optimizer.rate)
        optimizer.update(parameters, {"a": np.ones(1)})
    assert rates == pytest.approx([0.1, 0.1 / 1.5, 0.1 / 2])
    assert parameters["a"][0] == pytest.approx(-sum(rates))


def test_the_learning_rate_may_be_set_between_steps() -> None:
    optimizer, parameters = SGD(0.1), {"a": np.zeros(1)}
    optimizer.update(parameters, {"a": np.ones(1)})
    optimizer.learning_rate = 1.0
    optimizer.update(parameters, {"a": np.ones(1)})
    assert parameters["a"][0] == pytest.approx(-1.1)


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedules_start_at_their_first_rate(case: str) -> None:
    settings = SCHEDULES[case][1]
    first = settings.get("initial_learning_rate", settings.get("values", [None])[0])
    assert schedule_of(case)(0) == pytest.approx(first)


def wrong_settings() -> list[tuple[Any, str]]:
    return [
        (lambda: Adam(clipnorm=1.0, clipvalue=1.0), "clipnorm=1.0, clipvalue=1.0: expected only"),
        (lambda: SGD(momentum=1.5), "momentum=1.5: expected a number from 0 to 1"),
        (lambda: Ftrl(beta=0, l1_regularization_strength=-1), "l1_regularization_strength=-1"),
        (lambda: Ftrl(learning_rate_power=1), "learning_rate_power=1: expected 0 or less"),
        (lambda: PiecewiseConstantDecay((1, 2), (0.1, 0.2)), "2 boundaries need 3 values, got 2"),
    ]


@pytest.mark.parametrize(("make", "message"), wrong_settings())
def test_wrong_settings_are_named(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        make()


def test_wrong_gradients_are_named() -> None:
    for gradient in (np.zeros((3, 4)), np.zeros((5, 6)), np.zeros(4)):
        with pytest.raises(ShapeError, match="of e does not fit it: \\(4, 6\\)"):
            Adam().update({"e": np.zeros((4, 6))}, {"e": gradient})


def test_the_state_of_another_optimizer_is_refused() -> None:
    adam = Adam()
    adam.update({"e": table(1)}, {"e": table(2)})
    with pytest.raises(InputError, match="not the state of SGD: it has momentum, velocity"):
        SGD().load(adam.arrays())
