"""Keeps word ranks in hoiquy's cache, as arrays that a later process maps into memory."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np

from hoiquy.errors import HoiquyError
from hoiquy.keras.datasets.imdb_ranks import ImdbRanks
from hoiquy.keras.datasets.word_ranks import WordRanks
from hoiquy.system.atomic_write import atomic_folder
from hoiquy.system.cache_dir import cache_root

_FORMAT = 1  # another number makes all cached ranks anew
_WORD_INDEX = "word_index.json"
_ARRAYS = tuple(field.name for field in fields(WordRanks))


def cached_ranks(source: Path, make: Callable[[], ImdbRanks]) -> ImdbRanks:
    """Return the ranks of a file or folder from the cache, or make and keep them.

    They are made anew after a change of any file's name, size or time. A cache that is damaged or
    cannot be written is not used.
    """
    digest = hashlib.sha256(f"{_FORMAT}".encode())
    for line in _state(source):
        digest.update(line.encode("utf-8", "surrogateescape"))
    folder = cache_root() / "keras" / f"imdb-{digest.hexdigest()[:16]}"
    with contextlib.suppress(OSError, ValueError, EOFError):
        return _read(folder)
    ranks = make()
    with contextlib.suppress(HoiquyError, OSError):
        _write(folder, ranks)
    return ranks


def _state(source: Path) -> Iterator[str]:
    """Yield the name, size and time of each file."""
    if source.is_dir():
        for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
            if entry.is_dir():
                yield from _state(Path(entry.path))
            else:
                yield _line(entry.path, entry.stat())
    else:
        yield _line(str(source.absolute()), source.stat())


def _line(path: str, status: os.stat_result) -> str:
    return f"{path}\n{status.st_size}\n{status.st_mtime_ns}\n"


def _write(folder: Path, ranks: ImdbRanks) -> None:
    with atomic_folder(folder) as temporary:
        for part, documents in (("train", ranks.train), ("test", ranks.test)):
            for name in _ARRAYS:
                np.save(temporary / f"{part}-{name}.npy", getattr(documents, name))
        (temporary / _WORD_INDEX).write_bytes(ranks.word_index)


def _read(folder: Path) -> ImdbRanks:
    """Read what `_write` wrote.

    Raises OSError, ValueError or EOFError if it is missing or damaged.
    """
    train, test = (_read_part(folder, part) for part in ("train", "test"))
    return ImdbRanks(train, test, (folder / _WORD_INDEX).read_bytes())


def _read_part(folder: Path, part: str) -> WordRanks:
    ranks, begins, ends, labels = (
        np.load(folder / f"{part}-{name}.npy", "r", allow_pickle=False).view(np.ndarray)
        for name in _ARRAYS
    )
    if not len(begins) == len(ends) == len(labels) or (len(ends) and ends[-1] != len(ranks)):
        raise ValueError("the arrays do not agree")
    return WordRanks(ranks, begins, ends, labels)
