"""Downloads a published file with pooch: retries, checks size and hash, writes atomically."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Progress
from hoiquy.errors import DownloadError

_CHUNK = 2**18
_TEMPORARY_STATUSES = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its URL, its size in bytes and its sha256 (hex)."""

    url: str
    size: int
    sha256: str


OFFICIAL_ARCHIVE = RemoteFile(
    url="http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    size=84_125_825,
    sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
)


def download(
    remote: RemoteFile,
    target: Path,
    on_progress: Progress | None = None,
    *,
    timeout_seconds: float = 30.0,
    attempts: int = 4,
) -> Path:
    """Download a file to `target`, unless it is already there with the correct hash.

    An incomplete file, or one with another hash, never appears at `target`.

    Args:
        remote: The file.
        target: Where to write it.
        on_progress: Called with the number of bytes.
        timeout_seconds: Timeout of the connection and of each read.
        attempts: Number of attempts if the connection fails.

    Returns:
        `target`.

    Raises:
        DownloadError: All attempts fail, the server refuses the file or sends another one, or it
            cannot be written.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")  # progress is reported to `on_progress`
    cache = pooch.create(
        target.parent,
        base_url="",
        urls={target.name: remote.url},
        registry={target.name: remote.sha256},
        retry_if_failed=attempts - 1,
    )
    receive = partial(_receive, remote, on_progress, timeout_seconds)
    try:
        cache.fetch(target.name, downloader=receive)
    except (ValueError, requests.RequestException) as error:  # ValueError: hash mismatch
        raise _not_downloaded(remote, _reason(error)) from error
    except OSError as error:
        raise DownloadError(
            f"{target} cannot be written ({_reason(error)}); free disk space, or set "
            "HOIQUY_CACHE to another folder"
        ) from error
    return target


def _receive(
    remote: RemoteFile,
    on_progress: Progress | None,
    timeout_seconds: float,
    url: str,
    path: str,
    _: Any,
) -> None:
    """Download the file once, as a downloader of pooch, which does not retry DownloadError."""
    import requests

    headers = {"User-Agent": "hoiquy", "Accept-Encoding": "identity"}
    activity = f"downloading {url.rpartition('/')[2]}"
    received = 0
    Path(path).unlink()  # pooch creates it readable for its owner only
    with (
        requests.get(url, stream=True, timeout=timeout_seconds, headers=headers) as response,
        Path(path).open("wb") as file,
    ):
        if not response.ok and response.status_code not in _TEMPORARY_STATUSES:
            raise _not_downloaded(remote, f"HTTP {response.status_code} {response.reason}")
        response.raise_for_status()
        for chunk in response.iter_content(_CHUNK):
            received += len(chunk)
            if received > remote.size:
                raise _not_downloaded(remote, f"it is longer than {remote.size:,} bytes")
            file.write(chunk)
            if on_progress is not None:
                on_progress(activity, received, remote.size)
    if received < remote.size:
        raise _not_downloaded(
            remote,
            f"it has {received:,} bytes, expected {remote.size:,}; perhaps the network requires a "
            "log-in: open a web page first, then try again",
        )


def _not_downloaded(remote: RemoteFile, reason: str) -> DownloadError:
    return DownloadError(f"{remote.url} could not be downloaded ({reason})")


def _reason(error: BaseException) -> str:
    """The first cause of an error, on one line."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(getattr(error, "strerror", None) or error or type(error).__name__).split())
