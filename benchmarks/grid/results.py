"""All times of the grid: geometric means by level, worst cells, and the JSON file."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from grid.cell import gflop
from grid.measure import CellResult
from grid.participants import SGEMM
from layer_rate import SGEMM_SIZE
from peers.results import HOIQUY, Spread, spread

Chosen = Callable[[CellResult], bool]


class Mean(NamedTuple):
    """Geometric mean of a peer's ratios over some cells, with their number and the lowest."""

    ratio: float
    cells: int
    lowest: float


@dataclass
class GridResults:
    """A run of the grid."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    left_out: dict[str, str] = field(default_factory=dict)  # peers and why
    cells: list[CellResult] = field(default_factory=list)

    def of(self, what: str, chosen: Chosen = lambda _: True) -> list[CellResult]:
        """Measured cells of one kind."""
        found = [result for result in self.cells if result.case.what == what and result.measured]
        return [result for result in found if chosen(result)]

    def titles(self) -> dict[str, str]:
        """Titles of the participants by name."""
        return {one.name: one.title for result in self.cells for one in result.participants}

    def peers(self, what: str) -> list[str]:
        """Names of hoiquy's peers in one kind of measurement, in the order of the participants."""
        found = [one.name for result in self.of(what) for one in result.participants]
        order = {name: number for number, name in enumerate(self.settings.get("against", ()))}
        names = [name for name in dict.fromkeys(found) if name not in (HOIQUY, SGEMM)]
        return sorted(names, key=lambda name: order.get(name, len(order)))

    def mean(self, name: str, cells: Iterable[CellResult]) -> Mean | None:
        """Of a peer's ratios in these cells; None if it was measured in none."""
        ratios = [ratio.median for cell in cells if (ratio := ratio_of(cell, name))]
        return Mean(geometric_mean(ratios), len(ratios), min(ratios)) if ratios else None

    def worst(self, name: str, what: str, count: int) -> list[tuple[float, CellResult]]:
        """The cells where a peer is best compared with hoiquy, with its ratio."""
        found = [(ratio.median, one) for one in self.of(what) if (ratio := ratio_of(one, name))]
        return sorted(found, key=lambda pair: pair[0])[:count]

    def problems(self) -> list[str]:
        """What failed, a line each."""
        return [
            f"{one.title}, {result.case.label}: {one.problem}"
            for result in self.cells
            if result.case.what != "predict"  # prepared together with the step
            for one in result.participants
            if one.problem
        ]

    def to_json(self) -> str:
        """Every measured time, and the medians and ratios of the tables."""
        plain = asdict(self)
        for row, result in zip(plain["cells"], self.cells, strict=True):
            row["gflop"] = gflop(result.case.cell)
            for found, one in zip(row["participants"], result.participants, strict=True):
                del found["embedding"], found["peak_bytes"]
                if ratio := ratio_of(result, one.name):
                    found["median_milliseconds"] = one.spread().median
                    found["ratio"] = ratio._asdict()
            if share := sgemm_share(result):
                row["share_of_sgemm"] = share._asdict()
        return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def ratio_of(result: CellResult, name: str) -> Spread | None:
    """The peer's time over hoiquy's of the same round: median, lowest and highest."""
    found = [one for one in result.measured if one.name == name]
    return result.ratio(found[0]) if found else None


def sgemm_share(result: CellResult) -> Spread | None:
    """The rate of hoiquy's layer as a share of the rate of the matrix product of the same round."""
    found = [one for one in result.measured if one.name == SGEMM]
    if not found:
        return None
    work = gflop(result.case.cell) / (2e-9 * SGEMM_SIZE**3)  # in matrix products
    own = result.participants[0].round_medians()
    pairs = zip(found[0].round_medians(), own, strict=False)
    return spread([work * product / layer for product, layer in pairs])


def geometric_mean(ratios: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(ratios))))
