"""A folder that is trained in: closed to others, tidied, and with a word on how to go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hoiquy.errors import WriteError
from hoiquy.runs.checkpoint import FOLDER as CHECKPOINTS
from hoiquy.runs.files import RECIPE
from hoiquy.system.atomic_write import remove_leftovers
from hoiquy.system.file_lock import locked


@contextmanager
def locked_folder(folder: Path, resume_hint: Callable[[], str]) -> Iterator[None]:
    """Hold a folder's lock, and clear away what killed processes left in it.

    Where a file cannot be written, the error also tells how to go on.
    """
    with locked(folder):
        for place in (folder, folder / CHECKPOINTS):
            remove_leftovers(place)
        try:
            yield
        except WriteError as error:
            if not (folder / RECIPE).exists():
                raise
            raise WriteError(
                f"{error}; nothing that was saved is lost: make room there, and resume with: "
                f"{resume_hint()}"
            ) from error
