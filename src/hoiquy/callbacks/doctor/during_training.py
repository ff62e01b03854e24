"""Diagnostics from the history of a training alone, so that resuming changes nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hoiquy.callbacks.doctor.suggested_settings import (
    CHARACTERS,
    with_early_stopping,
    with_learning_rate,
    with_one_recurrent_layer,
    with_smaller_steps,
    with_tanh,
)
from hoiquy.comparison.judgement import WEAK_SKILL, accuracy_at, loss_facts
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.history import EpochRecord
from hoiquy.training.model_building import layer_names

History = Sequence[EpochRecord]
Values = dict[str, int | float | str]

TEXTS_WITHOUT_WORDS = "texts_without_words"  # a diagnostic from before the first epoch
EPOCHS_AT_CHANCE = 3  # or all, if there are fewer: some good networks need two to start
VANISHED = 1e-3  # of the largest gradient above; deep networks that learn have 2e-3
FITTED = 0.95  # training accuracy from which small gradients are expected
EXPLODED = 100.0  # norm of a layer's gradient at any step; good trainings stay below 40
JUMPED = 0.1  # rise above the lowest training loss so far, as a share of it
JUMPED_OF_FIRST = 0.05  # and of the first epoch's loss, for losses near zero
EPOCHS_TOO_MANY = 2  # after the best one, before overfitting is reported during training
SLOW = 1e-4  # learning rate; smaller than any of the lab's
FAST = 0.05  # learning rate; Adam moves each weight by about this, the size of weights


@dataclass(frozen=True)
class Setting:
    """The recipe and reference accuracies of a training."""

    recipe: Recipe
    train_majority: float  # accuracy of always predicting the majority class
    val_majority: float
    found_before: frozenset[str] = frozenset()  # keys of the diagnostics before the first epoch
    val_documents: int | None = None  # None takes the validation set as large


def diagnostics_so_far(setting: Setting, history: History) -> list[Diagnostic]:
    """Diagnostics that hold after the last epoch; `epoch` is when each began to hold."""
    return [
        replace(diagnostic, epoch=_since(diagnostic.key, setting, history))
        for diagnostic in _holding(setting, history)
    ]


def new_diagnostics(setting: Setting, history: History) -> list[Diagnostic]:
    """Diagnostics that hold after the last epoch and did not after the previous one."""
    before = {found.key for found in _holding(setting, history[:-1])} if len(history) > 1 else set()
    return [
        replace(diagnostic, epoch=len(history))
        for diagnostic in _holding(setting, history)
        if diagnostic.key not in before
    ]


def _since(key: str, setting: Setting, history: History) -> int:
    """The epoch since which a diagnostic holds without interruption."""
    epoch = len(history)
    while epoch > 1 and key in {found.key for found in _holding(setting, history[: epoch - 1])}:
        epoch -= 1
    return epoch


def _holding(setting: Setting, history: History) -> list[Diagnostic]:
    rules: tuple[Callable[[Setting, History], Iterator[Diagnostic]], ...] = (
        _chance, _vanishing, _exploding, _jumping, _over_fitting,
    )  # fmt: skip
    return [diagnostic for rule in rules for diagnostic in rule(setting, history)]


def _chance(setting: Setting, history: History) -> Iterator[Diagnostic]:
    """Neither training nor validation accuracy is above chance level.

    Not checked with class weights, which do not maximise accuracy.
    """
    if setting.recipe.training.class_weight != "none":
        return
    end, planned = history[-1], setting.recipe.training.epochs
    enough = max(2, min(EPOCHS_AT_CHANCE, planned))
    above = end.accuracy > accuracy_at(WEAK_SKILL, setting.train_majority)
    above |= end.val_accuracy > accuracy_at(WEAK_SKILL, setting.val_majority)
    if len(history) >= enough and not above:
        yield chance_at(setting, history, end)


def chance_at(setting: Setting, history: History, record: EpochRecord) -> Diagnostic:
    """The diagnostic "at chance level after an epoch", with its likeliest cause."""
    values: Values = {
        "epochs": len(history),
        "train": record.accuracy,
        "validation": record.val_accuracy,
        "majority": round(setting.val_majority, 4),
        "rate": setting.recipe.training.learning_rate,
    }
    cause, line = _cause_of_chance(setting, history)
    return Diagnostic(f"chance_{cause}", values, line)


_CAUSES_FOUND_BEFORE = {
    "ranks_as_magnitudes": "from_ranks",
    TEXTS_WITHOUT_WORDS: "from_words",
    "padding_forgotten_right": "from_padding",
    "padding_forgotten_left": "from_padding",
    "class_imbalance": "from_imbalance",
}


def _cause_of_chance(setting: Setting, history: History) -> tuple[str, str | None]:
    """The likeliest cause observed, and a setting unless another diagnostic suggests it."""
    recipe = setting.recipe
    for before, cause in _CAUSES_FOUND_BEFORE.items():
        if before in setting.found_before:
            return cause, CHARACTERS if cause == "from_words" else None
    if recipe.training.learning_rate > FAST or any(_jumping(setting, history)):
        return "from_large_steps", with_smaller_steps(recipe)
    if _vanished(setting, history[-1]):
        return "from_gradients", None
    if recipe.training.learning_rate < SLOW:
        return "from_small_steps", with_learning_rate(recipe, 10)
    return "unexplained", f"training.epochs={2 * recipe.training.epochs}"


def _vanishing(setting: Setting, history: History) -> Iterator[Diagnostic]:
    """The gradient of a layer is a thousand times smaller than that of a layer above it."""
    end = history[-1]
    layers = _vanished(setting, end)
    if layers is None:
        return
    layer, above = layers
    values: Values = {
        "layer": layer,
        "norm": end.gradient_norms[layer],
        "above": above,
        "largest": end.gradient_norms[above],
        "in_epoch": end.epoch,
    }
    yield Diagnostic("vanishing_gradients", values, _cure_of_vanishing(setting, history, layer))


def _vanished(setting: Setting, record: EpochRecord) -> tuple[str, str] | None:
    """The lowest layer with a vanished gradient, and the layer above with the largest one."""
    norms = record.gradient_norms
    layers = [layer for layer in layer_names(setting.recipe) if layer in norms]
    if record.accuracy >= FITTED:
        return None
    for at, layer in enumerate(layers):
        above = max(layers[at:], key=lambda name: norms[name])
        if norms[layer] < VANISHED * norms[above]:
            return layer, above
    return None


def _cure_of_vanishing(setting: Setting, history: History, layer: str) -> str:
    """The likeliest remedy, for dead ReLUs, too many layers, or saturation by large steps."""
    recipe = setting.recipe
    if history[-1].gradient_norms[layer] == 0:
        no_relus = with_tanh(recipe)
        if no_relus:
            return no_relus
    if _vanished(setting, history[0]):  # already in the untrained network
        fewer_layers = with_one_recurrent_layer(recipe)
        if fewer_layers:
            return fewer_layers
    return with_smaller_steps(recipe)


def _exploding(setting: Setting, history: History) -> Iterator[Diagnostic]:
    """The gradient of a layer was too large at some step."""
    recipe = setting.recipe
    if recipe.model.input == "values":  # large inputs have another diagnostic
        return
    for record in history:
        norms = record.largest_gradient_norms
        layer = max(sorted(norms), key=lambda name: norms[name], default="")
        if layer and norms[layer] >= EXPLODED:
            line = "training.clip_norm=1" if recipe.training.clip_norm is None else None
            line = line or with_tanh(recipe) or with_smaller_steps(recipe)
            values: Values = {"layer": layer, "norm": norms[layer], "in_epoch": record.epoch}
            yield Diagnostic("exploding_gradients", values, line)
            return


def _jumping(setting: Setting, history: History) -> Iterator[Diagnostic]:
    """The training loss of an epoch is above an earlier one: the steps are too large.

    The mean over all documents has little noise; with small enough steps it falls.
    """
    losses = [record.loss for record in history]
    least = losses[0]
    for epoch, loss in enumerate(losses, start=1):
        if loss - least > max(JUMPED * least, JUMPED_OF_FIRST * losses[0]):
            rate = setting.recipe.training.learning_rate
            values = {"in_epoch": epoch, "loss": loss, "least": least, "rate": rate}
            yield Diagnostic("loss_jumps", values, with_smaller_steps(setting.recipe))
            return
        least = min(least, loss)


def _over_fitting(setting: Setting, history: History) -> Iterator[Diagnostic]:
    """The validation loss rises while the training loss falls; see `loss_facts`.

    Not reported at chance level.
    """
    training = setting.recipe.training
    if training.early_stopping.restore_best or any(_chance(setting, history)):
        return
    facts = loss_facts(history, setting.val_documents)
    since = len(history) - facts.best_epoch
    if facts.turned_up and (since >= EPOCHS_TOO_MANY or len(history) == training.epochs):
        values = {
            "best_epoch": facts.best_epoch,
            "best": facts.best,
            "last_epoch": len(history),
            "last": facts.last,
        }
        yield Diagnostic("over_fitting", values, with_early_stopping(setting.recipe))
