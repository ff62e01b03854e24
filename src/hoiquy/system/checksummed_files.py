"""Files of a folder with their checksums: a flipped bit is detected on reading.

`manifest.json` has the sha256 of each file, and its own. While files are being replaced it holds
the hashes of the old bytes and of the new ones, so the folder is valid even if the process is
killed at any moment.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from hoiquy.errors import RunError
from hoiquy.system.atomic_write import write_bytes, write_text
from hoiquy.system.bounded_read import read_regular_file

MANIFEST = "manifest.json"
_MAX_BYTES = 2**32  # of one file

Hashes = dict[str, list[str]]  # the valid hashes of each file: one, or old and new


def write_checksummed(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files in order, each atomically. Raises HoiquyError."""
    hashes = read_manifest(folder) if (folder / MANIFEST).exists() else {}
    new = {name: [sha256(content)] for name, content in contents.items()}
    both = {name: list(dict.fromkeys([*hashes.get(name, []), *new[name]])) for name in new}
    _write_manifest(folder, hashes | both)
    for name, content in contents.items():
        write_bytes(folder / name, content)
    _write_manifest(folder, hashes | new)


def write_checksums(folder: Path, hashes: Mapping[str, str]) -> None:
    """Record the sha256 of files that are complete already. Raises HoiquyError."""
    known = read_manifest(folder) if (folder / MANIFEST).exists() else {}
    _write_manifest(folder, known | {name: [one] for name, one in hashes.items()})


def verify_checksum(folder: Path, name: str) -> None:
    """Verify a file of any size without holding it in memory. Raises RunError."""
    try:
        if not (folder / name).is_file():
            raise RunError(f"{folder} holds no {name}")
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RunError(f"cannot read {folder / name}: {error.strerror or error}") from error
    _check_hash(folder, name, found)


def read_checksummed(folder: Path, name: str) -> bytes:
    """The bytes of a file, verified by its checksum. Raises RunError."""
    content = read_bytes(folder / name)
    _check_hash(folder, name, sha256(content))
    return content


def _check_hash(folder: Path, name: str, found: str) -> None:
    if found not in read_manifest(folder).get(name, []):
        raise RunError(f"{folder / name} is damaged, or was changed: checksum mismatch")


def read_manifest(folder: Path) -> Hashes:
    """The valid hashes of each file. Raises RunError if missing or damaged."""
    path = folder / MANIFEST
    try:
        found = json.loads(read_bytes(path))
        hashes = {str(name): [str(one) for one in some] for name, some in found["sha256"].items()}
        whole = found["own_sha256"] == _own_hash(hashes)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RunError(f"{path} is damaged: not a list of files and their hashes") from error
    if not whole:
        raise RunError(f"{path} is damaged: checksum mismatch")
    outside = [name for name in hashes if re.fullmatch(r"\w[\w.-]*", name, re.ASCII) is None]
    if outside:
        raise RunError(f"{path} is damaged: {outside[0]!r} is not a file name in its folder")
    return hashes


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unverified. Raises RunError."""
    try:
        return read_regular_file(path, _MAX_BYTES)
    except FileNotFoundError as error:
        raise RunError(f"{path.parent} holds no {path.name}") from error
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write_manifest(folder: Path, hashes: Hashes) -> None:
    manifest = {"sha256": hashes, "own_sha256": _own_hash(hashes)}
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")


def _own_hash(hashes: Hashes) -> str:
    return sha256(json.dumps(hashes, sort_keys=True).encode("utf-8"))
