"""Download one file whole: resumed after a cut, checked by size and hash, moved into place."""

import hashlib
import http.client
import os
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from hoiquy.data.dataset import Progress
from hoiquy.errors import DownloadError

_CHUNK = 2**18
_PASSING_STATUSES = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class RemoteFile:
    """A published file: where it is, its size in bytes and its sha256 (hex)."""

    url: str
    size: int
    sha256: str


OFFICIAL_ARCHIVE = RemoteFile(
    url="http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    size=84_125_825,
    sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
)


class _InterruptedError(Exception):
    """The transfer stopped for a reason that may pass."""


class _WrongContentError(Exception):
    """What was received is not the file."""


def download(
    remote: RemoteFile,
    target: Path,
    on_progress: Progress | None = None,
    *,
    timeout_seconds: float = 30.0,
    attempts: int = 4,
    pause_seconds: float = 1.0,
) -> Path:
    """Download to `target`, by way of `target` + ".part", and return `target`.

    What an earlier call left in the .part file is not downloaded again if the server can resume.
    A cut is tried again; `attempts` tries in a row that bring nothing new end the download, and
    the .part file stays. The hash is checked over the whole file at the end: if it is wrong, the
    .part file is deleted. `target` is only ever the whole, right file.
    Raises DownloadError in all these cases, and if the disk refuses the file.
    """
    part = target.with_name(target.name + ".part")
    transfer = _Transfer(remote, part, on_progress, timeout_seconds)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _complete(transfer, attempts, pause_seconds)
        found = _sha256(part)
        if found != remote.sha256:
            raise _WrongContentError(f"its sha256 is {found}, expected {remote.sha256}")
        part.replace(target)
    except _WrongContentError as error:
        part.unlink(missing_ok=True)
        raise DownloadError(
            f"{remote.url} was downloaded but {error}; what came was deleted: try again, or use "
            "another network"
        ) from error
    except OSError as error:  # errors of the network are turned into others further down
        raise DownloadError(
            f"{target} cannot be written ({_reason(error)}); make room, or choose another folder "
            "with HOIQUY_CACHE"
        ) from error
    return target


def is_whole(path: Path, remote: RemoteFile) -> bool:
    """Say whether the file at `path` is the published one, by size and hash."""
    return path.is_file() and _size(path) == remote.size and _sha256(path) == remote.sha256


@dataclass(frozen=True)
class _Transfer:
    """What each request of one download needs."""

    remote: RemoteFile
    part: Path
    on_progress: Progress | None
    timeout_seconds: float


def _complete(transfer: _Transfer, attempts: int, pause_seconds: float) -> None:
    """Bring the .part file to its full size, in as many requests as it takes."""
    remote, part = transfer.remote, transfer.part
    if _size(part) > remote.size:
        part.unlink()
    best = _size(part)
    fruitless = 0
    while _size(part) < remote.size:
        reason = "the connection ended early"
        try:
            _receive(transfer)
        except _InterruptedError as error:
            reason = str(error)
        # A server that cannot resume starts again at 0: only a new best is progress.
        fruitless = 0 if _size(part) > best else fruitless + 1
        best = max(best, _size(part))
        if fruitless >= attempts:
            kept = f"; {best:,} of {remote.size:,} bytes are kept for the next try" if best else ""
            raise DownloadError(f"{remote.url} could not be downloaded ({reason}){kept}")
        if _size(part) < remote.size:
            time.sleep(pause_seconds)


def _receive(transfer: _Transfer) -> None:
    """Make one request for what is missing and append what comes to the .part file."""
    remote, part = transfer.remote, transfer.part
    offset = _size(part)
    headers = {"User-Agent": "hoiquy", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    with _open(transfer, urllib.request.Request(remote.url, headers=headers)) as answer:
        received = _first_byte(answer, transfer, offset)
        with part.open("ab" if received else "wb") as file:
            while chunk := _read(answer):
                received += len(chunk)
                if received > remote.size:
                    raise _WrongContentError(f"it is longer than {remote.size:,} bytes")
                file.write(chunk)
                if transfer.on_progress is not None:
                    what = f"downloading {remote.url.rpartition('/')[2]}"
                    transfer.on_progress(what, received, remote.size)
            file.flush()
            os.fsync(file.fileno())


def _open(transfer: _Transfer, request: urllib.request.Request) -> http.client.HTTPResponse:
    """Return the server's answer, status 200 or 206."""
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(
            request, timeout=transfer.timeout_seconds
        )
    except urllib.error.HTTPError as error:
        error.close()
        reason = f"HTTP {error.code} {error.reason}"
        if error.code == 416:  # the range is not in the server's file: start again
            transfer.part.unlink(missing_ok=True)
        elif error.code not in _PASSING_STATUSES:
            raise DownloadError(
                f"{transfer.remote.url} could not be downloaded ({reason})"
            ) from error
        raise _InterruptedError(reason) from error
    except (OSError, http.client.HTTPException) as error:
        raise _InterruptedError(_reason(error)) from error
    return answer


def _first_byte(answer: http.client.HTTPResponse, transfer: _Transfer, offset: int) -> int:
    """Return which byte of the file the answer starts at: `offset`, or 0 if it is the whole file.

    Raises DownloadError if the server's file has another size than the published one.
    """
    if answer.status == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != offset:
            transfer.part.unlink(missing_ok=True)
            raise _InterruptedError("the server sent another range than it was asked for")
        size = found[2]
    else:
        offset = 0
        size = answer.headers.get("Content-Length", "*")
    if size not in ("*", str(transfer.remote.size)):
        raise DownloadError(
            f"{transfer.remote.url} has {size} bytes, expected {transfer.remote.size}; perhaps a "
            "log-in page of the network answered: open a web page first, then try again"
        )
    return offset


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _InterruptedError(_reason(error)) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    """Return what went wrong in a few words, on one line."""
    inner = getattr(error, "reason", error)
    return " ".join(str(getattr(inner, "strerror", None) or inner or type(error).__name__).split())
