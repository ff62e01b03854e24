"""All outcomes of the judge, and the file that keeps them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.metrics.one_label import macro_f1
from hoiquy.system.json_files import parse_json
from judge.outcome import Key, Outcome
from judge.participants import BASELINES, HOIQUY
from judge.sets import LabelledSet

MEASURES = ("accuracy", "macro_f1")


@dataclass(frozen=True)
class SetFacts:
    """A set without its texts."""

    name: str
    data: str  # digest of its files
    classes: list[str]
    train_documents: int
    labels: list[int]  # class numbers of the test documents


@dataclass(frozen=True)
class _Saved:
    """What is read again of the file; the rest of it follows from that."""

    outcomes: list[Outcome]


@dataclass
class Results:
    """A run of the judge. Outcomes of other code, minutes or files are kept, but not reported."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    sets: list[SetFacts] = field(default_factory=list)
    wanted: list[Key] = field(default_factory=list)
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    not_measured: list[str] = field(default_factory=list)  # and why, a line each

    def add(self, outcome: Outcome) -> None:
        self.outcomes[outcome.key] = outcome

    def found(self, name: str, participant: str) -> list[Outcome]:
        """The outcomes of a participant on a set, by seed."""
        keys = [key for key in self.wanted if (key.set, key.participant) == (name, participant)]
        return [self.outcomes[key] for key in keys if key in self.outcomes]

    def participants(self) -> list[str]:
        """Those with an outcome on any set; hoiquy is the first."""
        names = (HOIQUY, *BASELINES)
        return [name for name in names if any(self.found(one.name, name) for one in self.sets)]

    def compared(self) -> list[SetFacts]:
        """The sets with an outcome of hoiquy and of a baseline."""
        return [
            one
            for one in self.sets
            if self.found(one.name, HOIQUY) and any(self.found(one.name, b) for b in BASELINES)
        ]

    def to_json(self, derived: dict[str, Any]) -> str:
        """Every outcome with its measures, and what is `derived` from them."""
        facts = {one.name: one for one in self.sets}
        plain = {
            "machine": self.machine,
            "settings": self.settings,
            "not_measured": self.not_measured,
            **derived,
            "sets": [asdict(one) for one in self.sets],
            "outcomes": [
                {**_measures(facts[outcome.set], outcome), **asdict(outcome)}
                if key in self.wanted
                else asdict(outcome)
                for key, outcome in self.outcomes.items()
            ],
        }
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"


def load_outcomes(path: Path) -> dict[Key, Outcome]:
    """The outcomes of a run before, if there was one. Raises RunError for a damaged file."""
    if not path.is_file():
        return {}
    saved = parse_json(_Saved, path.read_bytes(), str(path))
    return {outcome.key: outcome for outcome in saved.outcomes}


def facts_of(sets: Iterable[LabelledSet]) -> list[SetFacts]:
    return [
        SetFacts(one.name, one.digest, list(one.classes), len(one.texts), one.test_labels.tolist())
        for one in sets
    ]


def correct(on: SetFacts, outcome: Outcome) -> NDArray[np.bool_]:
    """(test documents,), True where the prediction is the label."""
    return np.asarray(np.array(outcome.predicted) == np.array(on.labels))


def score(on: SetFacts, outcome: Outcome, measure: str) -> float:
    """Accuracy, or the mean of F1 over all classes of the set: a fraction."""
    if measure == "accuracy":
        return float(correct(on, outcome).mean())
    labels, predicted = np.array(on.labels), np.array(outcome.predicted)
    return macro_f1(labels, predicted, len(on.classes))


def mean_score(on: SetFacts, outcomes: Sequence[Outcome], measure: str) -> float:
    """Over seeds."""
    return float(np.mean([score(on, one, measure) for one in outcomes]))


def _measures(on: SetFacts, outcome: Outcome) -> dict[str, float]:
    return {measure: score(on, outcome, measure) for measure in MEASURES}
