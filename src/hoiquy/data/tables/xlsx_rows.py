"""Rows of an Excel workbook, with cells as CSV would have them."""

import itertools
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hoiquy.data.tables.csv.format import SAMPLE_LINES, CsvFormat, header_of
from hoiquy.data.tables.csv.records import Dialect, Record
from hoiquy.data.tables.csv.rows import rows_of
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.row import RowCount
from hoiquy.errors import DataError, MissingExtraError

MAX_UNPACKED_BYTES = 1_000_000_000  # bytes of a workbook


def xlsx_cells(
    path: Path, options: FileOptions, count: RowCount, names: list[str]
) -> Iterator[Record]:
    """Yield the number and the cells of each row of the first sheet with rows; see `csv_cells`.

    Raises DataError if it is not a workbook or too large, MissingExtraError without openpyxl.
    """
    with path.open("rb") as file:  # OSError is the caller's
        _check_archive(path, file)
        openpyxl = _openpyxl()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # features that openpyxl does not support
            try:
                book = openpyxl.load_workbook(file, read_only=True, data_only=True)
                try:
                    yield from _sheet(book, path, options, count, names)
                finally:
                    book.close()
            except (DataError, GeneratorExit):
                raise
            except Exception as error:  # openpyxl raises any exception for damaged files
                raise DataError(f"{path} is damaged, or not an .xlsx file: {error}") from error


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtraError(
            "reading .xlsx needs openpyxl: pip install 'hoiquy[excel]', or save the sheet as .csv"
        ) from error
    return openpyxl


def _check_archive(path: Path, file: Any) -> None:
    if not zipfile.is_zipfile(file):
        file.seek(0)
        raise DataError(f"{path} is damaged, or not an .xlsx file: save it again as .xlsx or .csv")
    with zipfile.ZipFile(file) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > MAX_UNPACKED_BYTES:
        raise DataError(
            f"{path} unpacks to {size:,} bytes, expected at most {MAX_UNPACKED_BYTES:,}: save "
            f"the sheet as .csv"
        )
    file.seek(0)


def _sheet(
    book: Any, path: Path, options: FileOptions, count: RowCount, names: list[str]
) -> Iterator[Record]:
    sheets = book.worksheets
    for sheet in sheets:
        rows = _rows(sheet)
        sample = list(itertools.islice(rows, SAMPLE_LINES))
        if not sample:
            continue
        if len(sheets) > 1:
            count.note = f"the sheet {sheet.title!r} of {len(sheets)}"
        first = [cells for _, cells in sample]
        width = Counter(map(len, first)).most_common(1)[0][0]
        header, written = header_of(first, width, options)
        width = len(header) if header is not None else width
        found = CsvFormat(Dialect(","), header, _padded(written, width), width, sep_line=False)
        padded = ((line, _padded(cells, width)) for line, cells in itertools.chain(sample, rows))
        yield from rows_of(padded, found, count, names)
        return


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, without trailing empty cells."""
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))


def _text(value: Any) -> str:
    """A cell as Excel writes it to CSV: 5, not 5.0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
