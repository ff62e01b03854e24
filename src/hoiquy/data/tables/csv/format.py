"""Detects delimiter, quoting and header of CSV and TSV by the first lines of a file.

`delimiter` chooses the delimiter, `headers.is_header` decides about the header.
"""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from hoiquy.data.tables.csv.delimiter import delimiter_of
from hoiquy.data.tables.csv.records import Dialect, Record, records
from hoiquy.data.tables.csv.unclosed_quotes import evidence_of, width_of
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.headers import is_header, is_known_name, is_number
from hoiquy.data.tables.row import BadRow

SAMPLE_LINES = 1000
SAMPLE_CHARACTERS = 1_000_000
_SEP_LINE = re.compile(r'\ufeff?"?sep=([^"\r\n])"?[;,\t]*\s*', re.IGNORECASE)  # for Excel


class CsvFormat(NamedTuple):
    """How to read a file.

    header: the cells of the header, one for each column; None without a header.
    written: these cells as in the file.
    width: number of columns.
    sep_line: whether the first line sets the delimiter (`sep=;`).
    """

    dialect: Dialect
    header: list[str] | None
    written: list[str]
    width: int
    sep_line: bool


def csv_format(
    sample: Sequence[str], options: FileOptions, whole: bool, tabs: bool = False
) -> CsvFormat:
    """Detect the format, as far as the options do not set it.

    sample: the first lines of the file, with line ends. whole: whether the file has no others.
    tabs: whether the delimiter is a tab, unless a line `sep=;` sets another.
    """
    named = _SEP_LINE.fullmatch(sample[0]) if sample else None
    lines = sample[1:] if named else sample
    chosen = named[1] if named else "\t" if tabs else delimiter_of(lines, whole)
    dialect = _dialect(lines, chosen, options.quoting, whole)
    sample_records = _records(lines, dialect, whole)
    rows = [record[1] for record in sample_records if not isinstance(record, BadRow)]
    width = width_of(rows)
    header, written = header_of(rows, width, options)
    if header is not None:
        width = len(header)
    return CsvFormat(dialect._replace(width=width), header, written, width, named is not None)


def header_of(
    rows: Sequence[list[str]], width: int, options: FileOptions
) -> tuple[list[str] | None, list[str]]:
    """Return the header with one cell a column, or None, and the header as in the file.

    Skips titles above the header. Ignores a trailing empty cell that only the header or only the
    other rows have. width: the number of columns of most rows.
    """
    rows = rows[_titles(rows, width) :]
    if not rows or options.header == "no":
        return None, []
    first, below = rows[0], rows[1:]
    if len(first) == width + 1 and not first[-1]:
        first = first[:-1]
    if width == len(first) + 1 and all(not row[-1] for row in below if len(row) == width):
        below = [row[:-1] for row in below if len(row) == width]
    first = _with_row_names(first, width, below)
    header = first if options.header == "yes" or is_header(first, below) else None
    return header, rows[0]


def is_title(cells: Sequence[str]) -> bool:
    """Whether a row above the header is a title (one cell) or a comment ("#")."""
    return not any(map(is_known_name, cells)) and (not any(cells[1:]) or cells[0].startswith("#"))


def _titles(rows: Sequence[list[str]], width: int) -> int:
    """The number of title rows above the header.

    A single cell above wider rows is a title; several cells, all but the first empty, only above a
    header or well-known column names.
    """
    count = wide = 0
    while count < len(rows) - 1 and width > 1 and is_title(rows[count]):
        wide += len(rows[count]) > 1
        count += 1
    if not wide:
        return count
    names, below = rows[count], rows[count + 1 :]
    if any(map(is_known_name, names)) or (all(names) and is_header(names, below)):
        return count
    return next(at for at, row in enumerate(rows) if len(row) > 1)


def is_sep_line(line: str) -> bool:
    """Whether a line only sets the delimiter."""
    return _SEP_LINE.fullmatch(line) is not None


def _with_row_names(names: list[str], width: int, below: Sequence[list[str]]) -> list[str]:
    """Prepend the header cell of the row numbers, which R's write.table omits."""
    alike = [row for row in below if len(row) == width]
    if (
        len(names) > 1
        and width == len(names) + 1
        and len(alike) > len(below) / 2
        and all(is_number(row[0]) for row in alike)
        and any(row[-1] for row in alike)
    ):
        return ["", *names]
    return names


def _records(lines: Sequence[str], dialect: Dialect, whole: bool) -> list[Record]:
    """All records but empty ones."""
    every = records(iter(lines), dialect, cut=not whole)
    return [record for record in every if isinstance(record, BadRow) or record[1]]


def _dialect(lines: Sequence[str], delimiter: str, quoting: str | None, whole: bool) -> Dialect:
    """Detect the quoting: the one with the fewest records damaged or of another width."""
    if quoting is not None:
        return Dialect(delimiter, quoting)
    found = list(records(iter(lines), Dialect(delimiter), cut=not whole))
    few = sum(bool(record[1]) for record in found) <= 5
    evidence = evidence_of(_single_line_rows(found), lines if few else [], delimiter)
    standard = Dialect(delimiter, "standard", evidence=evidence)
    text = "".join(lines)
    if '"' not in text and "\\" not in text:
        return standard._replace(literal=True)
    found = _records(lines, standard, whole)
    cells = [record[1] for record in found if not isinstance(record, BadRow)]
    if sum(any(cell.startswith(' "') for cell in row) for row in cells) > len(found) / 2:
        return standard._replace(spaces=True)
    problems = _problems(found)
    quoted = _quoted_cells(text, delimiter, len(found))
    all_escaped = '\\"' in text and text.count('"') == text.count('\\"')
    if (problems and "\\" in text) or all_escaped:
        backslash = Dialect(delimiter, "backslash")
        escaped = _problems(_records(lines, backslash, whole))
        if escaped < problems / 2 or escaped == problems == 0:
            return backslash
    damaged = sum(isinstance(record, BadRow) for record in found)
    if damaged and damaged >= quoted:
        plain = Dialect(delimiter, "none")
        if _problems(_records(lines, plain, whole)) < problems:
            return plain
    return standard._replace(literal=not quoted)


def _single_line_rows(found: Sequence[Record]) -> list[list[str]]:
    """The good records of a single line that are not empty."""
    return [
        record[1]
        for record, following in itertools.pairwise(found)
        if not isinstance(record, BadRow) and record[1] and following[0] == record[0] + 1
    ]


def _problems(found: Sequence[Record]) -> int:
    """The number of records that are damaged or of another width than most."""
    widths = Counter(len(record[1]) for record in found if not isinstance(record, BadRow))
    return len(found) - max(widths.values(), default=0)


def _quoted_cells(text: str, delimiter: str, rows: int) -> int:
    """The number of cells that show that quotation marks enclose cells.

    All enclosed cells if they are many; else those that would be split without the marks.
    """
    between = re.escape(delimiter)
    enclosed = re.compile(
        rf'(?:^|(?<={between}))"((?:[^"]|"")*)"(?={between}|[\r\n]|\Z)', re.MULTILINE
    ).findall(text)
    if len(enclosed) >= rows / 2:
        return len(enclosed)
    return sum(any(mark in cell for mark in ('""', delimiter, "\n", "\r")) for cell in enclosed)
