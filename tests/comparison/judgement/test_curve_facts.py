"""Where a loss settles and whether it has turned up, on curves drawn by hand."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.comparison.judgement.curves import LossFacts, loss_facts
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
        ([2.0, 1.0, 0.6, 0.56, 0.5], "slowing", 4),  # 0.06 of 1.5, 4 %, but only one epoch later
        ([2.0, 1.0, 0.6, 0.58, 0.5], "falling", 5),  # 0.08 of 1.5, 5.3 %
        ([2.0, 1.0, 0.5, 0.9, 0.5, 0.5], "settled", 3),  # noise afterwards changes nothing
        ([2.0, 0.5, 0.8, 1.2, 1.9], "turned", 5),
        ([2.0, 1.0, 0.5, 0.5, 0.9], "turned", 5),
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


def with_rates(val_losses: list[float], rates: list[float]) -> LossFacts:
    count = len(val_losses)
    history = epochs(val_losses, val_losses, [0.5] * count, [0.5] * count)
    return loss_facts(
        [replace(one, learning_rate=rate) for one, rate in zip(history, rates, strict=True)], 5_000
    )


def test_the_end_of_a_schedule_is_no_convergence() -> None:
    """A cosine of 20 epochs: the loss stops falling at epoch 14 because the rate does."""
    cosine = [0.5 * (1 + math.cos(math.pi * at / 20)) for at in range(1, 21)]
    losses = [1.0]
    for rate in cosine[1:]:
        losses.append(losses[-1] - 0.06 * rate)
    found = with_rates(losses, cosine)
    assert (found.course, found.epoch) == ("ended", 14)
    assert found.rate == pytest.approx(cosine[13] / cosine[0])
    assert with_rates(losses, [1e-3] * 20).course == "settled"  # the same curve, a constant rate


def test_a_loss_that_settles_long_before_the_schedule_ends_has_settled() -> None:
    cosine = [0.5 * (1 + math.cos(math.pi * at / 20)) for at in range(1, 21)]
    losses = [0.3 + 0.4 * 0.3**at for at in range(20)]
    found = with_rates(losses, cosine)
    assert (found.course, found.epoch) == ("settled", 4)


def test_a_quarter_of_the_training_is_enough_to_have_settled() -> None:
    losses = [0.3 + 0.4 * 0.8**at for at in range(15)] + [0.3 + 0.4 * 0.8**15] * 5
    assert with_rates(losses, [1e-4] * 20).course == "settled"


def test_a_long_training_whose_last_epochs_still_gain_has_not_settled() -> None:
    losses = [1.0 - 0.02 * at for at in range(30)]
    assert with_rates(losses, [1e-3] * 30).course == "slowing"


@pytest.mark.parametrize(
    ("documents", "course"), [(12, "noisy"), (100, "noisy"), (2_500, "settled"), (None, "settled")]
)
def test_few_documents_do_not_show_a_small_fall(documents: int | None, course: str) -> None:
    losses = [0.69, 0.64, 0.603, 0.601, 0.6, 0.6, 0.6]
    assert loss_facts(epochs(losses, losses, losses, losses), documents).course == course


@pytest.mark.parametrize(("documents", "risen"), [(12, False), (25, False), (100, True)])
def test_few_documents_do_not_show_a_small_rise(documents: int, risen: bool) -> None:
    val_losses = [1.0, 0.5, 0.4, 0.46]
    losses = [1.0, 0.5, 0.4, 0.3]
    found = loss_facts(epochs(losses, val_losses, losses, losses), documents)
    assert (found.risen, found.turned_up) == (risen, risen)


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
