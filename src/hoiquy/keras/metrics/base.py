"""The base class of Keras' metrics."""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from hoiquy.keras.configured import Configured
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.names import automatic_name
from hoiquy.nn.metrics import streaming

Direction = Literal["up", "down"]
_NOT_OF_NN = ("dtype", "axis", "from_sorted_ids")


class Metric(Configured):
    """A metric: `update_state(y_true, y_pred)`, `result()`, `reset_state()`.

    direction: "up" where larger values are better, "down" where smaller ones are, else None.
    nn: the metric of `hoiquy.nn` that counts.
    """

    MODULE = "keras.metrics"
    OMITTED: ClassVar[tuple[str, ...]] = ("dtype",)
    direction: ClassVar[Direction | None] = None
    name: Any = None
    dtype: Any = None

    def _check(self) -> None:
        if type(self).__module__.partition(".")[0] != "hoiquy" or type(self) is Metric:
            raise self._error_of_script_class()
        if getattr(self, "axis", -1) != -1:
            raise NotSupportedError(f"{type(self).__name__}: only axis=-1, the last, is supported")
        if getattr(self, "from_sorted_ids", False):
            raise NotSupportedError(f"{type(self).__name__}: from_sorted_ids is not supported")
        self.name = self.name or automatic_name(type(self).__name__)
        self.nn = self.make()

    def make(self) -> streaming.Metric:
        """A metric of `hoiquy.nn` with the same settings. Raises KerasError for wrong ones."""
        settings = {n: getattr(self, n) for n in self.ARGUMENTS if n not in _NOT_OF_NN}
        return self._made(**settings)

    def _made(self, *positional: Any, **settings: Any) -> streaming.Metric:
        with self.as_keras_errors():
            return streaming.METRICS[type(self).__name__](*positional, **settings)

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Count a batch."""
        weights = None if sample_weight is None else np.asarray(sample_weight)
        self.nn.update(np.asarray(y_true), np.asarray(y_pred, np.float32), weights)

    def result(self) -> Any:
        """The measure of all batches so far, float32."""
        return np.asarray(self.nn.result(), np.float32)[()]

    def reset_state(self) -> None:
        """Forget all batches."""
        self.nn.reset()

    reset_states = reset_state

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Any:
        """Count a batch; returns the measure of all batches so far."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()
