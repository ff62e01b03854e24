"""Documents without labels, one after the other: a table's column, or text with one a line.

Nothing is kept: a file larger than memory can be read.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions, no_text
from hoiquy.data.tables.columns import choose_text_column
from hoiquy.data.tables.formats import HEAD_BYTES, check_text, is_table
from hoiquy.data.tables.parquet_part import read_parquet_column
from hoiquy.data.tables.read_errors import encoding_of, readable
from hoiquy.data.tables.row import BadRow, RowCount
from hoiquy.data.tables.rows import looked_ahead, read_column, read_rows
from hoiquy.data.tables.text_file import open_text
from hoiquy.errors import DataError

CHUNK_DOCUMENTS = 4096
CHUNK_CHARACTERS = 8_000_000


class Document(NamedTuple):
    """A text, and the line (from 1) or the number of its row where it begins."""

    line: int
    text: str


def read_documents(
    path: Path, options: TableOptions = AS_FOUND, say: Callable[[str], None] = lambda line: None
) -> Iterator[Document]:
    """Give the documents of a table (`formats.FORMATS`), or the lines of any other file.

    say: is told which column was taken, and how many rows were left out. Empty texts and lines are
    documents. Raises DataError if the file cannot be read, or a row cannot, which is an error
    unless `options.skip_bad_rows`.
    """
    if is_table(path):
        yield from _table(path, options, say)
        return
    with (
        readable(str(path), options.encoding),
        open_text(path, options.encoding, newline="\n") as lines,
    ):
        yield from _numbered(lines)


def lines_of(file: io.BufferedReader, encoding: str | None, source: str) -> Iterator[Document]:
    """Give each line of a text as a document.

    encoding: None is what a byte order mark says, else UTF-8. Raises DataError if it is another.
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
    """Lists of at most `most` documents, and not many more than CHUNK_CHARACTERS."""
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
    """Give what `read_documents` gives of some rows of a Parquet file.

    Those numbered `first` (from 1) to before `end`. Raises DataError as it does.
    """
    for row in read_parquet_column(path, column, first, end):
        document = _document(row, column, options, path)
        if document is not None:
            yield document


def text_column(path: Path, options: TableOptions) -> str:
    """The column of a table that holds its texts. Raises DataError if none does, or it is empty."""
    good, _ = looked_ahead(read_rows(path, options.file))
    if not good:
        raise DataError(f"{path} has no rows with a text")
    return choose_text_column(good, options.text, str(path))


def _table(path: Path, options: TableOptions, say: Callable[[str], None]) -> Iterator[Document]:
    column = text_column(path, options)
    say(f"{path}: texts from {column!r}")
    count = RowCount()
    given = refused = 0
    for row in read_column(path, column, options.file, count):
        document = _document(row, column, options, path)
        if document is None:
            refused += 1
        else:
            given += 1
            yield document
    count.check(given, refused, str(path))
    bad = [f"{refused:,} bad rows left out"] if refused else []
    if notes := bad + count.notes():
        say(f"{path}: {'; '.join(notes)}")


def _document(
    row: tuple[int, Any] | BadRow, column: str, options: TableOptions, path: Path
) -> Document | None:
    """None for a row that is to be left out."""
    line, text = row
    if isinstance(text, str) and not isinstance(row, BadRow):
        return Document(line, text)
    if options.skip_bad_rows:
        return None
    reason = row.reason if isinstance(row, BadRow) else no_text(text, column)
    raise DataError(
        f"{path}, line {line}: {reason}; mend it, or leave such rows out with --skip-bad-rows"
    )
