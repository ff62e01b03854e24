"""Streams documents without labels: a column of a table, or the lines of a text file."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.labels.row_collector import text_problem
from hoiquy.data.tables.columns import choose_text_column
from hoiquy.data.tables.formats import HEAD_BYTES, check_text, is_table
from hoiquy.data.tables.parquet_part import read_parquet_column
from hoiquy.data.tables.read_errors import encoding_of, readable
from hoiquy.data.tables.row import BadRow, RowCount
from hoiquy.data.tables.rows import peek_rows, read_columns, read_rows
from hoiquy.data.tables.text_file import open_text
from hoiquy.errors import DataError

CHUNK_DOCUMENTS = 4096
CHUNK_CHARACTERS = 8_000_000

_Cells = tuple[int, tuple[Any, ...]]  # the line; the text, and other columns


class Document(NamedTuple):
    """A text, and its line or row number, from 1; the values of other columns, where asked for."""

    line: int
    text: str
    others: tuple[Any, ...] = ()


def read_documents(
    path: Path,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    say: Callable[[str], None] = lambda line: None,
    others: Sequence[str] = (),
) -> Iterator[Document]:
    """Yield the documents of a table (`formats.FORMATS`), or the lines of any other file.

    Empty texts and lines are documents. say: called with the chosen column and the number of rows
    left out. others: further columns of the table to keep. Raises DataError if the file cannot be
    read, or a row is bad and `options.skip_bad_rows` is not set.
    """
    if is_table(path):
        yield from _table(path, options, say, others)
        return
    with (
        readable(str(path), options.encoding),
        open_text(path, options.encoding, newline="\n") as lines,
    ):
        yield from _numbered(lines)


def read_lines(file: io.BufferedReader, encoding: str | None, source: str) -> Iterator[Document]:
    """Yield each line of a text as a document.

    encoding: None for that of a byte order mark, else UTF-8. Raises DataError if it does not fit.
    """
    with readable(source, encoding):
        head = file.peek(HEAD_BYTES)[:HEAD_BYTES]
        check_text(head, source)
        with io.TextIOWrapper(
            file, encoding=encoding_of(head[:4], encoding), newline="\n"
        ) as lines:
            yield from _numbered(lines)


def _numbered(lines: Iterable[str]) -> Iterator[Document]:
    for number, line in enumerate(lines, start=1):
        yield Document(number, line.rstrip("\r\n"))


def in_chunks(
    documents: Iterable[Document], most: int = CHUNK_DOCUMENTS
) -> Iterator[list[Document]]:
    """Yield lists of at most `most` documents and about CHUNK_CHARACTERS characters."""
    chunk: list[Document] = []
    characters = 0
    for document in documents:
        chunk.append(document)
        characters += len(document.text)
        if len(chunk) >= most or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def read_part(
    path: Path, column: str, options: TableOptions, first: int, end: int
) -> Iterator[Document]:
    """As `read_documents`, for rows `first` (from 1) to `end` (exclusive) of a Parquet file."""
    for number, text in read_parquet_column(path, column, first, end):
        document = _document((number, (text,)), column, options, path)
        if document is not None:
            yield document


def text_column(path: Path, options: TableOptions) -> str:
    """Return the text column of a table. Raises DataError without one, or without rows."""
    return _columns(path, options)[0]


def other_columns(path: Path, options: TableOptions) -> list[str]:
    """Return the columns of a table but that of the texts; none of a file that is no table.

    Raises as `text_column`.
    """
    if not is_table(path):
        return []
    column, names = _columns(path, options)
    return [name for name in names if name != column]


def _columns(path: Path, options: TableOptions) -> tuple[str, list[str]]:
    """The text column, and all columns of the first rows."""
    good, _ = peek_rows(read_rows(path, options.file))
    if not good:
        raise DataError(f"{path} has no rows with a text")
    names = dict.fromkeys(name for row in good for name in row)
    return choose_text_column(good, options.text, str(path)), list(names)


def _table(
    path: Path, options: TableOptions, say: Callable[[str], None], others: Sequence[str]
) -> Iterator[Document]:
    column = text_column(path, options)
    say(f"{path}: texts from {column!r}")
    count = RowCount()
    accepted = refused = 0
    for row in read_columns(path, [column, *others], options.file, count):
        document = _document(row, column, options, path)
        if document is None:
            refused += 1
        else:
            accepted += 1
            yield document
    count.check(accepted, refused, str(path))
    bad = [f"{refused:,} bad rows left out"] if refused else []
    if notes := bad + count.notes():
        say(f"{path}: {'; '.join(notes)}")


def _document(
    row: _Cells | BadRow, column: str, options: TableOptions, path: Path
) -> Document | None:
    """The document of a row; None to leave it out."""
    if isinstance(row, BadRow):
        line, reason = row
    else:
        line, (text, *others) = row
        if isinstance(text, str):
            return Document(line, text, tuple(others))
        reason = text_problem(text, column)
    if options.skip_bad_rows:
        return None
    raise DataError(
        f"{path}, line {line}: {reason}; fix it, or leave out such rows with --skip-bad-rows"
    )
