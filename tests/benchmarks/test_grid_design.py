"""The grid's sampled design: balanced levels, a limit on cost, the same cells for the same seed."""

from collections import Counter
from itertools import combinations

import pytest

from grid import plan
from grid.cell import FACTORS, FIXED, Cell, gflop
from grid.design import GFLOP_LIMIT, draw_design
from grid.plan import plan_cells

CELLS = draw_design(60)


def test_cells_are_different_and_below_the_limit() -> None:
    assert len(set(CELLS)) == len(CELLS) == 60
    assert max(map(gflop, CELLS)) <= GFLOP_LIMIT


@pytest.mark.parametrize("factor", FACTORS)
def test_levels_appear_equally_often(factor: str) -> None:
    counts = Counter(cell.level(factor) for cell in CELLS)
    assert counts == dict.fromkeys(FACTORS[factor], 60 // len(FACTORS[factor]))


@pytest.mark.parametrize(("one", "other"), [*combinations(FACTORS, 2)])
def test_pairs_of_levels_appear_about_equally_often(one: str, other: str) -> None:
    counts = Counter((cell.level(one), cell.level(other)) for cell in CELLS)
    pairs = len(FACTORS[one]) * len(FACTORS[other])
    assert len(counts) == pairs
    assert all(abs(count - 60 / pairs) < 2 for count in counts.values())


def test_a_number_that_the_levels_do_not_divide() -> None:
    cells = draw_design(13)
    assert len(cells) == 13
    for factor, levels in FACTORS.items():
        counts = Counter(cell.level(factor) for cell in cells).values()
        assert len(counts) == len(levels)
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_cells(count: int) -> None:
    assert len(draw_design(count)) == count


def test_the_seed_decides() -> None:
    assert draw_design(12, seed=5) == draw_design(12, seed=5)
    assert set(draw_design(12, seed=5)) != set(draw_design(12, seed=6))


def test_operations_of_a_step() -> None:
    lstm = Cell("LSTM", False, 1, 200, 128, 200, masked=False)
    assert gflop(lstm) == pytest.approx(2e-9 * 200 * 128 * 800 * 3 * (128 + 200))
    # The second layer reads both directions of the first.
    gru = Cell("GRU", True, 2, 64, 8, 50, masked=True)
    depth = 2 * 3 * ((128 + 64) + (128 + 64))
    assert gflop(gru) == pytest.approx(2e-9 * 50 * 8 * 192 * depth)


def test_plan_begins_with_the_fixed_cells() -> None:
    planned = plan_cells(6)
    assert [one.cell for one in planned[: len(FIXED)]] == list(FIXED)
    assert [one.drawn for one in planned] == [False] * len(FIXED) + [True] * 6
    predicted = [one for one in planned if "predict" in one.whats]
    assert len(predicted) == len(planned) // plan._PREDICTED
    assert all("step" in one.whats for one in planned)
