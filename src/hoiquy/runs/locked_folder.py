"""Lock a run folder, clean temporary files, add a resume hint to errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hoiquy.errors import WriteError
from hoiquy.runs.checkpoint import FOLDER as CHECKPOINTS
from hoiquy.runs.ensemble import MEMBERS
from hoiquy.runs.files import RECIPE
from hoiquy.system.atomic_write import remove_leftovers
from hoiquy.system.file_lock import locked


@contextmanager
def locked_folder(folder: Path, resume_hint: Callable[[], str]) -> Iterator[None]:
    """Lock a folder and remove temporary files; a WriteError in the block gets a resume hint."""
    with locked(folder):
        for place in (folder, *folder.glob(f"{MEMBERS}/*")):
            remove_leftovers(place)
            remove_leftovers(place / CHECKPOINTS)
        try:
            yield
        except WriteError as error:
            if not (folder / RECIPE).exists():
                raise
            raise WriteError(
                f"{error}; saved work is kept: free some space, then resume with: {resume_hint()}"
            ) from error
