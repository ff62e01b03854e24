"""Checkpoints: the state of a training on disk; the two newest are kept.

    checkpoint/0000000123.safetensors   arrays
    checkpoint/0000000123.json          everything else, and the hashes of both files

Numbers rise. The JSON file is written last; without it, a checkpoint does not exist. Nothing is
ever unpickled.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoiquy.errors import RunError
from hoiquy.nn.kernels import Array
from hoiquy.runs.arrays import dump_arrays, parse_arrays
from hoiquy.system.atomic_write import make_folder, write_bytes, write_text
from hoiquy.system.checksummed_files import read_bytes, sha256

FOLDER = "checkpoint"
KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read."""

    number: int
    facts: dict[str, Any]
    arrays: dict[str, Array]
    damaged: tuple[str, ...] = ()  # errors of newer checkpoints


def save_checkpoint(
    run: Path, number: int, facts: Mapping[str, Any], arrays: Mapping[str, Array]
) -> None:
    """Write checkpoint `number` of a run, then remove all but the newest two.

    facts: for JSON. Raises HoiquyError if it cannot be written; the previous ones are then kept.
    """
    folder = run / FOLDER
    make_folder(folder)
    content = dump_arrays(arrays)
    body = {"facts": facts, "arrays_sha256": sha256(content)}
    write_bytes(_arrays(folder, number), content)
    write_text(_facts(folder, number), _canonical(body | {"sha256": sha256(_bytes_of(body))}))
    numbers = checkpoint_numbers(run)
    for old in numbers[KEPT:]:
        _facts(folder, old).unlink(missing_ok=True)  # first: without it, arrays are leftovers
    for path in folder.glob("*.safetensors"):
        if not path.with_suffix(".json").exists():
            path.unlink(missing_ok=True)


def remove_checkpoints(run: Path) -> None:
    """Remove all checkpoints of a complete run."""
    shutil.rmtree(run / FOLDER, ignore_errors=True)


def checkpoint_numbers(run: Path) -> list[int]:
    """The checkpoints of a run, newest first, not validated."""
    stems = (path.stem for path in (run / FOLDER).glob("*.json"))
    return sorted((int(stem) for stem in stems if stem.isdecimal()), reverse=True)


def load_checkpoint(run: Path) -> Checkpoint | None:
    """The newest intact checkpoint; None without any. Raises RunError if all are damaged."""
    damaged: list[str] = []
    for number in checkpoint_numbers(run):
        try:
            return read_checkpoint(run, number, tuple(damaged))
        except RunError as error:
            damaged.append(str(error))
    if damaged:
        raise RunError(f"no checkpoint of {run} is intact: {'; '.join(damaged)}; train again")
    return None


def read_checkpoint(run: Path, number: int, damaged: tuple[str, ...] = ()) -> Checkpoint:
    """Read a checkpoint. Raises RunError if it is damaged."""
    folder = run / FOLDER
    path = _facts(folder, number)
    try:
        found = json.loads(read_bytes(path))
        body = {"facts": found["facts"], "arrays_sha256": found["arrays_sha256"]}
        whole = found["sha256"] == sha256(_bytes_of(body)) and isinstance(body["facts"], dict)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"the checkpoint {path} is damaged: not whole") from error
    if not whole:
        raise RunError(f"the checkpoint {path} is damaged: checksum mismatch")
    content = read_bytes(_arrays(folder, number))
    if sha256(content) != body["arrays_sha256"]:
        raise RunError(f"the checkpoint {_arrays(folder, number)} is damaged: checksum mismatch")
    return Checkpoint(number, body["facts"], parse_arrays(content, str(path)), damaged)


def _arrays(folder: Path, number: int) -> Path:
    return folder / f"{number:010}.safetensors"


def _facts(folder: Path, number: int) -> Path:
    return folder / f"{number:010}.json"


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _bytes_of(body: Mapping[str, Any]) -> bytes:
    return _canonical(body).encode("utf-8", "surrogatepass")
