"""Chooses the delimiter of a CSV file by its first lines."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from hoiquy.data.tables.csv.records import Dialect, records
from hoiquy.data.tables.csv.unclosed_quotes import split
from hoiquy.data.tables.headers import is_header, is_known_name
from hoiquy.data.tables.row import BadRow

NO_DELIMITER = "\x1f"  # for a table of one column; texts do not contain it
_DELIMITERS = ",;\t|"


class _Score(NamedTuple):
    """Criteria for a delimiter, the most important first."""

    first_alike: bool  # the first row has the most frequent number of columns
    regular: bool  # nearly all rows have
    fewest: int  # minus the fewest distinct values of a column: labels have few
    tight: bool  # not followed by spaces, as in sentences
    columns: int


def delimiter_of(lines: Sequence[str], whole: bool) -> str:
    """Return the delimiter that splits most lines into the same number (>= 2) of columns.

    NO_DELIMITER if commas are only punctuation. lines: the first lines of a file. whole: whether
    the file has no others.
    """
    text = "".join(lines)
    first = next((line for line in lines if line.strip()), "")
    if is_known_name(first.strip().strip('"')):
        return NO_DELIMITER
    quotings = ("standard", "backslash") if '\\"' in text else ("standard",)
    rows = {
        (sign, quoting): _rows(lines, Dialect(sign, quoting), whole)
        for sign in _DELIMITERS
        if sign in text
        for quoting in quotings
    }
    scores = {
        (sign, quoting): score
        for (sign, quoting), found in rows.items()
        if (score := _score(found, text, sign))
    }
    if scores:
        return max(scores, key=lambda key: scores[key])[0]
    commas = rows.get((",", "standard"))
    if commas is None or _width(commas)[0] == 1 or _are_sentences(commas, text, ","):
        return NO_DELIMITER
    return ","


def _rows(lines: Sequence[str], dialect: Dialect, whole: bool) -> list[list[str]]:
    """Split lines into rows; damaged ones without quoting."""
    rows = []
    for record in records(iter(lines), dialect, cut=not whole):
        if isinstance(record, BadRow):
            rows.append(split(lines[record.line - 1], dialect.delimiter))
        elif record[1]:
            rows.append(record[1])
    return rows


def _width(rows: Sequence[list[str]]) -> tuple[int, float]:
    """The most frequent number of columns, and the share of rows with it."""
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda width: (widths[width], width), default=1)
    return width, widths[width] / max(len(rows), 1)


def _score(rows: Sequence[list[str]], text: str, delimiter: str) -> _Score | None:
    """None if the rows do not agree on the number of columns, or are sentences."""
    width, share = _width(rows)
    if width < 2 or share <= 0.5 or _are_sentences(rows, text, delimiter):
        return None
    fewest = -min(_label_columns(rows, width), default=len(rows))
    tight = not _followed_by_spaces(text, delimiter)
    return _Score(len(rows[0]) == width, share >= 0.9, fewest, tight, width)


def _label_columns(rows: Sequence[list[str]], width: int) -> list[int]:
    """The numbers of distinct values in columns that may be labels."""
    columns = zip(*[row for row in rows[1:] if len(row) == width], strict=True)
    counts = [len(set(column)) for column in columns]
    return [count for count in counts if 2 <= count <= len(rows) / 2]


def _are_sentences(rows: Sequence[list[str]], text: str, delimiter: str) -> bool:
    """Whether the delimiter is punctuation: followed by spaces, without labels or a header."""
    return (
        _followed_by_spaces(text, delimiter)
        and not _label_columns(rows, _width(rows)[0])
        and not is_header(rows[0], rows[1:])
    )


def _followed_by_spaces(text: str, delimiter: str) -> bool:
    return text.count(delimiter + " ") > 0.8 * text.count(delimiter)
