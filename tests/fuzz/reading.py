"""What holds for every reader and any input: a valid object or one HoiquyError of one line.

No other error and no warning; nothing is executed, written or unpickled; memory stays bounded.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from hypothesis import currently_in_test_context, event

from hoiquy.errors import HoiquyError
from hoiquy.messages import LANGUAGES, format_number
from hoiquy.workflows.verify import verify

for _lang in LANGUAGES:  # Babel keeps its own data as pickles: they are loaded before anybody looks
    format_number(0.5, "percent1", _lang)

T = TypeVar("T")
SPARE_BYTES = 2**29  # address space that a reader may take beside what the process has
# Python's names for what no reader should do; the last is of a pickle that asks for a function.
DEEDS = {
    "os.chmod", "os.exec", "os.fork", "os.link", "os.mkdir", "os.posix_spawn", "os.remove",
    "os.rename", "os.rmdir", "os.spawn", "os.symlink", "os.system", "os.truncate", "socket.connect",
    "subprocess.Popen", "pickle.find_class",
}  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_watchers: list[list[str]] = []


def _notice(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watchers:
        return
    if event in DEEDS or (event == "open" and isinstance(arguments[2], int) and _writes(arguments)):
        _watchers[-1].append(f"{event} {arguments!r}")


def _writes(arguments: tuple[Any, ...]) -> bool:
    return bool(arguments[2] & _WRITING)


sys.addaudithook(_notice)  # once: a hook stays as long as the process


@contextmanager
def deeds() -> Iterator[list[str]]:
    """Collect what is done inside that no reader should do, wherever on the disk it is done."""
    found: list[str] = []
    _watchers.append(found)
    try:
        yield found
    finally:
        _watchers.pop()


@contextmanager
def limited_memory(spare: int) -> Iterator[None]:
    """Let an allocation of more than `spare` bytes fail, as it would on a full machine."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + spare, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def outcome(read: Callable[[], T], spare: int = SPARE_BYTES) -> T | HoiquyError:
    """What `read` gives, or its error, after a look at how it went about it.

    spare: bytes of memory that it may take.
    """
    result: T | HoiquyError
    with deeds() as found, limited_memory(spare):
        try:
            result = read()
        except HoiquyError as error:
            result = error
    assert found == [], f"it did what no reader should: {found}"
    if isinstance(result, HoiquyError):
        _check_refusal(result)
    if currently_in_test_context():  # counted under --hypothesis-show-statistics
        event("refused" if isinstance(result, HoiquyError) else "accepted")
    return result


def refusal(read: Callable[[], object]) -> str:
    """The message with which `read` must refuse."""
    result = outcome(read)
    assert isinstance(result, HoiquyError), "it was not refused"
    return str(result)


def _check_refusal(error: HoiquyError) -> None:
    assert type(error) is not HoiquyError, "it does not say what kind of error it is"
    message = str(error)
    assert message.splitlines() == [message], "it is not one line"
    cause: BaseException | None = error
    while cause is not None:
        # Arrow reserves what a page claims, 2 GiB at most, and touches what bytes there are.
        reserved = isinstance(cause, MemoryError) and not isinstance(cause, pa.ArrowMemoryError)
        assert not reserved, "it was allocated before it was refused"
        cause = cause.__cause__ or cause.__context__


def check_verified(folder: Path) -> None:
    """Verify a folder; each fault that is found is told in a line."""
    found = outcome(lambda: verify(folder))
    if isinstance(found, tuple):
        assert all(problem.splitlines() == [problem] for problem in found[1])
