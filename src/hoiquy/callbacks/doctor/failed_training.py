"""Detect a failed training: at the majority share, or far below a bag-of-words model.

Checked at the end, on the validation documents and with the final weights. It is the first
diagnostic of a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hoiquy.callbacks.doctor.during_training import (
    FAST,
    SLOW,
    History,
    Setting,
    Values,
    chance_at,
)
from hoiquy.callbacks.doctor.suggested_settings import (
    with_early_stopping,
    with_learning_rate,
    with_more_epochs,
    with_smaller_layer,
    with_smaller_steps,
    with_word_weights,
)
from hoiquy.comparison.judgement import WEAK_SKILL, accuracy_at
from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.history import EpochRecord
from hoiquy.training.early_stopping import best_epoch

FEWEST_DOCUMENTS = 20  # in the validation set; with fewer the interval is too wide
FAR = 0.1  # below a bag of words; good networks may be some points below
BY_HEART = 0.1  # training above validation accuracy: memorised
# Causes with a diagnostic that suggests a setting, the likeliest first.
_OTHER_CAUSES = (
    "ranks_as_magnitudes", "padding_forgotten_right", "padding_forgotten_left",
    "vanishing_gradients",
)  # fmt: skip
_WITHOUT_CAUSE = ("chance_unexplained", "chance_by_heart")


@dataclass(frozen=True)
class Validated:
    """The number of validation documents and the accuracy of a bag of words on them.

    bag_of_words: a fraction, or None if unknown.
    """

    documents: int
    bag_of_words: float | None


def failure(
    setting: Setting, history: History, validated: Validated, others: Sequence[Diagnostic]
) -> Diagnostic | None:
    """Return the diagnostic of a failed training, if it failed.

    others: the diagnostics from before and during the training. Not checked with class weights,
    which do not maximise accuracy.
    """
    if not history or setting.recipe.training.class_weight != "none":
        return None
    kept = _kept(setting.recipe, history)
    found = next((one for one in others if one.key.startswith("chance_")), None)
    found = found or _at_majority(setting, history, kept, validated, others)
    if _is_far_below(kept, validated) and (found is None or found.key in _WITHOUT_CAUSE):
        return _below_bag_of_words(setting, history, kept, validated, others)
    return found


def _kept(recipe: Recipe, history: History) -> EpochRecord:
    """The epoch of the final weights."""
    stopping = recipe.training.early_stopping
    return history[best_epoch(history, stopping) - 1 if stopping.restore_best else -1]


def _at_majority(
    setting: Setting, history: History, kept: EpochRecord, validated: Validated,
    others: Sequence[Diagnostic],
) -> Diagnostic | None:  # fmt: skip
    """The validation accuracy is not detectably above that of the majority class.

    Chance level is reported only where the accuracy itself would be of no use.
    """
    if validated.documents < FEWEST_DOCUMENTS:
        return None
    low, high = _interval(kept.val_accuracy, validated)
    if low > setting.val_majority:
        return None
    found = chance_at(setting, history, kept)
    is_fitted = kept.accuracy > accuracy_at(WEAK_SKILL, setting.train_majority)
    if found.key == "chance_unexplained" and is_fitted and _is_by_heart(kept, high):
        line = _against_memorising(setting.recipe, others)
        return Diagnostic("chance_by_heart", found.values, line)
    is_of_use = kept.val_accuracy > accuracy_at(WEAK_SKILL, setting.val_majority)
    return None if is_of_use else found


def _is_by_heart(kept: EpochRecord, high: float) -> bool:
    """high: end of the interval of the validation accuracy."""
    return kept.accuracy > max(kept.val_accuracy + BY_HEART, high)


def _is_far_below(kept: EpochRecord, validated: Validated) -> bool:
    """By at least FAR, and with disjoint 95% intervals."""
    bag_of_words = validated.bag_of_words
    if bag_of_words is None or validated.documents < FEWEST_DOCUMENTS:
        return False
    _, high = _interval(kept.val_accuracy, validated)
    low, _ = _interval(bag_of_words, validated)
    return bag_of_words - kept.val_accuracy >= FAR and high < low


def _interval(accuracy: float, validated: Validated) -> tuple[float, float]:
    return accuracy_interval(round(accuracy * validated.documents), validated.documents)


def _below_bag_of_words(
    setting: Setting, history: History, kept: EpochRecord, validated: Validated,
    others: Sequence[Diagnostic],
) -> Diagnostic:  # fmt: skip
    assert validated.bag_of_words is not None
    values: Values = {
        "epochs": len(history),
        "train": kept.accuracy,
        "validation": kept.val_accuracy,
        "majority": round(setting.val_majority, 4),
        "bag_of_words": round(validated.bag_of_words, 4),
        "rate": setting.recipe.training.learning_rate,
    }
    cause, line = _cause(setting.recipe, kept, validated.bag_of_words, others)
    return Diagnostic(f"below_bag_of_words_{cause}", values, line)


def _cause(
    recipe: Recipe, kept: EpochRecord, bag_of_words: float, others: Sequence[Diagnostic]
) -> tuple[str, str]:
    lines = {one.key: one.setting for one in others}
    for key in _OTHER_CAUSES:
        if line := lines.get(key):
            return "from_other", line
    rate = recipe.training.learning_rate
    if rate > FAST or "loss_jumps" in lines:
        return "from_large_steps", with_smaller_steps(recipe)
    if kept.accuracy >= bag_of_words:
        return "by_heart", with_word_weights(recipe) or _against_memorising(recipe, others)
    if rate < SLOW:
        return "from_few_steps", with_learning_rate(recipe, 10)
    return "from_few_steps", with_more_epochs(recipe)


def _against_memorising(recipe: Recipe, others: Sequence[Diagnostic]) -> str:
    """Early stopping; a smaller network if the recipe or another diagnostic has it already."""
    is_known = any(one.key == "over_fitting" for one in others)
    if not is_known and not recipe.training.early_stopping.restore_best:
        return with_early_stopping(recipe)
    return with_smaller_layer(recipe)
