"""All times of a run, with medians, ranges and ratios."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, NamedTuple

from peers.cases import Case

HOIQUY = "hoiquy"


class Spread(NamedTuple):
    """Median, lowest and highest of some values."""

    median: float
    low: float
    high: float


@dataclass
class Participant:
    """hoiquy or a peer in one case, with every time that was measured."""

    name: str
    title: str
    embedding: str  # full or cut; hoiquy's is always cut
    versions: dict[str, str] = field(default_factory=dict)
    milliseconds: list[list[float]] = field(default_factory=list)  # by round, by step
    peak_bytes: int = 0  # highest resident memory
    problem: str = ""  # why it has no times in this case

    def round_medians(self) -> list[float]:
        return [median(times) for times in self.milliseconds]

    def spread(self) -> Spread:
        """Of the rounds' medians, in milliseconds."""
        return spread(self.round_medians())


@dataclass
class CaseResult:
    """One measured case; hoiquy is the first participant."""

    case: Case
    participants: list[Participant] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """Rounds that all participants finished."""
        return min((len(one.milliseconds) for one in self.participants), default=0)

    def find(self, name: str, embedding: str = "") -> Participant | None:
        """The first participant of this name and, of a peer, of this embedding."""
        for one in self.participants:
            if one.name == name and (name == HOIQUY or embedding in ("", one.embedding)):
                return one
        return None

    def ratio(self, peer: Participant) -> Spread:
        """The peer's time over hoiquy's, round by round: what slows both cancels out."""
        own = self.participants[0].round_medians()
        pairs = zip(peer.round_medians(), own, strict=False)
        return spread([theirs / ours for theirs, ours in pairs])

    def saved_by_cutting(self, name: str) -> float | None:
        """The share of a peer's time for unreachable embedding rows: median of 1 - cut / full."""
        full, cut = self.find(name, "full"), self.find(name, "cut")
        if full is None or cut is None or full is cut:
            return None
        pairs = zip(cut.round_medians(), full.round_medians(), strict=False)
        return median(1 - less / more for less, more in pairs)


@dataclass
class Results:
    """A whole run."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    cases: list[CaseResult] = field(default_factory=list)

    def of(self, what: str) -> list[CaseResult]:
        """Cases of one kind with at least one whole round."""
        return [result for result in self.cases if result.case.what == what and result.rounds]

    def participants(self) -> list[Participant]:
        return [one for result in self.cases for one in result.participants]

    def titles(self) -> dict[str, str]:
        return {one.name: one.title for one in self.participants()}

    def to_json(self) -> str:
        """Every measured time, and the medians and ratios of the tables."""
        plain = asdict(self)
        for row, result in zip(plain["cases"], self.cases, strict=True):
            row["case"]["recipe"] = result.case.recipe.model_dump()
            for found, one in zip(row["participants"], result.participants, strict=True):
                if result.rounds:
                    found["median_milliseconds"] = one.spread().median
                    found["ratio"] = result.ratio(one)._asdict()
        return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def spread(values: Sequence[float]) -> Spread:
    """Median, lowest, highest."""
    return Spread(median(values), min(values), max(values))
