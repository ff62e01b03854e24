"""What all optimizers share: learning rate, clipping, weight decay, averages, and their state."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.kernels import Array, Gradient, LookupGradient, RowGradient
from hoiquy.nn.optimizers.clipping import (
    clipped_by_global_norm,
    clipped_by_norm,
    clipped_by_value,
)
from hoiquy.nn.optimizers.schedules import Schedule
from hoiquy.nn.shards import ShardPool

STEP = "step"
AVERAGE = "average"  # the slot of moving averages of the parameters
_CHUNK = 1 << 17  # numbers of a parameter that one thread updates at a time


@dataclass
class Optimizer(ABC):
    """Updates parameters in place, as Keras 3 does; settings are Keras' own.

    Of a RowGradient only its rows and their slots are updated, as in TensorFlow Addons' LazyAdam.

    Attributes:
        learning_rate: A number, which may be set at any time, or a schedule.
        weight_decay: Before each update parameters lose this share of themselves, times the
            learning rate (Loshchilov and Hutter 2019).
        no_weight_decay: Names of parameters without weight decay.
        clipnorm: The largest norm of each gradient.
        clipvalue: The largest absolute value of each entry of a gradient.
        global_clipnorm: The largest norm of all gradients as one vector.
        use_ema: Whether to keep moving averages of the parameters (slot "average").
        ema_momentum: Their momentum.
        ema_overwrite_frequency: The parameters become their averages every so many updates.
        decay: Divides the learning rate by 1 + decay * updates, as Keras 1 and 2 did.
        step: The number of updates so far.
        slots: By slot, then by parameter: arrays of the parameters' shapes.
        lr_multipliers: By parameter: an array of its shape by which its change is multiplied.
    """

    learning_rate: float | Schedule = 0.001
    weight_decay: float | None = field(default=None, kw_only=True)
    no_weight_decay: frozenset[str] = field(default=frozenset(), kw_only=True)
    clipnorm: float | None = field(default=None, kw_only=True)
    clipvalue: float | None = field(default=None, kw_only=True)
    global_clipnorm: float | None = field(default=None, kw_only=True)
    use_ema: bool = field(default=False, kw_only=True)
    ema_momentum: float = field(default=0.99, kw_only=True)
    ema_overwrite_frequency: int | None = field(default=None, kw_only=True)
    decay: float = field(default=0.0, kw_only=True)
    step: int = field(default=0, kw_only=True)
    slots: dict[str, dict[str, Array]] = field(default_factory=dict, kw_only=True)
    lr_multipliers: dict[str, Array] = field(default_factory=dict, kw_only=True)

    _pool: ShardPool | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        clips = {
            name: getattr(self, name)
            for name in ("clipnorm", "clipvalue", "global_clipnorm")
            if getattr(self, name) is not None
        }
        if len(clips) > 1:
            given = ", ".join(f"{name}={value}" for name, value in clips.items())
            raise InputError(f"{given}: expected only one way to clip gradients")

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        schedule = self.learning_rate
        rate = schedule(self.step) if callable(schedule) else schedule
        return rate / (1 + self.decay * self.step) if self.decay else rate

    def update(
        self,
        parameters: dict[str, Array],
        gradients: Mapping[str, Gradient],
        pool: ShardPool | None = None,
    ) -> None:
        """Update the parameters, in place, by one step; those without a gradient stay.

        Args:
            parameters: By name.
            gradients: By name.
            pool: Threads that share large parameters; the bits are the same.

        Raises:
            ShapeError: A gradient does not fit its parameter.
        """
        self._pool = pool
        try:
            self._update(parameters, gradients)
        finally:
            self._pool = None

    def _update(self, parameters: dict[str, Array], gradients: Mapping[str, Gradient]) -> None:
        rate = self.rate
        self.step += 1
        clipped = self._clipped({n: gradients[n] for n in parameters if n in gradients})
        for name, gradient in clipped.items():
            parameter = parameters[name]
            if self.weight_decay is not None and name not in self.no_weight_decay:
                kind = parameter.dtype.type
                parameter -= parameter * kind(self.weight_decay) * kind(rate)
            self._update_parameter(name, parameter, gradient, rate)
        if self.use_ema:
            self._average(parameters)

    def finalize(self, parameters: dict[str, Array]) -> None:
        """After training with `use_ema`: set the parameters to their moving averages."""
        for name, average in self.slots.get(AVERAGE, {}).items():
            parameters[name][...] = average

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The state, not copied: the step, and every slot by `slot/parameter`."""
        slots = {
            f"{slot}/{name}": array
            for slot, arrays in self.slots.items()
            for name, array in arrays.items()
        }
        return {STEP: np.array(self.step, np.int64), **slots}

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restore a state from `arrays()`, copied. Raises InputError for another optimizer's."""
        slots: dict[str, dict[str, Array]] = {}
        for place, array in arrays.items():
            if place != STEP:
                slot, _, name = place.partition("/")
                slots.setdefault(slot, {})[name] = array.copy()
        expected = {*self._slot_values(), *([AVERAGE] if self.use_ema else [])}
        if STEP not in arrays or (slots and slots.keys() != expected):
            found = ", ".join(sorted(slots)) or "no step"
            raise InputError(
                f"not the state of {type(self).__name__}: it has {found}, "
                f"expected {', '.join(sorted(expected)) or 'only the step'}"
            )
        self.step, self.slots = int(arrays[STEP]), slots

    @property
    def slot_values(self) -> dict[str, float]:
        """The slots of a parameter, without moving averages, and their initial values."""
        return self._slot_values()

    @property
    def slot_names(self) -> list[str]:
        """The arrays that are kept for each parameter."""
        return list(self._slot_values())

    @abstractmethod
    def _slot_values(self) -> dict[str, float]:
        """The slots of a parameter and their initial values, in the order of `_update_array`."""

    @abstractmethod
    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        """Update a parameter and its slots in place; `step` counts this update already."""

    @property
    def moves_without_gradient(self) -> bool:
        """Whether a parameter changes whose gradients have all been zero (weight decay aside)."""
        return False

    def _update_parameter(
        self, name: str, parameter: Array, gradient: Gradient, rate: float
    ) -> None:
        arrays = [parameter, *self._slots_of(name, parameter)]
        if isinstance(gradient, LookupGradient):
            gradient = gradient.added()
        if isinstance(gradient, RowGradient):
            self._update_rows(name, arrays, gradient, rate)
        elif gradient.shape == parameter.shape:
            self._update_scaled(name, slice(None), arrays, gradient, rate)
        else:
            raise ShapeError(
                f"the gradient {gradient.shape} of {name} does not fit it: {parameter.shape}"
            )

    def _update_rows(
        self, name: str, arrays: list[Array], gradient: RowGradient, rate: float
    ) -> None:
        """Update some rows of a parameter and of its slots."""
        parts = [array[gradient.rows] for array in arrays]
        self._update_scaled(name, gradient.rows, parts, gradient.values, rate)
        for array, updated in zip(arrays, parts, strict=True):
            array[gradient.rows] = updated

    def _update_scaled(
        self, name: str, rows: Any, arrays: list[Array], gradient: Array, rate: float
    ) -> None:
        """Update parameter and slots (`arrays`), the rows `rows` of the whole ones."""
        parameter, *slots = arrays
        multipliers = self.lr_multipliers.get(name)
        if multipliers is None:
            self._update_chunks(parameter, gradient, slots, rate)
            return
        change = np.zeros_like(parameter)
        self._update_array(change, gradient, slots, rate)
        parameter += multipliers[rows] * change

    def _update_chunks(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        """`_update_array`, which computes each number for itself, by runs of rows."""
        if parameter.ndim == 0:
            self._update_array(parameter, gradient, slots, rate)
            return
        chunks = self.chunks(parameter)
        tasks = [(parameter[c], gradient[c], [slot[c] for slot in slots], rate) for c in chunks]
        self.run(self._update_array, tasks)

    def chunks(self, array: Array) -> list[slice]:
        """Runs of rows for the threads."""
        if self._pool is None or array.size < 2 * _CHUNK:
            return [slice(None)]
        rows = max(1, _CHUNK * len(array) // array.size)
        return [slice(i, i + rows) for i in range(0, len(array), rows)]

    def run(self, function: Callable[..., None], tasks: Sequence[tuple[Any, ...]]) -> None:
        """Call a function with each of the arguments, on the threads."""
        on_threads = starmap if self._pool is None else self._pool.starmap
        for _ in on_threads(function, tasks):
            pass

    def _slots_of(self, name: str, parameter: Array) -> list[Array]:
        """The slots of a parameter, created at its first update."""
        found = []
        for slot, value in self._slot_values().items():
            arrays = self.slots.setdefault(slot, {})
            if name not in arrays:
                shape, dtype = parameter.shape, parameter.dtype
                arrays[name] = np.full(shape, value, dtype) if value else np.zeros(shape, dtype)
            found.append(arrays[name])
        return found

    def _clipped(self, gradients: dict[str, Gradient]) -> dict[str, Gradient]:
        if self.clipnorm:
            return clipped_by_norm(gradients, self.clipnorm)
        if self.global_clipnorm:
            return clipped_by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue:
            return clipped_by_value(gradients, self.clipvalue)
        return gradients

    def _average(self, parameters: dict[str, Array]) -> None:
        """Update the moving averages; the first ones are the parameters themselves."""
        averages = self.slots.setdefault(AVERAGE, {})
        for name, parameter in parameters.items():
            if name not in averages:
                averages[name] = parameter.copy()
                continue
            kind = parameter.dtype.type
            average = averages[name]
            average *= kind(self.ema_momentum)
            average += kind(1 - self.ema_momentum) * parameter
        every = self.ema_overwrite_frequency
        if every and self.step % every == 0:
            self.finalize(parameters)
