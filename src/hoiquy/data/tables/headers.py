"""Decides whether the first row of a CSV, TSV or Excel table is a header (`is_header`).

It compares the first row with those below: well-known column names, repeated cells, and a vote of
each column by the kind of its values.
"""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from hoiquy.data.tables.column_names import LABEL_NAMES, TEXT_NAMES, plain_name

_KNOWN = {*TEXT_NAMES, *LABEL_NAMES}
_LONGEST_NAME = 80  # characters of a column name
_PROSE = 2  # words
_SENTENCE = 5  # words
_DIGITS = re.compile(r"[0-9]+")
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_.\- ]*")


def is_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether `first` is a header.

    A cell that occurs again in its column makes `first` a data row, unless another cell is a
    well-known name above a column of prose. Otherwise each column votes (`_vote`).

    below: the next rows; those of another width or equal to `first` are ignored.
    """
    cells = [cell.strip() for cell in first]
    alike = [row for row in below if len(row) == len(first)]
    rows = [row for row in alike if list(row) != list(first)]
    if len(rows) < 2 * len(alike) / 3:  # a header is not repeated that often
        return False
    if not rows:
        short = _words(cells) < _PROSE
        return (short and _looks_like_names(cells)) or any(map(is_known_name, cells))
    columns = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
    if _is_numbering(cells, columns):
        return True
    repeated = [bool(cell) and cell in column for cell, column in zip(cells, columns, strict=True)]
    known = [
        column
        for cell, column, again in zip(cells, columns, repeated, strict=True)
        if is_known_name(cell) and not again
    ]
    if any(repeated):
        return any(_words(column) >= _PROSE for column in known)
    if known:
        return True
    votes = sum(map(_vote, cells, columns))
    if _is_sentence_with_label(cells, columns):
        votes = min(votes, -1)
    if len(cells) == 1:  # a short text resembles a name, and would be lost
        return votes > 0 and " " not in cells[0] and bool(_IDENTIFIER.fullmatch(cells[0]))
    if votes:
        return votes > 0
    return _looks_like_names(cells)


def column_names(cells: Sequence[str]) -> list[str]:
    """Return distinct names; an empty one becomes the number of its column."""
    names: list[str] = []
    given = {cell.strip() for cell in cells}
    for number, cell in enumerate(cells, start=1):
        name = cell.strip() or str(number)
        unique, copy = name, 1
        while unique in names or (unique != cell.strip() and unique in given):
            copy += 1
            unique = f"{name}.{copy}"
        names.append(unique)
    return names


def is_known_name(cell: str) -> bool:
    """Whether it is a well-known name of a text or label column."""
    return len(cell) <= _LONGEST_NAME and plain_name(cell) in _KNOWN


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _vote(cell: str, column: list[str]) -> int:
    """The vote of one column: above 0 for a header, below 0 for a data row."""
    values = [value for value in column if value]
    if not values:
        return 0
    if all(map(is_number, values)):
        if cell:
            return -3 if is_number(cell) else 3
        return 3 if values == [str(int(values[0]) + n) for n in range(len(values))] else 0
    if is_number(cell):
        return 1
    if not cell:
        return 0
    if _DIGITS.search(cell):  # "item 7" above "item 12"
        shape = _DIGITS.sub("0", cell)
        if 2 * sum(_DIGITS.sub("0", value) == shape for value in values) > len(values):
            return -3
    counts = Counter(values)
    if 2 <= len(counts) <= len(values) / 2:  # few values, and the cell is not one of them
        single = sum(count == 1 for count in counts.values())
        return 3 if len(values) >= 20 and single < len(values) / 50 else 1
    return _vote_of_words(cell, values)


def _is_sentence_with_label(cells: list[str], columns: list[list[str]]) -> bool:
    """Whether two cells are a text as long as those below and a label formatted as those below.

    The label may be the only one of its class. A question is rather a column name than a text.
    """
    if len(cells) != 2:
        return False
    for (text, texts), (label, labels) in itertools.permutations(zip(cells, columns, strict=True)):
        words, values = len(text.split()), Counter(labels)
        sentence = words >= _SENTENCE and 3 * words >= 2 * _words(texts) and text[-1] not in "?:"
        if sentence and 2 <= len(values) <= len(labels) / 2:
            longest = max(map(len, values))
            return {_shape(label)} == set(map(_shape, values)) and len(label) <= longest + 4
    return False


def _shape(label: str) -> tuple[bool, bool, int, bool]:
    """Letter case, number of words, and whether there are other characters."""
    signs = any(not (character.isalpha() or character.isspace()) for character in label)
    return label.islower(), label.istitle(), len(label.split()), signs


def _vote_of_words(cell: str, values: list[str]) -> int:
    """The vote of a column of distinct texts: a name has fewer words than the texts."""
    typical, words = _words(values), len(cell.split())
    if typical < 2:
        alike = sum(bool(_IDENTIFIER.fullmatch(value)) for value in values)
        return int(bool(_IDENTIFIER.fullmatch(cell)) and alike < len(values) / 2)
    if 2 * words <= typical:
        return 1
    return -2 if typical >= 4 else -1


def _words(values: Sequence[str]) -> float:
    return median(len(value.split()) for value in values)


def _is_numbering(cells: list[str], columns: list[list[str]]) -> bool:
    """Whether the names are 0, 1, 2 …, as pandas writes them, above some text column."""
    names = cells[1:] if not cells[0] and len(cells) > 1 else cells
    count = len(names)
    if names not in ([str(n) for n in range(count)], [str(n + 1) for n in range(count)]):
        return False
    return any(not all(map(is_number, filter(None, column))) for column in columns)


def _looks_like_names(cells: list[str]) -> bool:
    """Whether the cells are short, distinct and not numbers, as far as one row can show."""
    return (
        len(set(cells)) == len(cells)
        and all(cells)
        and all(len(cell) <= _LONGEST_NAME and not is_number(cell) for cell in cells)
    )
