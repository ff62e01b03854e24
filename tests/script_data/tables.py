"""Tables of texts, entities, names and series, as dictionaries of columns.

A column is filled by what its name tells: `review`, `comment_text` and `v2` are texts,
`sentiment`, `label` and `v1` classes, `Date` days, `Close` numbers. Texts follow the first column
of classes of the table.
"""

import datetime
import re
from collections.abc import Mapping, Sequence

import numpy as np

from script_data.texts import name_of, tagged_sentence, text_of

Table = dict[str, list[object]]

TOXIC = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
_CLASSES: dict[str, Sequence[object]] = {
    "sentiment": ("positive", "negative"),
    "airline_sentiment": ("positive", "negative", "neutral"),
    "v1": ("ham", "spam"),
    "category": ("ham", "spam"),
    "gender": ("f", "m"),
    "emotion": ("joy", "sadness", "neutral", "anger", "fear", "surprise"),
    "label|target|class|polarity|is_.*|spam|score_class": (1, 0),
}
_TEXTS = (
    r"text|.*_text|comment.*|.*review.*|message|sms|tweet|content|phrase|sentence|headline|title|body|question.*|"
    r"description|v2|news|clean.*|summary|statement|sentimenttext"
)
_SHORT = r"title|headline|phrase|summary|selected_text"
_NUMBERS = (
    r"open|high|low|close|adj close|price|volume|value|.*_avg|.*_max|.*_min|precip|temp.*|"
    r".*\(.*\).*|passengers|.*probability"
)


def table(
    columns: Sequence[str],
    rows: int,
    *,
    classes: Mapping[str, Sequence[object]] | None = None,
    seed: int = 0,
) -> Table:
    """A table with these columns.

    columns: the names, in the order of the file.
    rows: number of rows.
    classes: the values of columns of classes whose names do not tell them.
    seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    given = {name: _classes_of(name, classes or {}) for name in columns}
    first = next((values for values in given.values() if values), (1, 0))
    labels = rng.permutation(np.arange(rows) % len(first))
    return {name: _column(name, given[name], labels, rng) for name in columns}


def tagged_words(sentences: int, *, seed: int = 0) -> Table:
    """A word a row; the number of a sentence is given at its first word only."""
    rng = np.random.default_rng(seed)
    filled: Table = {"Sentence #": [], "Word": [], "POS": [], "Tag": []}
    for number in range(sentences):
        for place, entry in enumerate(tagged_sentence(rng)):
            first = f"Sentence: {number + 1}" if place == 0 else ""
            for name, value in zip(filled, (first, *entry), strict=True):
                filled[name].append(value)
    return filled


def names(rows: int, *, seed: int = 0) -> Table:
    """Names and whether they are of a woman (`f`) or a man (`m`)."""
    rng = np.random.default_rng(seed)
    genders = rng.permutation(np.arange(rows) % 2)
    return {
        "name": [name_of(rng, female=bool(gender)) for gender in genders],
        "gender": ["f" if gender else "m" for gender in genders],
    }


def _classes_of(name: str, classes: Mapping[str, Sequence[object]]) -> Sequence[object]:
    if name in classes:
        return classes[name]
    if name in TOXIC:
        return ()  # several at once
    return next((values for key, values in _CLASSES.items() if re.fullmatch(key, name.lower())), ())


def _column(
    name: str, classes: Sequence[object], labels: np.ndarray, rng: np.random.Generator
) -> list[object]:
    lower, rows = name.lower(), len(labels)
    if classes:
        return [classes[label % len(classes)] for label in labels]
    if name in TOXIC:
        share = 1.0 if name == "toxic" else 0.5
        return [int(label == 1 and rng.random() < share) for label in labels]
    if re.fullmatch(_TEXTS, lower):
        length = 6 if re.fullmatch(_SHORT, lower) else 20
        return [text_of(rng, label, length) for label in labels]
    if "date" in lower:
        return [_day(number) for number in range(rows)]
    if re.fullmatch(_NUMBERS, lower):
        return [round(each, 3) for each in _series(rows, rng)]
    if lower.startswith("unnamed"):
        return [""] * rows
    return list(range(1, rows + 1))  # an identifier


def _day(number: int) -> str:
    return (datetime.date(2015, 1, 1) + datetime.timedelta(days=number)).isoformat()


def _series(rows: int, rng: np.random.Generator) -> list[float]:
    """A wave on a rising line, with noise."""
    times = np.arange(rows)
    values = 50 + times / 20 + 10 * np.sin(times / 9) + rng.normal(size=rows)
    return [float(value) for value in values]
