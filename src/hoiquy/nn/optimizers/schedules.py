"""Learning rates that depend on the number of updates so far, as in Keras 3."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from hoiquy.errors import InputError

Schedule = Callable[[int], float]  # updates so far → learning rate of the next one


def _check_steps(name: str, steps: float) -> None:
    if steps <= 0:
        raise InputError(f"{name}={steps}: expected a number of steps above 0")


@dataclass(frozen=True)
class _PeriodicDecay:
    """A decay by so many updates.

    staircase: whether step / decay_steps is rounded down.
    """

    initial_learning_rate: float
    decay_steps: float
    decay_rate: float
    staircase: bool = False

    def __post_init__(self) -> None:
        _check_steps("decay_steps", self.decay_steps)

    def _periods(self, step: int) -> float:
        periods = step / self.decay_steps
        return math.floor(periods) if self.staircase else periods


class ExponentialDecay(_PeriodicDecay):
    """initial * decay_rate ^ (step / decay_steps)."""

    def __call__(self, step: int) -> float:
        return float(self.initial_learning_rate * self.decay_rate ** self._periods(step))


class InverseTimeDecay(_PeriodicDecay):
    """initial / (1 + decay_rate * step / decay_steps)."""

    def __call__(self, step: int) -> float:
        return self.initial_learning_rate / (1 + self.decay_rate * self._periods(step))


@dataclass(frozen=True)
class PiecewiseConstantDecay:
    """values[i] for steps after boundaries[i - 1] up to and including boundaries[i]."""

    boundaries: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.boundaries) + 1:
            raise InputError(
                f"{len(self.boundaries)} boundaries need {len(self.boundaries) + 1} values, "
                f"got {len(self.values)}"
            )

    def __call__(self, step: int) -> float:
        return self.values[sum(step > boundary for boundary in self.boundaries)]


@dataclass(frozen=True)
class PolynomialDecay:
    """From the initial learning rate to `end_learning_rate` along (1 - step / decay_steps)^power.

    cycle: whether decay_steps grows to the next multiple once it is reached; else the learning
        rate stays at its end.
    """

    initial_learning_rate: float
    decay_steps: float
    end_learning_rate: float = 1e-4
    power: float = 1.0
    cycle: bool = False

    def __post_init__(self) -> None:
        _check_steps("decay_steps", self.decay_steps)

    def __call__(self, step: int) -> float:
        steps = self.decay_steps
        if self.cycle:
            steps *= max(1, math.ceil(step / steps))
        fraction = min(step, steps) / steps
        fall = self.initial_learning_rate - self.end_learning_rate
        return float(fall * (1 - fraction) ** self.power + self.end_learning_rate)


@dataclass(frozen=True)
class CosineDecay:
    """Half a cosine to alpha times the highest rate (Loshchilov and Hutter 2017).

    warmup_target: where given, the rate first rises to it, linearly in `warmup_steps`, and the
        cosine starts from there.
    """

    initial_learning_rate: float
    decay_steps: float
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: float = 0

    def __post_init__(self) -> None:
        _check_steps("decay_steps", self.decay_steps)

    def __call__(self, step: int) -> float:
        if self.warmup_target is None:
            return self._decayed(step, self.initial_learning_rate)
        if step < self.warmup_steps:
            rise = self.warmup_target - self.initial_learning_rate
            return rise * step / self.warmup_steps + self.initial_learning_rate
        return self._decayed(step - self.warmup_steps, self.warmup_target)

    def _decayed(self, step: float, highest: float) -> float:
        cosine = 0.5 * (1 + math.cos(math.pi * min(step, self.decay_steps) / self.decay_steps))
        return highest * ((1 - self.alpha) * cosine + self.alpha)


@dataclass(frozen=True)
class CosineDecayRestarts:
    """Cosine decay that restarts, each period t_mul times as long as the last.

    m_mul: the factor of the highest rate from one period to the next.
    alpha: the lowest rate as a share of the initial one.
    """

    initial_learning_rate: float
    first_decay_steps: float
    t_mul: float = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0

    def __post_init__(self) -> None:
        _check_steps("first_decay_steps", self.first_decay_steps)
        if self.t_mul < 1:
            raise InputError(f"t_mul={self.t_mul}: expected 1 or more")

    def __call__(self, step: int) -> float:
        start, period, restarts = 0.0, float(self.first_decay_steps), 0
        if self.t_mul == 1:
            restarts = int(step // period)
            start = restarts * period
        else:
            while step >= start + period:
                start, period, restarts = start + period, period * self.t_mul, restarts + 1
        height = 0.5 * self.m_mul**restarts
        cosine = height * (1 + math.cos(math.pi * (step - start) / period))
        return float(self.initial_learning_rate * ((1 - self.alpha) * cosine + self.alpha))
