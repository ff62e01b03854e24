"""The training of a Keras model as the history and the `[training]` table of a run."""

from collections.abc import Mapping
from typing import Any

from hoiquy.errors import InputError
from hoiquy.keras.losses import get as get_loss
from hoiquy.nn.plain_data.optimizers import optimizer_table
from hoiquy.recipe.model import LOSSES
from hoiquy.runs.history import EpochRecord

_ACCURACIES = (
    "accuracy", "acc", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
)  # fmt: skip
_CROSSENTROPIES = {
    "binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}  # fmt: skip
_LARGEST_RATE = 10.0  # of a recipe


def history_records(model: Any) -> tuple[list[EpochRecord], list[str]]:
    """The epochs of the last `fit`, and a note if they are not enough for a run's curves."""
    if model.history is None or not model.history.epoch:
        return [], ["the model was not trained by fit: there are no curves"]
    logs: Mapping[str, list[Any]] = model.history.history
    accuracy = next((name for name in _ACCURACIES if name in list(logs)), None)
    if accuracy is None:
        return [], ["compiled without metrics=['accuracy']: there are no curves"]
    needed = ("loss", accuracy, "val_loss", f"val_{accuracy}")
    epochs = len(model.history.epoch)
    if any(len(logs.get(name, ())) != epochs for name in needed):
        return [], ["trained without validation data in every epoch: there are no curves"]
    rates = next((logs[name] for name in ("learning_rate", "lr") if name in list(logs)), None)
    rate = _rate(model)
    return [
        EpochRecord(
            epoch=at + 1,
            loss=float(logs["loss"][at]),
            accuracy=float(logs[accuracy][at]),
            val_loss=float(logs["val_loss"][at]),
            val_accuracy=float(logs[f"val_{accuracy}"][at]),
            learning_rate=float(rates[at]) if rates is not None else rate,
        )
        for at in range(epochs)
    ], []


def training_table(model: Any, activation: str, epochs: int) -> tuple[dict[str, Any], list[str]]:
    """The `[training]` table, and notes on what it cannot say."""
    table: dict[str, Any] = {"loss": LOSSES[activation]}
    notes: list[str] = []
    if model.batch_size is not None:
        table["batch_size"] = model.batch_size
    if model.history is not None and model.history.epoch:
        table["epochs"] = max(epochs, len(model.history.epoch))
    if not model.compiled:
        return table, ["the model is not compiled: [training] has the defaults of a recipe"]
    optimizer, rate = model.optimizer.nn, _rate(model)
    try:
        of_optimizer = optimizer_table(optimizer)
        table["optimizer"] = of_optimizer
    except InputError as error:
        notes.append(f"[training]: {error}")
    if callable(optimizer.learning_rate):
        notes.append("[training] has the last learning rate, not its schedule")
    if 0 < rate <= _LARGEST_RATE:
        table["learning_rate"] = rate
    notes += _loss(model, activation, table)
    return table, notes


def _loss(model: Any, activation: str, table: dict[str, Any]) -> list[str]:
    """Add the loss's label smoothing; notes on another loss."""
    loss = None if model.loss is None else get_loss(model.loss)
    made = None if loss is None else loss.make()
    smoothing = float(getattr(made, "label_smoothing", 0.0))
    if 0 < smoothing < 1:
        table["label_smoothing"] = smoothing
    name = getattr(loss, "name", None)
    if made is None or _CROSSENTROPIES.get(str(name)) == activation:
        return []
    return [f"compiled with the loss {name}; the recipe has {LOSSES[activation]}"]


def _rate(model: Any) -> float:
    return float(model.optimizer.learning_rate) if model.compiled else 0.0
