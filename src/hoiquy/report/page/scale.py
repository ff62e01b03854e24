"""Scales of the small SVG figures in the templates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, MARGIN = 180.0, 16.0  # in the viewBox of intervals.html
_STEPS = (1, 2, 5)  # times a power of ten


@dataclass(frozen=True)
class Scale:
    """A horizontal scale from `low` to `high`, with ticks at round numbers."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int  # that distinguish the ticks in percentage points

    def x(self, value: float) -> float:
        """The x coordinate of a value in the viewBox, clipped to the scale."""
        share = (value - self.low) / (self.high - self.low)
        return round(MARGIN + min(max(share, 0.0), 1.0) * (WIDTH - 2 * MARGIN), 1)


@dataclass(frozen=True)
class Plot:
    """One value with its interval. Fractions, or differences of fractions."""

    value: float
    low: float | None = None
    high: float | None = None
    published: float | None = None
    seeds: tuple[float, ...] = ()
    zero: float | None = None


def scale_of(plots: Sequence[Plot], least_span: float) -> Scale | None:
    """A scale that fits all plots, at least `least_span` long; None without plots."""
    values = [value for plot in plots for value in _values(plot)]
    if not values:
        return None
    low, high = min(values), max(values)
    spare = max(least_span - (high - low), 0.0) / 2
    low, high = low - spare, high + spare
    step = round_step(high - low, most=4)
    decimals = max(0, -math.floor(math.log10(step) + 2 + 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(number * step, 10) for number in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, decimals)


def round_step(span: float, most: int) -> float:
    """The smallest round step (1, 2 or 5 times a power of ten) of which `most` cover `span`."""
    power = 10.0 ** math.floor(math.log10(span / most))
    steps = [step * power for step in (*_STEPS, 10)]
    return next(step for step in steps if step * most >= span * (1 - 1e-9))


def _values(plot: Plot) -> list[float]:
    known = [plot.value, plot.low, plot.high, plot.published, plot.zero, *plot.seeds]
    return [value for value in known if value is not None and math.isfinite(value)]
