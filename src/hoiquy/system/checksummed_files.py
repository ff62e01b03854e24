"""Files of a folder whose bytes are known: a flipped bit is noticed when they are read.

`manifest.json` has the sha256 of each, and its own. While files change, it holds the hashes of the
old bytes and of the new ones; so a process may be killed at any moment, and what lies there is one
or the other.
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

Hashes = dict[str, list[str]]  # of each file, those that its bytes may have: one, or old and new


def write_checksummed(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files, in their order, each whole or not at all. Raises HoiquyError."""
    hashes = read_manifest(folder) if (folder / MANIFEST).exists() else {}
    new = {name: [sha256(content)] for name, content in contents.items()}
    both = {name: list(dict.fromkeys([*hashes.get(name, []), *new[name]])) for name in new}
    _write_manifest(folder, hashes | both)
    for name, content in contents.items():
        write_bytes(folder / name, content)
    _write_manifest(folder, hashes | new)


def write_checksums(folder: Path, hashes: Mapping[str, str]) -> None:
    """Enter files that lie there, whole, with the sha256 of each. Raises HoiquyError."""
    there = read_manifest(folder) if (folder / MANIFEST).exists() else {}
    _write_manifest(folder, there | {name: [one] for name, one in hashes.items()})


def verify_checksum(folder: Path, name: str) -> None:
    """Do as `read_checksummed` with a file of any size, and keep nothing of it. Raises RunError."""
    try:
        if not (folder / name).is_file():
            raise RunError(f"{folder} holds no {name}")
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RunError(f"cannot read {folder / name}: {error.strerror or error}") from error
    _check_hash(folder, name, found)


def read_checksummed(folder: Path, name: str) -> bytes:
    """The bytes of a file, which are those that were written. Raises RunError."""
    content = read_bytes(folder / name)
    _check_hash(folder, name, sha256(content))
    return content


def _check_hash(folder: Path, name: str, found: str) -> None:
    if found not in read_manifest(folder).get(name, []):
        raise RunError(
            f"{folder / name} is damaged, or was changed: its bytes are not those that were saved"
        )


def read_manifest(folder: Path) -> Hashes:
    """The hashes that each file may have. Raises RunError if missing or damaged."""
    path = folder / MANIFEST
    try:
        found = json.loads(read_bytes(path))
        hashes = {str(name): [str(one) for one in some] for name, some in found["sha256"].items()}
        whole = found["own_sha256"] == _own_hash(hashes)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RunError(f"{path} is damaged: not a list of files and their hashes") from error
    if not whole:
        raise RunError(f"{path} is damaged: its hash is another")
    outside = [name for name in hashes if re.fullmatch(r"\w[\w.-]*", name, re.ASCII) is None]
    if outside:
        raise RunError(f"{path} is damaged: {outside[0]!r} is no name of a file in its folder")
    return hashes


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, whatever they are. Raises RunError."""
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
