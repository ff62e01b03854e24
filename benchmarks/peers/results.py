"""All times of a run, and what is made of them: medians, spreads, ratios."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, NamedTuple

HOIQUY = "hoiquy"


class Spread(NamedTuple):
    """Median, lowest and highest of some values."""

    median: float
    low: float
    high: float


@dataclass
class Participant:
    """Who did a case's work, and every time that was taken."""

    name: str  # hoiquy, or the peer's name
    title: str
    embedding: str  # of a peer: full or cut; of hoiquy: reachable
    versions: dict[str, str] = field(default_factory=dict)
    milliseconds: list[list[float]] = field(default_factory=list)  # by round, by step
    peak_bytes: int = 0  # resident, highest

    def round_medians(self) -> list[float]:
        return [median(times) for times in self.milliseconds]

    def spread(self) -> Spread:
        """Of the rounds' medians, in milliseconds."""
        return spread(self.round_medians())


@dataclass
class CaseResult:
    """One case as measured; participants in the order of their first turn, hoiquy first."""

    what: str
    label: str
    recipe: str
    batch_size: int
    time_steps: int
    axis: str
    size: int
    flops: float
    participants: list[Participant] = field(default_factory=list)
    sgemm_gflops: list[float] = field(default_factory=list)  # by round, all threads

    @property
    def hoiquy(self) -> Participant:
        return self.participants[0]

    @property
    def peers(self) -> list[Participant]:
        return self.participants[1:]

    @property
    def rounds(self) -> int:
        """Rounds that all participants finished."""
        return min((len(one.milliseconds) for one in self.participants), default=0)

    def ratio(self, peer: Participant) -> Spread:
        """The peer's time over hoiquy's, taken round by round: what slows both cancels out."""
        pairs = zip(peer.round_medians(), self.hoiquy.round_medians(), strict=False)
        return spread([theirs / ours for theirs, ours in pairs])

    def participant(self, name: str, embedding: str | None = None) -> Participant | None:
        """The first participant of this name, and of this embedding if one is given; or None."""
        found = (p for p in self.participants if p.name == name)
        return next((p for p in found if embedding in (None, p.embedding)), None)

    def saved_by_cutting(self, name: str) -> Spread | None:
        """What part of a peer's time its embedding's unreachable rows take: 1 - cut / full."""
        full, cut = self.participant(name, "full"), self.participant(name, "cut")
        if full is None or cut is None:
            return None
        pairs = zip(cut.round_medians(), full.round_medians(), strict=False)
        return spread([1 - less / more for less, more in pairs])

    def sgemm_share(self, participant: Participant) -> Spread:
        """The layer's rate over the sgemm rate of the same round."""
        pairs = zip(participant.round_medians(), self.sgemm_gflops, strict=False)
        return spread([self.flops / (time * 1e6) / rate for time, rate in pairs])


@dataclass
class Results:
    """A whole run."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    cases: list[CaseResult] = field(default_factory=list)

    def of(self, what: str) -> list[CaseResult]:
        """Cases of one kind with at least one whole round."""
        return [case for case in self.cases if case.what == what and case.rounds]

    def sgemm(self) -> Spread | None:
        """Of the sgemm rates of all rounds of the run, GFLOP/s."""
        rates = [rate for case in self.cases for rate in case.sgemm_gflops]
        return spread(rates) if rates else None

    def titles(self) -> dict[str, str]:
        """Titles by name of everyone who took part, hoiquy first, in the order of appearance."""
        return {one.name: one.title for case in self.cases for one in case.participants}

    def versions(self) -> dict[str, dict[str, str]]:
        """Package versions by participant's name."""
        return {
            one.name: one.versions
            for case in self.cases
            for one in case.participants
            if one.versions
        }

    def to_json(self) -> str:
        """Every single measurement, and the medians that the table shows."""
        tables = asdict(self)
        for table, case in zip(tables["cases"], self.cases, strict=True):
            for row, one in zip(table["participants"], case.participants, strict=True):
                if not case.rounds:
                    continue
                row["median_milliseconds"] = one.spread().median
                row["ratio"] = case.ratio(one)._asdict()
                if case.flops and case.sgemm_gflops:
                    row["sgemm_share"] = case.sgemm_share(one)._asdict()
        return json.dumps(tables, indent=1, ensure_ascii=False) + "\n"


def spread(values: Sequence[float]) -> Spread:
    """Median, lowest, highest. Raises ValueError if there is no value."""
    if not values:
        raise ValueError("no value was measured")
    return Spread(median(values), min(values), max(values))
