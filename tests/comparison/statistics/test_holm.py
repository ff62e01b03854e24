"""Holm's correction against statsmodels, and what it promises."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from hoiquy.comparison.statistics.holm import holm


@pytest.fixture(autouse=True, scope="module")
def no_garbage_collection() -> Iterator[None]:
    """statsmodels collects garbage at each call: a second where many modules are loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "collect", lambda: 0)
        yield


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_it_is_that_of_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_a_single_p_value_stays_as_it_is() -> None:
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


def test_the_next_smallest_is_multiplied_by_one_fewer() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
