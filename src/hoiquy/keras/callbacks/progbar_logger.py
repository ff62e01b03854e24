"""Prints the progress and metrics of training, evaluation and prediction."""

from typing import Any

from hoiquy.keras.callbacks.callback import Callback, Logs
from hoiquy.keras.messages import print_message
from hoiquy.keras.progress_bar import ProgressBar


class ProgbarLogger(Callback):
    """Shows a progress bar; `fit`, `evaluate` and `predict` add it unless verbose=0."""

    def __init__(self, count_mode: str = "steps", stateful_metrics: Any = None) -> None:
        """Both arguments are of Keras 2 and have no effect."""
        super().__init__()
        self._bar: ProgressBar | None = None
        self._in_fit = False
        self._steps_seen = 0
        self.set_params({})

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs: int = params.get("epochs") or 1
        self.target: int | None = params.get("steps")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._in_fit = True  # the validation in it is silent

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.verbose and self.epochs > 1:
            print_message(f"Epoch {epoch + 1}/{self.epochs}")
        self._start()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._start()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._update(batch, logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, None)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._finish(None)

    def close(self) -> None:
        """End the line after an interruption."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None
        self._in_fit = False

    def _start(self) -> None:
        self._steps_seen = 0
        self._bar = ProgressBar(self.target, self.verbose)

    def _update(self, batch: int, logs: Logs | None) -> None:
        self._steps_seen = batch + 1
        if self._bar is not None:
            self._bar.update(self._steps_seen, logs or {})

    def _finish(self, logs: Logs | None) -> None:
        if self._bar is not None:
            self.target = self.target or self._steps_seen  # of a generator, after its first epoch
            self._bar.finish(self._steps_seen, logs or {})
        self._bar = None
