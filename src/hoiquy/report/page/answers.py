"""Predictions on the page: confusion matrix, errors by length, misclassified examples."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hoiquy.nn.metrics import Evaluation
from hoiquy.runs.misclassified import LengthBin, Misclassified

SHADES = 10  # steps of the confusion table's shading; page.css has a rule for each
SHOWN = 10  # misclassified examples
BEGINNING = 240  # characters of a text shown before it is expanded
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)  # frequent in reviews from web pages
BAR = 200  # width of the longest bar, in its viewBox


@dataclass(frozen=True)
class Cell:
    """Documents of one true class and one predicted class."""

    documents: int
    share: float  # of the documents of the class
    shade: int
    correct: bool


@dataclass(frozen=True)
class Length:
    """Documents of `low` to `high` words, and their errors."""

    low: int
    high: int | None
    documents: int
    errors: int
    share: float
    bar: float


@dataclass(frozen=True)
class ShownExample:
    """A misclassified document; its text in two parts, of which the second may be empty."""

    label: str
    predicted: str
    confidence: float
    beginning: str
    rest: str


def confusion_cells(evaluation: Evaluation) -> list[list[Cell]]:
    """The confusion matrix, one row per true class."""
    rows = []
    for label, counts in enumerate(evaluation.confusion.tolist()):
        total = max(sum(counts), 1)
        rows.append(
            [
                Cell(count, count / total, round(SHADES * count / total), predicted == label)
                for predicted, count in enumerate(counts)
            ]
        )
    return rows


def lengths(bins: Sequence[LengthBin]) -> list[Length]:
    """Errors by length, with bars on one scale."""
    shares = [one.errors / one.documents if one.documents else 0.0 for one in bins]
    longest = max(shares, default=0.0) or 1.0
    return [
        Length(one.low, one.high, one.documents, one.errors, share, round(BAR * share / longest, 1))
        for one, share in zip(bins, shares, strict=True)
    ]


def shown_misclassified(misclassified: Misclassified, classes: Sequence[str]) -> list[ShownExample]:
    """The most confident errors for display."""
    return [
        ShownExample(
            names_of(one.label, classes),
            names_of(one.predicted, classes),
            one.confidence,
            *_in_two(" ".join(_LINE_BREAK.sub(" ", one.text).split())),
        )
        for one in misclassified.most_confident[:SHOWN]
    ]


def names_of(labels: int | tuple[int, ...], classes: Sequence[str]) -> str:
    """The names of one class number or several; a dash for none."""
    numbers = labels if isinstance(labels, tuple) else (labels,)
    return ", ".join(classes[at] for at in numbers) or "–"


def _in_two(text: str) -> tuple[str, str]:
    """Split a text between two words; a text that is hardly longer stays whole."""
    if len(text) <= BEGINNING + 60:
        return text, ""
    beginning, _, _ = text[: BEGINNING + 1].rpartition(" ")
    beginning = beginning or text[:BEGINNING]
    return beginning, text[len(beginning) :].lstrip()
