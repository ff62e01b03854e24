"""Streams unlabelled texts for pre-training; test documents never leak in."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import numpy as np

from hoiquy.data.catalogue import KNOWN
from hoiquy.data.class_folders import files_of_documents, read_files
from hoiquy.data.dataset import Dataset, Progress
from hoiquy.data.imdb.folder import CLASSES, UNLABELLED, is_imdb_layout, load_imdb_texts
from hoiquy.data.labels.labelled_rows import (
    DEFAULT_TABLE_OPTIONS,
    NoLabelsError,
    TableOptions,
)
from hoiquy.data.loading import existing_path, load, official_imdb
from hoiquy.data.stored_texts import StoredTexts, TextStore
from hoiquy.data.tables.columns import SeveralColumnsError, choose_columns
from hoiquy.data.tables.dataset import load_table
from hoiquy.data.tables.formats import is_table
from hoiquy.data.tables.rows import peek_rows, read_rows
from hoiquy.data.text_key import text_key
from hoiquy.data.unlabelled.rows import Document, read_documents, read_lines
from hoiquy.errors import DataError

if TYPE_CHECKING:
    from io import BufferedReader

IMDB_UNLABELLED = "imdb-unlabelled"
STDIN = "-"
_ARCHIVES = (".tar.gz", ".tgz")

Say = Callable[[str], None]


def unlabelled_texts(
    source: Any,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    all_rows: bool = False,
    on_progress: Progress | None = None,
    say: Say = lambda line: None,
) -> Iterator[str]:
    """Yield the texts of a source.

    Args:
        source: A data set or its name (training and validation documents only); IMDB_UNLABELLED,
            the 50,000 reviews in train/unsup; a folder or archive in the layout of aclImdb
            (train/neg, train/pos and train/unsup); a folder of text files; a table, or any other
            file with one document a line; STDIN; or a sequence of texts.
        options: How to read tables and files.
        all_rows: Whether to read also the rows of a labelled table that would be test documents.
        on_progress: Called with what is being read and how far.
        say: Called with what is read from a table.

    Raises:
        DataError: As `load_dataset` and `read_documents`.
    """
    if isinstance(source, Dataset):
        yield from _training_texts(source)
    elif not isinstance(source, str | Path):
        yield from _in_memory(source)
    elif source == STDIN:
        stdin = cast("BufferedReader", sys.stdin.buffer)
        yield from _only_texts(read_lines(stdin, options.encoding, "standard input"))
    elif source == IMDB_UNLABELLED:
        yield from _imdb(official_imdb(on_progress), [UNLABELLED], on_progress)
    elif isinstance(source, str) and source in [known.name for known in KNOWN]:
        yield from _training_texts(load(source, on_progress, DEFAULT_TABLE_OPTIONS, None, None))
    else:
        path = existing_path(source)
        has_texts = False
        for text in _of_path(path, options, all_rows, on_progress, say):
            has_texts = has_texts or bool(text.strip())
            yield text
        if not has_texts:
            raise DataError(f"{path} has no texts")


def check_source(source: Any) -> None:
    """Raise DataError for a path that does not exist, or no texts, before a long training."""
    if not isinstance(source, str | Path | Dataset):
        _in_memory(source)
    elif _is_path(source):
        existing_path(source)


def check_label(sources: Iterable[Any], options: TableOptions) -> None:
    """Raise DataError if a label column is named, and none of the tables has it.

    By a mistyped name, the test documents of a labelled table would be read.
    """
    errors = []
    for source in sources if options.label is not None else ():
        if not (_is_path(source) and is_table(path := existing_path(source))):
            continue
        good, _ = peek_rows(read_rows(path, options.file))
        try:
            choose_columns(good, options.text, options.label, str(path))
            return
        except IndexError:  # no rows: `read_documents` reports it
            continue
        except DataError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _is_path(source: Any) -> TypeGuard[str | Path]:
    names = [STDIN, IMDB_UNLABELLED, *(known.name for known in KNOWN)]
    return isinstance(source, str | Path) and str(source) not in names


def _in_memory(source: Any) -> Sequence[str]:
    texts = (
        source if isinstance(source, Sequence) else [source]
    )  # iterating over a frame yields its columns
    for text in texts:
        if not isinstance(text, str):
            raise DataError(
                f"an unlabelled text is of type {type(text).__name__}: expected a list of strings, "
                f"a data set, a name or a path"
            )
    return texts


def _only_texts(documents: Iterable[Document]) -> Iterator[str]:
    return (document.text for document in documents)


def _training_texts(dataset: Dataset) -> Iterator[str]:
    yield from dataset.train.texts
    if dataset.validation is not None:
        yield from dataset.validation.texts


def _reviews(path: Path, options: TableOptions, on_progress: Progress | None) -> Iterable[str]:
    if files := files_of_documents(path):
        return read_files(files, options.encoding)
    if path.suffix == ".npz" or (path.is_dir() and not is_imdb_layout(path)):
        return _training_texts(load(path, on_progress, DEFAULT_TABLE_OPTIONS, None, None))
    return _imdb(path, [*CLASSES, UNLABELLED], on_progress)


def _imdb(path: Path, folders: list[str], on_progress: Progress | None) -> list[str]:
    if path.suffix == ".npz":
        raise DataError(
            f"{path} has no unlabelled reviews: put aclImdb_v1.tar.gz or its folder next to it, or "
            f"set HOIQUY_IMDB to it"
        )
    return load_imdb_texts(path, folders, on_progress)


def _of_path(
    path: Path, options: TableOptions, all_rows: bool, on_progress: Progress | None, say: Say
) -> Iterable[str]:
    if path.is_dir() or path.name.endswith(_ARCHIVES) or path.suffix == ".npz":
        return _reviews(path, options, on_progress)
    if is_table(path) and not all_rows and _has_labels(path, options):
        return _labelled_table(path, options, on_progress, say)
    return _only_texts(read_documents(path, options, say))


def _has_labels(path: Path, options: TableOptions) -> bool:
    """Whether `load_dataset` would find a label column.

    Raises DataError if several columns fit, since some rows may be test documents.
    """
    good, _ = peek_rows(read_rows(path, options.file))
    try:
        choose_columns(good, options.text, options.label, str(path))
    except SeveralColumnsError as error:
        raise DataError(f"{error}; or give a table with the texts alone") from error
    except (DataError, IndexError):  # no rows: `read_documents` reports it
        return False
    return True


def _labelled_table(
    path: Path, options: TableOptions, on_progress: Progress | None, say: Say
) -> Iterator[str]:
    unlabelled = TextStore()
    try:
        dataset = load_table(
            path, str(path), options, on_progress=on_progress, unlabelled=unlabelled.append
        )
    except NoLabelsError:
        yield from _only_texts(read_documents(path, options, say))
        return
    except DataError as error:
        raise DataError(
            f"{error}; or give a table with the texts alone, of which all rows are read"
        ) from error
    texts = _untested(unlabelled.texts(), dataset)
    read = f"; {len(texts):,} rows without a label are read as well" if len(texts) else ""
    say(f"{dataset.description}; the {len(dataset.test):,} test documents are left out{read}")
    yield from _training_texts(dataset)
    yield from texts


def _untested(texts: StoredTexts, dataset: Dataset) -> StoredTexts:
    """Those that no test document equals."""
    tested = {text_key(text) for text in dataset.test.texts} if len(texts) else set[bytes]()
    rows = [row for row, text in enumerate(texts) if text_key(text) not in tested]
    return texts.take(np.array(rows, np.int64))
