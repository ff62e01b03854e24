"""A folder for each class, with a text file for each document."""

from pathlib import Path

from hoiquy.data.dataset import Dataset, Progress
from hoiquy.data.labelled_rows import AS_FOUND, LabelledRows, TableOptions
from hoiquy.data.readable import encoding_of, readable
from hoiquy.data.rows import BadRow
from hoiquy.data.tables import dataset_of
from hoiquy.errors import DataError
from hoiquy.regular_file import read_regular_file

_MOST_BYTES = 10_000_000  # of one document
_PROGRESS_EVERY = 1000
_PARTS = ("train", "test", "validation")


def load_class_folders(
    path: Path,
    name: str,
    options: TableOptions = AS_FOUND,
    on_progress: Progress | None = None,
) -> Dataset:
    """Read `path/CLASS/*.txt`, or `path/train/CLASS/*.txt` with `test` and `validation` beside.

    Files are read in the order of their names, so that the data set is the same on every machine.
    Raises DataError if there are no such folders, or a file cannot be read.
    """
    if (path / "train").is_dir():
        parts = {
            part: _read(path / part, options, on_progress)
            for part in _PARTS
            if (path / part).is_dir()
        }
        return dataset_of(parts["train"], name, parts.get("test"), parts.get("validation"))
    return dataset_of(_read(path, options, on_progress), name)


def _read(root: Path, options: TableOptions, on_progress: Progress | None) -> LabelledRows:
    folders = [entry for entry in _entries(root) if entry.is_dir()]
    found = LabelledRows("the files", "the folders")
    number = 0
    for folder in folders:
        for file in _entries(folder):
            if file.suffix.lower() != ".txt":
                continue
            if on_progress is not None and number % _PROGRESS_EVERY == 0:
                on_progress("reading files", number, None)
            number += 1
            text = _text(file, options.encoding)
            if text.strip():
                found.add(text, folder.name)
            else:
                found.add_bad(BadRow(number, f"{folder.name}/{file.name}"))
    if not number:
        raise DataError(f"{root}: expected a folder for each class, with .txt files in it")
    if found.bad and not options.skip_bad_rows:
        raise DataError(
            f"{root}: {found.bad:,} files hold no text, such as {found.first_bad[0].reason}; mend "
            f"them, or leave them out with --skip-bad-rows"
        )
    if not len(found):
        raise DataError(f"{root}: every file is empty, expected texts")
    return found


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, by name; hidden files are nobody's documents."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror or error}") from error


def _text(file: Path, encoding: str | None) -> str:
    with readable(str(file), encoding):
        content = read_regular_file(file, _MOST_BYTES)
        return content.decode(encoding_of(content[:4], encoding))
