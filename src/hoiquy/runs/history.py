"""The measures of each epoch, and their file: one JSON object per line."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hoiquy.errors import RunError


@dataclass(frozen=True)
class EpochRecord:
    """Measures of one epoch; losses include the l2 penalty, as in Keras.

    Equal trainings give equal bits; times are in `cost.json`.
    """

    epoch: int  # from 1
    loss: float
    accuracy: float  # fraction of training documents, measured while training (dropout on)
    val_loss: float
    val_accuracy: float
    learning_rate: float  # of the epoch's last step
    # By layer, see `gradient_norms.py`; empty with the engine Keras.
    gradient_norms: dict[str, float] = field(default_factory=dict)  # at the epoch's first step
    largest_gradient_norms: dict[str, float] = field(default_factory=dict)  # of all its steps


def dump_history(records: Iterable[EpochRecord]) -> str:
    """The content of `history.jsonl`: one line per epoch."""
    return "".join(json.dumps(_line(record)) + "\n" for record in records)


def _line(record: EpochRecord) -> dict[str, Any]:
    """The record without empty measures; layers sorted by name."""
    measures = asdict(record)
    for name in ("gradient_norms", "largest_gradient_norms"):
        by_layer = measures.pop(name)
        if by_layer:
            measures[name] = dict(sorted(by_layer.items()))
    return measures


def parse_history(text: str, source: str) -> list[EpochRecord]:
    """Parse the text of `dump_history`. Raises RunError for a damaged line, naming `source`."""
    record = TypeAdapter(EpochRecord)
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            records.append(record.validate_json(line, strict=True))
        except ValidationError as error:
            raise RunError(f"{source}, line {number}: not a record of an epoch") from error
    return records
