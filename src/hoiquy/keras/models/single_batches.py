"""Training, scoring and predicting single batches."""

from typing import Any, cast

from hoiquy.keras import usage
from hoiquy.keras.errors import as_value_errors
from hoiquy.keras.models.compiling import Compiling, returned
from hoiquy.keras.models.data import one_batch
from hoiquy.keras.models.options import ignore_options
from hoiquy.keras.models.protocol import BuildableModel
from hoiquy.training.arrays import Arrays


class SingleBatches(Compiling):
    """`train_on_batch`, `test_on_batch` and `predict_on_batch`."""

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None,
        return_dict: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """One training step on one batch; returns its loss and metrics.

        Args:
            x: As in `fit`: arrays (rows, …).
            y: As in `fit`.
            sample_weight: As in `fit`.
            class_weight: As in `fit`.
            return_dict: Whether to return a dictionary by name, else the loss or a list.
            **kwargs: Arguments of Keras 1 and 2, such as `reset_metrics`.

        Raises:
            KerasError: As `fit`.
            KerasTypeError: An argument is unknown.
        """
        self._prepare_single(kwargs)
        with usage.timed("train_on_batch"), as_value_errors():
            self.require_compiled()
            batch = one_batch(cast(BuildableModel, self), x, y, sample_weight, class_weight)
            trainer = self.prepared_trainer(Arrays(batch))
            return returned(trainer.train_batch(batch), trainer.objectives, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Score one batch; returns its loss and metrics.

        Args:
            x: As in `fit`: arrays (rows, …).
            y: As in `fit`.
            sample_weight: As in `fit`.
            return_dict: As in `train_on_batch`.
            **kwargs: As in `train_on_batch`.

        Raises:
            KerasError: As `fit`.
            KerasTypeError: An argument is unknown.
        """
        self._prepare_single(kwargs)
        with usage.timed("test_on_batch"), as_value_errors():
            self.require_compiled()
            batch = one_batch(cast(BuildableModel, self), x, y, sample_weight)
            trainer = self.prepared_trainer(Arrays(batch))
            return returned(trainer.test_batch(batch), trainer.objectives, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, arrays (rows, …). Raises KerasError, as `predict`."""
        with usage.timed("predict_on_batch"), as_value_errors():
            model = cast(BuildableModel, self)
            batch = one_batch(model, x, None, None)
            outputs = self.trainer_for_predictions().predict_batch(batch.inputs)
            return model.packed_outputs(list(outputs))

    def _prepare_single(self, kwargs: dict[str, Any]) -> None:
        """Read options of older releases; metrics are those of this batch, unless kept."""
        if kwargs.pop("reset_metrics", True):
            self.reset_metrics()
        self.show_accuracy(kwargs.pop("accuracy", False))
        ignore_options("train_on_batch", kwargs, {})
