"""Checkpoints: the state of a training on disk, the previous good one kept until the next is whole.

    checkpoint/0000000123.safetensors   arrays
    checkpoint/0000000123.json          everything else, the hash of the arrays, and its own

The number rises from one to the next. The JSON file is written last: a checkpoint without it does
not exist. Nothing in here is ever unpickled.
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
    """What was saved, and what was wrong with newer ones that had to be passed over."""

    number: int
    facts: dict[str, Any]
    arrays: dict[str, Array]
    damaged: tuple[str, ...] = ()


def save_checkpoint(
    run: Path, number: int, facts: Mapping[str, Any], arrays: Mapping[str, Array]
) -> None:
    """Write checkpoint `number` of a run, then remove all but the newest two.

    facts: JSON. Raises HoiquyError if it cannot be written; the previous ones are then still there.
    """
    folder = run / FOLDER
    make_folder(folder)
    content = dump_arrays(arrays)
    body = {"facts": facts, "arrays_sha256": sha256(content)}
    write_bytes(_arrays(folder, number), content)
    write_text(_facts(folder, number), _canonical(body | {"sha256": sha256(_sealed(body))}))
    numbers = checkpoint_numbers(run)
    for old in numbers[KEPT:]:
        _facts(folder, old).unlink(missing_ok=True)  # first: without it the rest does not count
    for path in folder.glob("*.safetensors"):
        if not path.with_suffix(".json").exists():
            path.unlink(missing_ok=True)


def remove_checkpoints(run: Path) -> None:
    """Remove all checkpoints of a run that is complete."""
    shutil.rmtree(run / FOLDER, ignore_errors=True)


def checkpoint_numbers(run: Path) -> list[int]:
    """The checkpoints of a run, the newest first; whether they are whole is not looked at."""
    stems = (path.stem for path in (run / FOLDER).glob("*.json"))
    return sorted((int(stem) for stem in stems if stem.isdecimal()), reverse=True)


def load_checkpoint(run: Path) -> Checkpoint | None:
    """The newest whole checkpoint of a run; None if it never had one.

    Raises RunError if it has some and all are damaged.
    """
    damaged: list[str] = []
    for number in checkpoint_numbers(run):
        try:
            return read_checkpoint(run, number, tuple(damaged))
        except RunError as error:
            damaged.append(str(error))
    if damaged:
        raise RunError(f"no checkpoint of {run} is whole: {'; '.join(damaged)}; train again")
    return None


def read_checkpoint(run: Path, number: int, damaged: tuple[str, ...] = ()) -> Checkpoint:
    """One checkpoint. Raises RunError if it is not whole."""
    folder = run / FOLDER
    path = _facts(folder, number)
    try:
        found = json.loads(read_bytes(path))
        body = {"facts": found["facts"], "arrays_sha256": found["arrays_sha256"]}
        whole = found["sha256"] == sha256(_sealed(body)) and isinstance(body["facts"], dict)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"the checkpoint {path} is damaged: not whole") from error
    if not whole:
        raise RunError(f"the checkpoint {path} is damaged: its hash is another")
    content = read_bytes(_arrays(folder, number))
    if sha256(content) != body["arrays_sha256"]:
        raise RunError(f"the checkpoint {_arrays(folder, number)} is damaged: its hash is another")
    return Checkpoint(number, body["facts"], parse_arrays(content, str(path)), damaged)


def _arrays(folder: Path, number: int) -> Path:
    return folder / f"{number:010}.safetensors"


def _facts(folder: Path, number: int) -> Path:
    return folder / f"{number:010}.json"


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _sealed(body: Mapping[str, Any]) -> bytes:
    return _canonical(body).encode("utf-8", "surrogatepass")
