"""The common style of figures: seaborn's theme, number formats, axis ranges.

Figures use matplotlib's objects, not pyplot, which has global state. matplotlib is imported inside
the functions because that takes longer than importing the rest of hoiquy.
"""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hoiquy.messages import Lang, format_number
from hoiquy.system.atomic_write import make_folder, write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Formatter

# blue, red and grey of seaborn's "deep", distinct for colour-blind readers
TRAIN_COLOUR, VALIDATION_COLOUR, TEST_COLOUR = "C0", "C2", "0.3"

# DejaVu Sans comes with matplotlib and has all Vietnamese letters: same figure everywhere
_THEME: list[str | Path | dict[str, Any]] = [
    "seaborn-v0_8-darkgrid",
    "seaborn-v0_8-deep",
    {"font.family": "DejaVu Sans"},
]


@contextmanager
def theme() -> Iterator[None]:
    """Context with seaborn's theme."""
    from matplotlib import style

    with style.context(_THEME):
        yield


def save_figure(figure: "Figure", path: Path) -> None:
    """Write a PNG or an SVG by its suffix, and make its folder.

    The same figure gives the same bytes. Raises HoiquyError if it cannot be written.
    """
    from matplotlib import rc_context

    buffer = io.BytesIO()
    kind = path.suffix.removeprefix(".")
    nothing_of_today = {"Date": None} if kind == "svg" else {"Software": None}
    with rc_context({"svg.hashsalt": "hoiquy"}):  # makes the ids inside reproducible
        figure.savefig(buffer, format=kind, metadata=nothing_of_today)
    make_folder(path.parent)
    write_bytes(path, buffer.getvalue())


def show_epochs(axes: "Axes", epochs: int, most_ticks: int) -> None:
    """Put whole epochs on the x axis, with a margin at both ends."""
    from matplotlib.ticker import MaxNLocator

    spare = max(0.5, 0.045 * epochs)
    axes.set_xlim(1 - spare, epochs + spare)
    if epochs <= most_ticks:
        axes.set_xticks(range(1, epochs + 1))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def show_values(axes: "Axes", values: Sequence[float], least_span: float, lang: Lang) -> None:
    """Fit the y axis to `values`, at least `least_span` high, with numbers in the format of `lang`.

    Without a least span, the noise of a network that learns nothing would fill the picture.
    """
    from matplotlib.ticker import MaxNLocator

    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    spare = max(least_span - (high - low), 0) / 2
    margin = 0.12 * max(high - low, least_span)
    axes.set_ylim(low - spare - margin, high + spare + margin)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(tick_formatter(lang))


def tick_formatter(lang: Lang) -> "Formatter":
    """A formatter that writes all numbers of an axis with the same number of decimals."""
    from matplotlib.ticker import Formatter

    class LocalisedFormatter(Formatter):
        def __call__(self, value: float, position: int | None = None) -> str:
            return format_number(value, "general", lang)

        def format_ticks(self, values: Sequence[float]) -> list[str]:
            plain = [f"{value:.6f}".rstrip("0") for value in values]
            decimals = max((len(number.partition(".")[2]) for number in plain), default=0)
            return [format_number(value, f"decimal{decimals}", lang) for value in values]

    return LocalisedFormatter()
