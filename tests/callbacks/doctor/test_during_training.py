"""What a history shows: rules that depend on nothing else, on curves drawn by hand."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hoiquy.callbacks.doctor.during_training import Setting, diagnostics_so_far, new_diagnostics
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs.history import EpochRecord


def setting(*changes: str, recipe: Recipe | None = None) -> Setting:
    recipe = (recipe or load_recipe("bai3")).with_settings(changes)
    return Setting(recipe, train_majority=0.5, val_majority=0.5)


def history(
    losses: Sequence[float],
    val_losses: Sequence[float] | None = None,
    accuracy: float = 0.8,
    **gradients: dict[str, float],
) -> list[EpochRecord]:
    return [
        EpochRecord(epoch, loss, accuracy, val_loss, accuracy, 1e-4, **gradients)
        for epoch, (loss, val_loss) in enumerate(
            zip(losses, val_losses or losses, strict=True), start=1
        )
    ]


def keys(chosen: Setting, records: Sequence[EpochRecord]) -> list[str]:
    return [diagnostic.key for diagnostic in diagnostics_so_far(chosen, records)]


FALLING = [1.0, 0.8, 0.6, 0.5, 0.45, 0.4]
TURNED = [1.0, 0.7, 0.6, 0.65, 0.75, 0.9]


def test_a_curve_that_falls_is_nothing_to_tell() -> None:
    assert keys(setting(), history(FALLING)) == []


def test_over_fitting_is_told_two_epochs_after_the_best_and_names_it() -> None:
    reported = {
        epochs: new_diagnostics(setting(), history(FALLING, TURNED)[:epochs])
        for epochs in range(1, 7)
    }
    assert [epochs for epochs, found in reported.items() if found] == [5]
    (found,) = reported[5]
    assert (found.key, found.values["best_epoch"], found.epoch) == ("over_fitting", 3, 5)
    assert found.setting == "training.early_stopping={patience=2, restore_best=true}"


@given(st.lists(st.tuples(st.floats(0.1, 2), st.floats(0.1, 2)), min_size=1, max_size=12))
def test_what_is_new_after_an_epoch_is_what_began_there(losses: list[tuple[float, float]]) -> None:
    records = history(*map(list, zip(*losses, strict=True)))
    began = [one for one in diagnostics_so_far(setting(), records) if one.epoch == len(records)]
    assert new_diagnostics(setting(), records) == began


def test_at_the_last_epoch_one_is_enough() -> None:
    assert keys(setting("training.epochs=4"), history(FALLING[:4], TURNED[:4])) == ["over_fitting"]
    assert keys(setting(), history(FALLING[:4], TURNED[:4])) == []


def test_who_keeps_the_best_weights_need_not_be_told() -> None:
    chosen = setting("training.early_stopping.restore_best=true")
    assert keys(chosen, history(FALLING, TURNED)) == []


def test_the_monitored_measure_stays_as_it_was() -> None:
    chosen = setting("training.early_stopping.monitor=val_accuracy")
    (found,) = diagnostics_so_far(chosen, history(FALLING, TURNED))
    changed = chosen.recipe.with_settings([str(found.setting)]).training.early_stopping
    assert (changed.monitor, changed.patience, changed.restore_best) == ("val_accuracy", 2, True)


def test_what_holds_no_more_is_not_found_at_the_end() -> None:
    recovered = [*TURNED, 0.5, 0.4]
    records = history([*FALLING, 0.35, 0.3], recovered)
    assert keys(setting(), records[:6]) == ["over_fitting"]
    assert keys(setting(), records) == []


def test_a_finding_says_since_when_it_holds() -> None:
    again = [1.0, 0.7, 0.6, 0.65, 0.75, 0.5, 0.55, 0.65]
    records = history([*FALLING, 0.35, 0.3], again)
    (found,) = diagnostics_so_far(setting(), records)
    assert (found.epoch, found.values["best_epoch"]) == (8, 6)


def test_chance_is_told_after_three_epochs_or_when_two_are_all() -> None:
    records = history([0.7, 0.7, 0.7], accuracy=0.53)
    assert [bool(new_diagnostics(setting(), records[:n])) for n in (1, 2, 3)] == [
        False,
        False,
        True,
    ]
    assert keys(setting("training.epochs=2"), records[:2]) == ["chance_unexplained"]
    assert keys(setting("training.epochs=1"), records[:1]) == []


def test_chance_is_measured_against_the_most_frequent_class() -> None:
    records = history([0.3, 0.3, 0.3], accuracy=0.905)
    unbalanced = Setting(load_recipe("bai3"), train_majority=0.9, val_majority=0.9)
    assert keys(setting(), records) == []
    assert keys(unbalanced, records) == ["chance_unexplained"]
    known = replace(unbalanced, found_before=frozenset({"class_imbalance"}))
    assert keys(known, records) == ["chance_from_imbalance"]


VANISHED = {"embedding": 1e-6, "lstm": 0.5, "dense": 0.1}


def test_the_layer_that_gets_no_gradient_is_named_whatever_the_order() -> None:
    for order in (VANISHED, dict(sorted(VANISHED.items()))):
        (found,) = diagnostics_so_far(setting(), history([0.7], gradient_norms=order))
        assert (found.values["layer"], found.values["above"]) == ("embedding", "lstm")


def test_a_large_gradient_below_a_small_one_has_not_vanished() -> None:
    upside_down = {"embedding": 0.5, "lstm": 0.1, "dense": 1e-6}
    assert keys(setting(), history([0.7], gradient_norms=upside_down)) == []


def test_who_has_learnt_needs_no_gradients() -> None:
    assert keys(setting(), history([0.7], accuracy=0.96, gradient_norms=VANISHED)) == []


def test_an_explosion_is_remembered() -> None:
    records = history(FALLING, largest_gradient_norms={"lstm": 5.0, "dense": 30.0})
    assert keys(setting(), records) == []
    records[2] = replace(records[2], largest_gradient_norms={"lstm": 5e3, "dense": 30.0})
    (found,) = diagnostics_so_far(setting(), records)
    assert (found.key, found.values["layer"], found.epoch) == ("exploding_gradients", "lstm", 3)
    assert found.setting == "training.clip_norm=1"
    clipped = setting("training.clip_norm=5")
    (found,) = diagnostics_so_far(clipped, records)
    assert found.setting == "training.learning_rate=1e-05"


def test_large_numbers_in_make_large_gradients_and_are_told_of_already() -> None:
    records = history(FALLING, largest_gradient_norms={"simple_rnn": 5e3})
    assert keys(setting(recipe=load_recipe("bai1")), records) == []


def test_a_loss_that_jumps() -> None:
    assert keys(setting(), history([1.0, 0.8, 1.0, 0.7])) == ["loss_jumps"]
    assert keys(setting(), history([1.0, 0.8, 0.85, 0.7])) == []  # as in the lab's exercise 2
    assert keys(setting(), history([1.0, 0.01, 0.03, 0.01])) == []  # near zero


def test_a_history_from_before_gradients_were_measured_is_no_reason_to_stop() -> None:
    assert keys(setting(), history(FALLING)) == []
