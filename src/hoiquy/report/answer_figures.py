"""Figures of the test predictions: confusion matrix and reliability diagram."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hoiquy.messages import Lang, format_number, text
from hoiquy.nn.metrics import Evaluation
from hoiquy.report.plotting import TEST_COLOUR, TRAIN_COLOUR, save_figure, theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DARK = 0.55  # share from which the text of a cell is white


def draw_confusion(
    evaluation: Evaluation, classes: Sequence[str], title: str, paths: Sequence[Path], lang: Lang
) -> None:
    """Draw the documents of each true class by predicted class, shaded by share of the true class.

    Args:
        evaluation: measures of the test predictions, with the confusion matrix.
        classes: class names, in the order of the matrix.
        title: first line of the title.
        paths: files to write, PNG or SVG.
        lang: language of the labels.

    Raises:
        HoiquyError: a file cannot be written.
    """
    counts = evaluation.confusion
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    with theme():
        figure = _figure(title, text("page.confusion", lang))
        axes = figure.subplots()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for row, column in ((r, c) for r in range(len(classes)) for c in range(len(classes))):
            words = format_number(int(counts[row, column]), "integer", lang)
            share = float(shares[row, column])
            axes.text(
                column, row, f"{words}\n{format_number(share, 'percent1', lang)}", fontsize=13,
                ha="center", va="center", color="white" if share > _DARK else "black",
            )  # fmt: skip
        axes.set_xticks(range(len(classes)), classes)
        axes.set_yticks(range(len(classes)), classes)
        axes.grid(False)
        axes.set_xlabel(text("page.predicted", lang), fontsize=13)
        axes.set_ylabel(text("page.truth", lang), fontsize=13)
        axes.tick_params(labelsize=12)
        _save(figure, paths)


def draw_reliability(evaluation: Evaluation, title: str, paths: Sequence[Path], lang: Lang) -> None:
    """Draw accuracy over confidence; the size of a dot is the number of documents.

    Raises HoiquyError if a file cannot be written.
    """
    bins = evaluation.reliability
    confidence = [100 * one.confidence for one in bins]
    accuracy = [100 * one.accuracy for one in bins]
    most = max(one.documents for one in bins)
    low = min([*confidence, *accuracy, 50.0]) - 3
    with theme():
        figure = _figure(title, text("page.reliability", lang))
        axes = figure.subplots()
        axes.plot([low, 100], [low, 100], color=TEST_COLOUR, linestyle="--", linewidth=1.5)
        axes.plot(confidence, accuracy, color=TRAIN_COLOUR, linewidth=1.8)
        sizes = [20 + 180 * one.documents / most for one in bins]
        axes.scatter(confidence, accuracy, s=sizes, color=TRAIN_COLOUR, zorder=3)
        axes.set_xlim(low, 103)
        axes.set_ylim(low, 103)
        axes.set_xlabel(f"{text('page.confidence', lang)} (%)", fontsize=13)
        axes.set_ylabel(text("curve.accuracy_axis", lang), fontsize=13)
        axes.tick_params(labelsize=12)
        _save(figure, paths)


def _figure(title: str, subtitle: str) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.4), dpi=150, layout="constrained")
    figure.suptitle(f"{title}\n{subtitle}", fontsize=13, fontweight="bold")
    return figure


def _save(figure: "Figure", paths: Sequence[Path]) -> None:
    for path in paths:
        save_figure(figure, path)
