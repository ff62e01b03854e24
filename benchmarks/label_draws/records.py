"""What was measured, and the file that keeps it: a line of JSON for each."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from hoiquy.errors import DataError
from hoiquy.system.atomic_write import write_text
from hoiquy.system.json_files import parse_json
from label_draws.methods import Method


class Key(NamedTuple):
    """What is not measured again."""

    set: str
    data: str  # digest of the texts and labels
    labels: int
    draw: int
    method: str


@dataclass(frozen=True)
class Record:
    """One method on one draw; measures are fractions of the documents scored on."""

    set: str
    data: str
    documents: int  # scored on
    labels: int
    draw: int
    method: str
    options: str | None  # of hoiquy; None for a baseline
    accuracy: float
    macro_f1: float
    seconds: float

    @property
    def key(self) -> Key:
        return Key(self.set, self.data, self.labels, self.draw, self.method)


def load_records(path: Path) -> list[Record]:
    """None if there is no file. Raises RunError for a damaged one."""
    lines = path.read_bytes().splitlines() if path.is_file() else []
    return [parse_json(Record, line, str(path)) for line in lines]


def save_records(path: Path, records: Sequence[Record]) -> None:
    """Replace the file. Raises WriteError if it cannot be written."""
    lines = (json.dumps(asdict(record), ensure_ascii=False) + "\n" for record in records)
    write_text(path, "".join(lines))


def check_options(records: Sequence[Record], methods: Sequence[Method]) -> None:
    """Raise DataError if a method was measured with other options under its name."""
    options = {method.name: method.options for method in methods}
    for record in records:
        if record.options != options.get(record.method, record.options):
            raise DataError(
                f"{record.method} was measured with {record.options!r}: give other options another "
                "name, or another --out"
            )
