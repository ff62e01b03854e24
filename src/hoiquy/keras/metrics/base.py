"""The base class of Keras' metrics."""

from typing import Any, ClassVar, Literal

import numpy as np

from hoiquy.keras.configured import Configured
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.metrics.script import StatefulMetric
from hoiquy.keras.names import automatic_name, snake_case
from hoiquy.keras.tensors import AnyArray, EagerTensor, eager_tensor
from hoiquy.keras.values.operators import as_plain
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
        if getattr(self, "axis", -1) != -1:
            raise NotSupportedError(f"{type(self).__name__}: only axis=-1, the last, is supported")
        if getattr(self, "from_sorted_ids", False):
            raise NotSupportedError(f"{type(self).__name__}: from_sorted_ids is not supported")
        if not self.is_of_script:
            self.name = self.name or automatic_name(type(self).__name__)
            self.nn: streaming.Metric = self.make()
            self._counting = self.nn
            return
        self.name = self.name or snake_case(type(self).__name__)
        self.nn = StatefulMetric(name=self.name, metric=self)
        if self._built_in is not None:  # what `super().update_state(…)` counts with
            self._counting = self.make()

    @property
    def _built_in(self) -> type["Metric"] | None:
        """The metric of this package that a class of the script derives from, if any."""
        ours = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("hoiquy."))
        return None if ours is Metric else ours

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
        if self.defines("reset_state", Metric):
            self.reset_state()
        elif self.defines("reset_states", Metric):
            self.reset_states()
        else:
            if self._built_in is not None:
                self._counting.reset()
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
            return streaming.METRICS[(self._built_in or type(self)).__name__](
                *positional, **settings
            )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch, but for steps that the mask of the predictions leaves out."""
        weights = None if sample_weight is None else as_array(sample_weight)
        predictions = np.asarray(as_array(y_pred), np.float32)
        mask = getattr(y_pred, "_keras_mask", None)
        self._counting.update(as_array(y_true), predictions, weights, mask)

    def result(self) -> Any:
        """The measure of all batches so far, float32."""
        return measured(self._counting.result())

    def reset_state(self) -> None:
        """Forget all batches."""
        if self.is_of_script:
            self.forget()
        else:
            self.nn.reset()

    reset_states = reset_state

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count a batch; returns the measure of all batches so far."""
        if sample_weight is None:  # a class of the script need not take weights
            self.update_state(y_true, y_pred)
        else:
            self.update_state(y_true, y_pred, sample_weight)
        return self.result()


def as_array(values: Any) -> AnyArray:
    """The numbers of an array, a list, or a tensor in the code of a script."""
    return np.asarray(as_plain(values))


def measured(value: Any) -> EagerTensor:
    """A measure as a tensor of float32."""
    return eager_tensor(np.asarray(value, np.float32), None)
