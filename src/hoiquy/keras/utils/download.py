"""Downloads a file: retries, checks its hash, writes atomically."""

import hashlib
import shutil
import time
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from hoiquy.errors import DownloadError
from hoiquy.system.atomic_write import atomic_path, make_folder

_CHUNK = 2**18
_TIMEOUT_SECONDS = 30.0
_ATTEMPTS = 3
_TEMPORARY_STATUSES = (408, 425, 429, 500, 502, 503, 504)


class Hash(NamedTuple):
    """An algorithm of hashlib and the expected hash, hexadecimal."""

    algorithm: str
    value: str


def has_hash(path: Path, known: Hash | None) -> bool:
    """Whether there is a file with this hash; None for any."""
    if not path.is_file():
        return False
    if known is None:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, known.algorithm).hexdigest() == known.value


def download(url: str, target: Path, known: Hash | None) -> None:
    """Write the file at a URL (http, https or file) to `target`, replacing an existing one.

    Raises DownloadError if that fails, for example offline, or its hash is another; WriteError if
    it cannot be written.
    """
    make_folder(target.parent)
    with atomic_path(target) as temporary:
        if urlsplit(url).scheme == "file":
            _copy(url, temporary)
        else:
            _receive(url, temporary, target)
        if not has_hash(temporary, known):
            assert known is not None
            raise DownloadError(
                f"{url}: its {known.algorithm} is not {known.value}; the file is incomplete or has "
                "changed: correct the hash, or leave it out if you trust the file"
            )


def _copy(url: str, path: Path) -> None:
    try:
        shutil.copyfile(url2pathname(urlsplit(url).path), path)
    except OSError as error:
        raise DownloadError(f"{url} cannot be read: {error.strerror or error}") from error


def _receive(url: str, path: Path, target: Path) -> None:
    import requests

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with path.open("wb") as file:
                return _receive_once(url, file)
        except requests.RequestException as error:
            if attempt == _ATTEMPTS or not _is_temporary(error):
                raise DownloadError(
                    f"{url} could not be downloaded ({_reason(error)}); check the connection, or "
                    f"put the file at {target} yourself"
                ) from error
            time.sleep(attempt)
    return None


def _receive_once(url: str, file: IO[bytes]) -> None:
    import requests

    with requests.get(
        url, stream=True, timeout=_TIMEOUT_SECONDS, headers={"User-Agent": "hoiquy"}
    ) as response:
        response.raise_for_status()
        for chunk in response.iter_content(_CHUNK):
            file.write(chunk)


def _is_temporary(error: Exception) -> bool:
    """Whether another attempt may succeed: a busy server or a broken connection."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return error.response.status_code in _TEMPORARY_STATUSES
    return isinstance(error, requests.ConnectionError | requests.Timeout)


def _reason(error: BaseException) -> str:
    """The first cause of an error, on one line."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(getattr(error, "strerror", None) or error or type(error).__name__).split())
