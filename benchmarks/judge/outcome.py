"""What one participant reached on one set with one seed."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Key(NamedTuple):
    """What makes two outcomes the same measurement."""

    set: str
    data: str  # digest of the set's files
    participant: str
    code: str  # hash of the participant's code
    seed: int  # 0 for a baseline
    minutes: float  # 0 for a baseline


@dataclass(frozen=True)
class Outcome:
    """One measured training and prediction; predictions are class numbers of the set."""

    set: str
    data: str
    participant: str
    code: str
    seed: int
    minutes: float
    predicted: list[int]  # by test document
    log_loss: float | None  # None without probabilities
    seconds: float  # of the whole training command
    processor_seconds: float
    peak_bytes: int
    model_bytes: int
    predict_seconds: float  # of the test file; of hoiquy those of the whole program
    documents_per_second: float  # without the start of a program
    chosen: dict[str, float] = field(default_factory=dict)  # settings of a baseline
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return Key(self.set, self.data, self.participant, self.code, self.seed, self.minutes)
