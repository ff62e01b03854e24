"""Draws the boxes and arrows of a diagram with Matplotlib."""

from collections.abc import Sequence
from typing import Any

from hoiquy.keras.utils.diagram import Diagram

_LETTER, _LINE, _GAP = 0.095, 0.24, 0.45  # inches: a letter, a line of a box, between boxes


def _ranks(diagram: Diagram) -> list[int]:
    """The row of each box: one after the last of those that lead to it."""
    ranks = [0] * len(diagram.boxes)
    for _ in ranks:  # at most as many passes as there are boxes
        before = list(ranks)
        for start, end in diagram.edges:
            ranks[end] = max(ranks[end], ranks[start] + 1)
        if ranks == before:
            break
    return ranks


def figure_of(diagram: Diagram, texts: Sequence[str], downwards: bool) -> Any:
    """A figure of Matplotlib with a box for each text, its arrows downwards or to the right."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ranks = _ranks(diagram)
    width = max(len(line) for text in texts for line in text.split("\n")) * _LETTER + 0.3
    height = max(text.count("\n") + 1 for text in texts) * _LINE + 0.2
    across, along = (width, height) if downwards else (height, width)
    places = []
    for at, rank in enumerate(ranks):
        beside = [other for other, one in enumerate(ranks) if one == rank]
        offset = (beside.index(at) - (len(beside) - 1) / 2) * (across + _GAP)
        distance = rank * (along + _GAP)
        places.append((offset, -distance) if downwards else (distance, offset))
    xs, ys = zip(*places, strict=True)
    left, right = min(xs) - width / 2 - 0.1, max(xs) + width / 2 + 0.1
    low, high = min(ys) - height / 2 - 0.1, max(ys) + height / 2 + 0.1
    figure = Figure(figsize=(right - left, high - low))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(low, high))
    axes.set_axis_off()
    for (x, y), text in zip(places, texts, strict=True):
        corner = (x - width / 2, y - height / 2)
        axes.add_patch(_box_patch(corner, width, height))
        axes.text(x, y, text, ha="center", va="center", family="monospace", fontsize=9)
    for start, end in diagram.edges:
        (x0, y0), (x1, y1) = places[start], places[end]
        tail = (x0, y0 - height / 2) if downwards else (x0 + width / 2, y0)
        head = (x1, y1 + height / 2) if downwards else (x1 - width / 2, y1)
        axes.annotate("", xy=head, xytext=tail, arrowprops={"arrowstyle": "-|>", "color": "black"})
    return figure


def _box_patch(corner: tuple[float, float], width: float, height: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, facecolor="white", edgecolor="black")
