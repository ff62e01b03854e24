"""Where a loss settles and whether it has turned up, on curves drawn by hand."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.runs.learning_curves import LossFacts, loss_facts
from synthetic_runs import epochs, learning, wandering


def facts(val_losses: list[float], losses: list[float] | None = None) -> LossFacts:
    """Facts of a validation loss; the training loss falls all the time unless given."""
    count = len(val_losses)
    falling = [1 / (at + 1) for at in range(count)] if losses is None else losses
    return loss_facts(epochs(falling, val_losses, [0.5] * count, [0.5] * count))


@pytest.mark.parametrize(
    ("val_losses", "course", "epoch"),
    [
        ([2.0, 1.0, 0.6, 0.52, 0.5, 0.5], "settled", 4),  # 0.02 of 1.5 is left at epoch 4
        ([2.0, 1.0, 0.6, 0.56, 0.5], "settled", 4),  # 0.06 of 1.5, 4 %
        ([2.0, 1.0, 0.6, 0.58, 0.5], "falling", 5),  # 0.08 of 1.5, 5.3 %
        ([2.0, 1.0, 0.5, 0.9, 0.5, 0.9], "settled", 3),  # noise afterwards changes nothing
        ([2.0, 0.5, 0.8, 1.2, 1.9], "settled", 2),  # nor does over-fitting
        ([2.0, 1.5, 1.0], "falling", 3),
        ([0.693, 0.694, 0.692, 0.693], "flat", 4),
        ([0.5, 0.6, 0.7], "rising", 3),
        ([2.0, 0.5], "unknown", 2),
        ([2.0], "unknown", 1),
        ([2.0, math.nan, 0.5], "unknown", 3),
    ],
)
def test_course(val_losses: list[float], course: str, epoch: int) -> None:
    found = facts(val_losses)
    assert (found.course, found.epoch) == (course, epoch)
    assert found.first == val_losses[0]


def test_the_synthetic_lab_settles_where_the_sheet_says() -> None:
    assert (loss_facts(learning()).course, loss_facts(learning()).epoch) == ("settled", 6)
    assert loss_facts(wandering()).course == "flat"


@pytest.mark.parametrize(
    ("val_losses", "losses", "turned_up"),
    [
        ([2.0, 0.5, 0.6], [1.0, 0.5, 0.3], True),
        ([2.0, 0.5, 0.55], [1.0, 0.5, 0.3], False),  # 3 % of the fall
        ([2.0, 0.5, 0.6], [1.0, 0.5, 0.7], False),  # the training loss rises too
        ([0.5, 0.6, 0.7], [0.5, 0.4, 0.3], True),
        ([0.5, 0.505, 0.508], [0.5, 0.4, 0.3], False),  # 2 % above the best is noise
        ([2.0, 1.0, 0.5], [1.0, 0.5, 0.3], False),
        ([2.0], [1.0], False),
    ],
)
def test_turned_up(val_losses: list[float], losses: list[float], turned_up: bool) -> None:
    assert facts(val_losses, losses).turned_up is turned_up


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=25))
def test_facts_hold_for_any_curve(val_losses: list[float]) -> None:
    found = facts(val_losses)
    assert found.best == min(val_losses) == val_losses[found.best_epoch - 1]
    assert 1 <= found.epoch <= len(val_losses)
    if found.course == "settled":
        best_so_far = min(val_losses[: found.epoch])
        assert best_so_far - found.best <= 0.05 * (found.first - found.best)
        before = min(val_losses[: found.epoch - 1])
        assert before - found.best > 0.05 * (found.first - found.best)
