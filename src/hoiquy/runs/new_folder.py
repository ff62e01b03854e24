"""The folder of a new run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.runs.files import (
    COST,
    ENVIRONMENT,
    NGRAMS,
    PLAN,
    RECIPE,
    RESULT,
    SOFT_LABELLED,
    SUBWORDS,
    SUMMARY,
    TEACHER,
    VOCABULARY,
)
from hoiquy.runs.folder import is_language_model, is_self_training, is_unfinished
from hoiquy.system.atomic_write import is_leftover
from hoiquy.system.checksummed_files import MANIFEST
from hoiquy.system.file_lock import LOCK, OWNER

# Files that are written before the one that makes a folder a run, or soft labels.
_BEFORE_THE_START = {
    MANIFEST, LOCK, OWNER, ENVIRONMENT, VOCABULARY, NGRAMS, SUBWORDS, SUMMARY, COST, RESULT,
    SOFT_LABELLED, PLAN,
}  # fmt: skip


def create_run_folder(path: str | Path) -> Path:
    """Make the folder of a new run, with its parents.

    It may exist if it is empty, or if a process was killed in it before it wrote the recipe. Raises
    RunError if it has other files, is a file, or cannot be written to.
    """
    folder = Path(path)
    advice = "choose another --out"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not all(map(_is_before_the_start, folder.iterdir())):
            resumable = is_self_training(folder) or (
                not is_language_model(folder) and is_unfinished(folder)
            )
            unfinished = f", or resume with: hoiquy resume {folder}" if resumable else ""
            raise RunError(
                f"the folder {folder} exists already and is not empty: {advice}{unfinished}"
            )
        writable = os.access(folder, os.W_OK)
    except FileExistsError as error:
        raise RunError(f"{folder} is a file, but a run needs a folder: {advice}") from error
    except OSError as error:
        reason = error.strerror or error
        raise RunError(f"cannot make the run folder {folder}: {reason}; {advice}") from error
    if not writable:
        raise RunError(f"the folder {folder} cannot be written to: {advice}")
    return folder


def _is_before_the_start(path: Path) -> bool:
    """Whether a process may have been killed after it made this file, or folder of a teacher."""
    if path.name == TEACHER:
        return not (path / RECIPE).exists()
    return path.name in _BEFORE_THE_START or is_leftover(path.name)


@contextmanager
def new_run_folder(path: str | Path) -> Iterator[Path]:
    """Do as `create_run_folder`; if the block fails, remove new folders that are empty."""
    made = [one for one in (Path(path), *Path(path).parents) if not one.exists()]
    folder = create_run_folder(path)
    try:
        yield folder
    except BaseException:
        with suppress(OSError):  # not empty
            for one in made:
                one.rmdir()
        raise
