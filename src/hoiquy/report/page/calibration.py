"""The reliability diagram: coordinates of its dots, bars and ticks in calibration.html."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hoiquy.nn.metrics import CalibrationBin

# The frame in calibration.html; the bars of documents are at its lower edge.
LEFT, RIGHT, TOP, BOTTOM = 48.0, 348.0, 24.0, 308.0
BARS = 48.0  # height of the tallest bar
INSET = 6.0  # keeps dots off the edges


@dataclass(frozen=True)
class Tick:
    at: float
    value: float  # fraction


@dataclass(frozen=True)
class Dot:
    """A bin: accuracy by confidence, the ideal accuracy, and its documents as a bar."""

    x: float
    y: float
    ideal: float  # y where accuracy equals confidence
    bar_x: float
    bar_width: float
    bar_y: float
    bar_height: float


@dataclass(frozen=True)
class CalibrationDrawing:
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    diagonal: str  # of an SVG path


def draw_calibration(bins: Sequence[CalibrationBin], classes: int) -> CalibrationDrawing:
    """Lay out at least one bin. The confidence is at least 1 / classes."""
    start = math.floor(10 / classes) / 10
    bottom = min([start, *(math.floor(10 * one.accuracy) / 10 for one in bins)])
    most = max(one.documents for one in bins)

    def x(value: float) -> float:
        return round(LEFT + INSET + (value - start) / (1 - start) * (RIGHT - LEFT - 2 * INSET), 1)

    def y(value: float) -> float:
        height = BOTTOM - BARS - TOP - 2 * INSET
        return round(TOP + INSET + (1 - value) / (1 - bottom) * height, 1)

    dots = tuple(
        Dot(
            x=x(one.confidence),
            y=y(one.accuracy),
            ideal=y(max(one.confidence, bottom)),
            bar_x=round(x(max(one.low, start)) + 1, 1),
            bar_width=round(max(x(one.high) - x(max(one.low, start)) - 2, 1.0), 1),
            bar_y=round(BOTTOM - BARS * one.documents / most, 1),
            bar_height=round(BARS * one.documents / most, 1),
        )
        for one in bins
    )
    return CalibrationDrawing(
        dots=dots,
        x_ticks=tuple(Tick(x(value), value) for value in _tenths(start)),
        y_ticks=tuple(Tick(y(value), value) for value in _tenths(bottom)),
        diagonal=f"M{x(max(start, bottom))} {y(max(start, bottom))}L{x(1.0)} {y(1.0)}",
    )


def _tenths(first: float) -> list[float]:
    """Ticks from `first` to 1, every tenth, or every fifth for a long scale."""
    step = 1 if first >= 0.4 else 2
    return [number / 10 for number in range(10, round(10 * first) - 1, -step)][::-1]
