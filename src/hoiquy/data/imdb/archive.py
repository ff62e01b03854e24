"""Reads the official archive (untrusted) as a stream, without unpacking it to disk."""

import gzip
import tarfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Self

from hoiquy.data.dataset import Progress
from hoiquy.errors import DataError

MAX_REVIEW_BYTES = 16 * 2**20
MAX_UNPACKED_BYTES = 2**30  # five times the official archive
_MAX_HEADER_BYTES = 2**16
_MAX_GLOBAL_HEADER_BYTES = 2**9  # its fields stay in memory; Git's has 52 bytes
_PROGRESS_EVERY = 1000
_CHUNK = 2**20
_ADVICE = "do not use this archive; take the official aclImdb_v1.tar.gz"

# Raised by gzip and tarfile for damaged input: ValueError for damaged extended headers,
# RecursionError for a thousand of them in a row.
_DAMAGED = (
    tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError,
    RecursionError,
)  # fmt: skip


class _StrictMember(tarfile.TarInfo):
    """A member with a validated header.

    By default, `tarfile` takes a damaged or missing header for the end of the archive and silently
    drops the rest.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            member = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                raise  # a block of zeros is the regular end
            raise tarfile.ReadError(f"bad header: {error}") from error
        if member.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("bad header: a sparse file")
        # `tarfile` reads extended headers of any size into memory.
        largest = _MAX_HEADER_BYTES
        if member.type == tarfile.XGLTYPE:
            largest = _MAX_GLOBAL_HEADER_BYTES
        if member.size < 0 or (not member.isreg() and member.size > largest):
            raise tarfile.ReadError(f"bad header: size {member.size}")
        return member

    def _proc_gnusparse_10(self, *_: Any) -> None:
        """Refuse a sparse map, which `tarfile` reads as a list of any size."""
        raise tarfile.ReadError("bad header: a sparse file")


def read_archive(
    path: Path, parts: Collection[str], classes: Collection[str], on_progress: Progress | None
) -> dict[tuple[str, str, str], bytes]:
    """Return (part, class, file name) → bytes for the .txt members [ROOT/]PART/CLASS/NAME.txt.

    Skips all other regular files. Raises DataError if the archive is damaged or truncated, has a
    member that points outside or is neither a file nor a folder, has two trees of reviews, a review
    above 16 MiB, or unpacks to more than 1 GiB.
    """
    reviews: dict[tuple[str, str, str], bytes] = {}
    roots: set[str] = set()
    try:
        with (
            path.open("rb") as file,
            gzip.GzipFile(fileobj=file) as stream,
            tarfile.open(
                fileobj=stream, mode="r|", tarinfo=_StrictMember, encoding="utf-8"
            ) as archive,
        ):
            size = path.stat().st_size
            for number, member in enumerate(archive):
                _forget(archive)
                _check_size(archive.offset, path)  # the claimed end of this member
                _check(member, path)
                root, part, label, name = _split_name(member.name)
                if part in parts and label in classes and _is_review(member, name):
                    roots.add(root)
                    reviews[part, label, name] = _read(archive, member, path)
                if on_progress is not None and number % _PROGRESS_EVERY == 0:
                    on_progress(f"reading {path.name}", file.tell(), size)
            while stream.read(_CHUNK):  # at the end, gzip verifies its checksum
                _check_size(stream.tell(), path)
    except DataError:  # a subclass of ValueError
        raise
    except _DAMAGED as error:
        raise DataError(
            f"{path} is truncated or damaged ({error}); copy or download it again"
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(roots) > 1:
        first, second = sorted(roots)[:2]
        raise DataError(f"{path}: expected one tree of reviews, found {first!r} and {second!r}")
    return reviews


def _check_size(unpacked: int, path: Path) -> None:
    """Raise DataError above the limit: a small gzip file may decompress to any size."""
    if unpacked > MAX_UNPACKED_BYTES:
        raise DataError(
            f"{path} unpacks to more than {MAX_UNPACKED_BYTES:,} bytes; {_ADVICE}, or unpack "
            "it yourself and pass its folder"
        )


def _forget(archive: Any) -> None:
    """Free what `tarfile` keeps: members, and fields of global headers."""
    archive.members.clear()
    archive.pax_headers.clear()


def _check(member: tarfile.TarInfo, path: Path) -> None:
    """Raise DataError unless the member is a file or folder inside the archive's own tree."""
    if member.name.startswith("/") or ".." in member.name.split("/"):
        raise DataError(f"{path}: member {member.name!r} points outside the archive; {_ADVICE}")
    if not (member.isreg() or member.isdir()):
        raise DataError(f"{path}: member {member.name!r} is a link or a device; {_ADVICE}")
    if member.issparse():
        raise DataError(f"{path}: member {member.name!r} is a sparse file; {_ADVICE}")


def _split_name(name: str) -> tuple[str, str, str, str]:
    """Return (root, part, class, file name), "" where missing."""
    *root, part, label, file_name = ["", "", "", *name.split("/")]
    return "/".join(step for step in root if step not in ("", ".")), part, label, file_name


def _is_review(member: tarfile.TarInfo, name: str) -> bool:
    # macOS adds a hidden "._NAME.txt" to each file.
    return member.isreg() and name.endswith(".txt") and not name.startswith(".")


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> bytes:
    """Return the bytes of a review; skipped members may have any size."""
    if member.size > MAX_REVIEW_BYTES:
        raise DataError(
            f"{path}: member {member.name!r} has {member.size:,} bytes; expected reviews of "
            f"at most {MAX_REVIEW_BYTES:,}"
        )
    file = archive.extractfile(member)
    content = b"" if file is None else file.read()
    if len(content) < member.size:
        raise tarfile.ReadError(f"member {member.name!r} ends early")
    return content
