"""The base class of Keras' metrics."""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from hoiquy.keras.configured import Configured
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.metrics.script import StatefulMetric
from hoiquy.keras.names import automatic_name, snake_case
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
        if type(self) is Metric:
            raise self._error_of_script_class()
        if self._is_of_script:
            self.name = self.name or snake_case(type(self).__name__)
            self.nn: streaming.Metric = StatefulMetric(name=self.name, metric=self)
            return
        if getattr(self, "axis", -1) != -1:
            raise NotSupportedError(f"{type(self).__name__}: only axis=-1, the last, is supported")
        if getattr(self, "from_sorted_ids", False):
            raise NotSupportedError(f"{type(self).__name__}: from_sorted_ids is not supported")
        self.name = self.name or automatic_name(type(self).__name__)
        self.nn = self.make()

    @property
    def _is_of_script(self) -> bool:
        return type(self).__module__.partition(".")[0] != "hoiquy"

    def add_weight(
        self, name: Any = None, shape: Any = (), initializer: Any = "zeros", dtype: Any = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """An array that counts, of zeros by default; for classes of a script."""
        given = {"name": name, "shape": shape, "initializer": initializer or "zeros", **kwargs}
        if not isinstance(name, str | None):
            given |= {"name": None, "shape": name}
        added = late("layers.added_weights").added_weight(self.name or "metric", (), given)
        self.__dict__.setdefault("_variables", []).append(added.variable)
        return added.variable

    add_variable = add_weight

    @property
    def variables(self) -> list[Any]:
        """The arrays that count, of a class of a script."""
        return list(self.__dict__.get("_variables", []))

    weights = variables

    def forget(self) -> None:
        """Forget all batches, as the class of a script does, or by setting its arrays to 0."""
        kind = type(self)
        if kind.reset_state is not Metric.reset_state:
            self.reset_state()
        elif kind.reset_states is not Metric.reset_states:
            self.reset_states()
        else:
            for held in (*self.variables, *vars(self).values()):
                if isinstance(held, Metric):
                    held.reset_state()
                elif hasattr(held, "assign"):
                    held.assign(np.zeros_like(held.value))

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
        if self._is_of_script:
            self.forget()
        else:
            self.nn.reset()

    reset_states = reset_state

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Any:
        """Count a batch; returns the measure of all batches so far."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()
