"""Loads a folder for each class, with a text file for each document."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from hoiquy.data.dataset import Dataset, Progress
from hoiquy.data.imdb.folder import is_imdb_layout
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.part_names import chosen_parts
from hoiquy.data.tables.columns import Columns
from hoiquy.data.tables.dataset import dataset_of
from hoiquy.data.tables.formats import is_table
from hoiquy.data.tables.read_errors import encoding_of, readable
from hoiquy.data.tables.row import BadRow
from hoiquy.data.token_store import is_store
from hoiquy.errors import DataError
from hoiquy.system.bounded_read import read_regular_file
from hoiquy.system.checksummed_files import MANIFEST

_MAX_BYTES = 10_000_000  # of one document
_PROGRESS_EVERY = 1000
_COLUMNS = Columns("the files", "the folders")
_IGNORED_FOLDERS = ("__macosx", "__pycache__", "lost+found")
_NOT_DOCUMENTS = re.compile(
    r"(readme|licen[sc]e|copying|notice|changelog)(\.\w+)?|thumbs\.db|desktop\.ini|.*~", re.I
)
_TABLE_ENDINGS = (
    ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".xlsx", ".xls",
    ".gz", ".zip",
)  # fmt: skip


def is_class_folders(path: str | Path) -> bool:
    """Whether it is a folder, and neither a token store nor in the IMDB layout."""
    try:
        folder = Path(path).expanduser()
        return folder.is_dir() and not is_store(folder) and not is_imdb_layout(folder)
    except (
        OSError,
        RuntimeError,
    ):  # a name too long, an unknown ~user: reading it reports the error
        return False


def files_of_documents(path: Path) -> list[Path]:
    """The text files of a folder without folders, by name; none of a folder that hoiquy made.

    Raises DataError if the files are tables.
    """
    if not is_class_folders(path) or (path / MANIFEST).exists() or _folders(path):
        return []
    return _documents(path)[0]


def read_files(files: Sequence[Path], encoding: str | None) -> Iterator[str]:
    """The text of each file. Raises DataError."""
    for file in files:
        yield _text(file, encoding)


def load_class_folders(
    path: Path,
    name: str,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    on_progress: Progress | None = None,
) -> Dataset:
    """Load `path/CLASS/FILE`, or `path/train/CLASS/FILE` and likewise `test` and `validation`.

    Synonyms such as `val` and `dev` are accepted. The documents of a class are its .txt files, or
    without any, the files with the most frequent extension; the description reports other files.
    Files are sorted by name, so that the data set is the same on every machine.

    Raises DataError if there are no such folders, a class has no text files, or a file cannot be
    read.
    """
    by_name = {folder.name: folder for folder in _folders(path)}
    chosen, left_out = chosen_parts(by_name)
    if "train" not in chosen or not _folders(by_name[chosen["train"]]):
        return dataset_of(_read(path, options, on_progress), name)
    parts = {part: _read(by_name[key], options, on_progress) for part, key in chosen.items()}
    if left_out:
        parts["train"].notes.append(f"folders left out: {', '.join(sorted(left_out))}")
    return dataset_of(parts["train"], name, parts.get("test"), parts.get("validation"))


def _read(root: Path, options: TableOptions, on_progress: Progress | None) -> LabelledDocuments:
    documents = LabelledDocuments(_COLUMNS)
    number = 0
    empty, others = [], []
    for folder in _folders(root):
        files, other = _documents(folder)
        others += other
        if not files:
            empty.append(folder)
        for file in files:
            if on_progress is not None and number % _PROGRESS_EVERY == 0:
                on_progress("reading files", number, None)
            number += 1
            _add(documents, file, number, options)
    if not number:
        tables = [entry.name for entry in _entries(root) if is_table(entry)]
        hint = f"; it holds tables ({_some(tables)}): pass one of these files" if tables else ""
        raise DataError(f"{root}: expected a folder for each class, with .txt files in it{hint}")
    for folder in empty:
        _check_is_empty(folder)
        documents.notes.append(f"the empty folder {folder.name} left out")
    if others:
        example = f"{others[0].parent.name}/{others[0].name}"
        documents.notes.append(f"{len(others):,} other files left out, such as {example}")
    if documents.bad and not options.skip_bad_rows:
        raise DataError(
            f"{root}: {documents.bad:,} files cannot be used, such as "
            f"{documents.first_bad[0].reason}; fix them, or leave them out with --skip-bad-rows"
        )
    if not len(documents):
        raise DataError(f"{root}: all files are empty, expected texts")
    return documents


def _add(documents: LabelledDocuments, file: Path, number: int, options: TableOptions) -> None:
    text, label = _text(file, options.encoding), f"{file.parent.name}/{file.name}"
    names = documents.names(file.parent.name)
    if "\0" in text:
        documents.add_bad(BadRow(number, f"{label}, which is not text"))
    elif not text.strip():
        documents.add_bad(BadRow(number, f"{label}, which is empty"))
    elif len(names) != 1:
        documents.add_bad(BadRow(number, f"{label}, whose folder name is not a class"))
    else:
        documents.add(text, names[0], number)


def _documents(folder: Path) -> tuple[list[Path], list[Path]]:
    """The documents of a class and its other files. Raises DataError if the files are tables."""
    files = [entry for entry in _entries(folder) if not entry.is_dir()]
    likely = [file for file in files if not _NOT_DOCUMENTS.fullmatch(file.name)]
    endings = Counter(map(_ending, likely))
    if not endings:
        return [], files
    ending = ".txt" if ".txt" in endings else max(sorted(endings), key=lambda one: endings[one])
    if ending in _TABLE_ENDINGS:
        raise DataError(
            f"{folder} holds {ending} files, expected one text file a document: pass the table "
            f"itself, or move the folder away"
        )
    documents = [file for file in likely if _ending(file) == ending]
    chosen = set(documents)
    return documents, [file for file in files if file not in chosen]


def _ending(file: Path) -> str:
    """The extension in lower case; "" for a number, as in 12.345."""
    suffix = file.suffix.lower()
    return suffix if re.search(r"[a-z]", suffix) else ""


def _check_is_empty(folder: Path) -> None:
    """Raise DataError for a folder with other files than documents."""
    inside = [entry.name for entry in _entries(folder) if not _NOT_DOCUMENTS.fullmatch(entry.name)]
    if inside:
        raise DataError(
            f"{folder} holds no text files, only {_some(inside)}: expected the documents of a "
            f"class; move the folder away if it is not a class"
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _folders(root: Path) -> list[Path]:
    return [
        entry
        for entry in _entries(root)
        if entry.is_dir() and entry.name.lower() not in _IGNORED_FOLDERS
    ]


def _entries(folder: Path) -> list[Path]:
    """The entries of a folder by name, without hidden files."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror or error}") from error


def _text(file: Path, encoding: str | None) -> str:
    with readable(str(file), encoding):
        content = read_regular_file(file, _MAX_BYTES)
        return content.decode(encoding_of(content[:4], encoding))
