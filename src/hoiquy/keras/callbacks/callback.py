"""The base class of callbacks."""

from typing import Any

Logs = dict[str, Any]


class Callback:
    """Methods that `fit`, `evaluate` and `predict` call. Subclasses override some of them.

    `logs` holds metrics by name: at the end of a batch the means since the epoch's start, at the
    end of an epoch also those of the validation data, with the prefix "val_". All callbacks of an
    epoch share one dict; values that one adds appear in the history.

    Attributes:
        params: "verbose", "epochs" and "steps" of the call; of `fit` also what Keras 1 and 2 had.
        model: The model that is trained or evaluated.
        validation_data: As in Keras 2.2, inputs, targets and sample weights in one list, unless the
            script has set it itself; None before `fit`.
    """

    _validation_data: Any = None

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self._model: Any = None

    def __getattr__(self, name: str) -> Any:
        if name == "validation_data":  # unless the script has set it
            return self._validation_data
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def model(self) -> Any:
        """The model that is trained or evaluated."""
        return getattr(self, "_model", None)  # subclasses may not call super().__init__

    @model.setter
    def model(self, model: Any) -> None:
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Receive the parameters of the call."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Receive the model."""
        self._model = model

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called after the last epoch, with its logs."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before an epoch; the first is 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after an epoch and its validation."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a training step; the first of an epoch is 0."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a training step."""
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before an evaluation or a validation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after an evaluation or a validation."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of an evaluation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before a prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called after a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of a prediction."""
