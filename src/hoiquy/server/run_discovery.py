"""Find the runs below the served folder."""

import os
from collections.abc import Iterator
from pathlib import Path

from hoiquy.runs.ensemble import ENSEMBLE
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

_DEPTH = 4  # of subfolders: links may form a loop
_FILES = (RECIPE, RESULT, WEIGHTS, VOCABULARY, NGRAMS, SUBWORDS, HISTORY, ENSEMBLE, MANIFEST)

Signature = tuple[tuple[int, int, int] | None, ...]  # differs when a file of the run differs


def find_runs(root: Path) -> dict[str, Path]:
    """Map names to folders with a recipe.toml, sorted: the name is the path below `root` with "/".

    If `root` is itself a run, its folder's name is used. Hidden folders and language models are
    skipped.
    """
    if _stamp(root / RECIPE) is not None:
        return {_name(root.resolve().name): root}
    below = sorted(_below(root, _DEPTH))
    return {_name(folder.relative_to(root).as_posix()): folder for folder in below}


def _name(path: str) -> str:
    """A name that can be sent as JSON: a folder's name may be invalid UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        inside = [entry for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:  # deleted meanwhile, or not readable
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
    """Times and sizes of a run's files: they tell whether it changed without reading them."""
    return tuple(_stamp(folder / name) for name in _FILES)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
