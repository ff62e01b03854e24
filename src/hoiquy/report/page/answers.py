"""What the page shows of a network's answers: the confusion table, lengths, mistakes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hoiquy.nn.metrics import Evaluation
from hoiquy.runs.misclassified import LengthBin, Misclassified

SHADES = 10  # steps of the confusion table's shading; page.css has a rule for each
SHOWN = 10  # mistakes; more would be a list nobody reads
BEGINNING = 240  # characters of a text that are shown before it is opened
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)  # reviews from web pages are full of them
BAR = 200  # width of the longest bar, in its viewBox


@dataclass(frozen=True)
class Cell:
    """Documents of one class that got one answer."""

    documents: int
    share: float  # of the documents of the class
    shade: int
    right: bool


@dataclass(frozen=True)
class Length:
    """Documents of `low` to `high` words, and how many were answered wrongly."""

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
    """The confusion matrix row by row, a row a class."""
    rows = []
    for label, counts in enumerate(evaluation.confusion.tolist()):
        total = max(sum(counts), 1)
        rows.append(
            [
                Cell(count, count / total, round(SHADES * count / total), answer == label)
                for answer, count in enumerate(counts)
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
    """The most confident mistakes, ready to be shown."""
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
    """The name of a class number; of several, all names, or a dash where there is none."""
    numbers = labels if isinstance(labels, tuple) else (labels,)
    return ", ".join(classes[at] for at in numbers) or "–"


def _in_two(text: str) -> tuple[str, str]:
    """Cut a text between two words; a text that is hardly longer stays whole."""
    if len(text) <= BEGINNING + 60:
        return text, ""
    beginning, _, _ = text[: BEGINNING + 1].rpartition(" ")
    beginning = beginning or text[:BEGINNING]
    return beginning, text[len(beginning) :].lstrip()
