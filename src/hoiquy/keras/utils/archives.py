"""Unpacks a downloaded archive (untrusted) into a folder that appears only when it is complete."""

import secrets
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path

from hoiquy.errors import DataError, WriteError
from hoiquy.keras.errors import KerasError

_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)


def unpack(archive: Path, folder: Path, formats: list[str]) -> None:
    """Unpack a tar or zip file, replacing the folder if it exists.

    formats: those to try, "tar" and "zip". Raises KerasError if it has none of them, DataError if
    it is damaged or has members that point outside the folder, WriteError if the folder cannot be
    written.
    """
    kind = _format(archive, formats)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        _unpack(archive, temporary, kind)
        if folder.is_dir():
            shutil.rmtree(folder)
        temporary.replace(folder)
    except OSError as error:
        raise WriteError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _unpack(archive: Path, folder: Path, kind: str) -> None:
    try:
        if kind == "zip":
            with zipfile.ZipFile(archive) as zipped:
                _check_names(archive, zipped.namelist())
                zipped.extractall(folder)
        else:
            with tarfile.open(archive) as tarred:
                tarred.extractall(folder, filter="data")  # refuses what points outside
    except DataError:  # a subclass of ValueError
        raise
    except _DAMAGED as error:
        raise DataError(
            f"{archive} cannot be unpacked ({error}); download it again, with force_download=True"
        ) from error


def _format(archive: Path, formats: list[str]) -> str:
    for name in formats:
        if name not in ("tar", "zip"):
            raise KerasError(f"get_file: archive_format is {name!r}, expected 'tar' or 'zip'")
    if "tar" in formats and tarfile.is_tarfile(archive):
        return "tar"
    if "zip" in formats and zipfile.is_zipfile(archive):
        return "zip"
    expected = " or ".join(formats) or "any archive"
    raise KerasError(f"get_file: {archive} is not {expected}, so it cannot be extracted")


def _check_names(archive: Path, names: list[str]) -> None:
    """Raise DataError for a name that points outside the folder."""
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise DataError(f"{archive}: member {name!r} points outside; do not use this archive")
