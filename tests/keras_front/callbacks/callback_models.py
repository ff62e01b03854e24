"""A stand-in for a model, which callbacks drive without training anything."""

from types import SimpleNamespace
from typing import Any


class OneNumberModel:
    """Its weights are the number of the last epoch; `saved` lists the paths it was saved to."""

    def __init__(self, learning_rate: float = 0.1, metrics: tuple[Any, ...] = ()) -> None:
        self.optimizer = SimpleNamespace(learning_rate=learning_rate)
        self.metrics = list(metrics)
        self.stop_training = False
        self.weights: list[Any] = [None]
        self.saved: list[str] = []
        self.history: Any = None

    def get_weights(self) -> list[Any]:
        return list(self.weights)

    def set_weights(self, weights: list[Any]) -> None:
        self.weights = list(weights)

    def save(self, path: str, overwrite: bool = True) -> None:
        self.saved.append(str(path))

    save_weights = save


def run_epochs(callbacks: Any, model: Any, series: list[dict[str, float]], steps: int = 0) -> int:
    """Drive callbacks through epochs with these logs; returns how many ran.

    `callbacks` has the methods of a callback and has the model already.
    """
    callbacks.on_train_begin()
    epoch = -1
    for epoch, logs in enumerate(series):
        callbacks.on_epoch_begin(epoch, {})
        for step in range(steps):
            callbacks.on_train_batch_begin(step, {})
            callbacks.on_train_batch_end(step, {"loss": logs["loss"]})
        model.weights = [epoch]
        callbacks.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    callbacks.on_train_end({})
    return epoch + 1
