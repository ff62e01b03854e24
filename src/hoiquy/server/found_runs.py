"""The runs below the served folder, by the names under which callers know them."""

import os
from collections.abc import Iterator
from pathlib import Path

from hoiquy.runs.files import (
    HISTORY,
    NGRAMS,
    RECIPE,
    RESULT,
    SUBWORDS,
    VOCABULARY,
    WEIGHTS,
)
from hoiquy.runs.folder import is_language_model
from hoiquy.system.checksummed_files import MANIFEST

_DEPTH = 4  # of folders below the served one: links may lead in circles
_FILES = (RECIPE, RESULT, WEIGHTS, VOCABULARY, NGRAMS, SUBWORDS, HISTORY, MANIFEST)

Signature = tuple[tuple[int, int, int] | None, ...]  # other where a file of the run is another


def find_runs(root: Path) -> dict[str, Path]:
    """Folders with a recipe.toml, by their path below `root` with "/", sorted.

    A run that is served alone goes by its folder's name. Hidden folders and language models are
    passed over.
    """
    if _stamp(root / RECIPE) is not None:
        return {_name(root.resolve().name): root}
    below = sorted(_below(root, _DEPTH))
    return {_name(folder.relative_to(root).as_posix()): folder for folder in below}


def _name(path: str) -> str:
    """As it can be sent: a folder's name may be bytes that are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        inside = [entry for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:  # it has gone, or is not ours to read
        return
    for entry in inside:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if _stamp(path / RECIPE) is not None:
            if not is_language_model(path):
                yield path
        elif depth > 1:
            yield from _below(path, depth - 1)


def signature(folder: Path) -> Signature:
    """What tells without reading a file whether a run has changed."""
    return tuple(_stamp(folder / name) for name in _FILES)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
