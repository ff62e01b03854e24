"""How often equal models are said to differ: the tables of docs/comparison.md.

python benchmarks/false_alarms.py [simulations]
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "statistics"))
from simulated_models import equal_recipes

from hoiquy.statistics.crossed import (
    crossed_difference,
    difference_from_fixed,
    documents_difference,
)
from hoiquy.statistics.paired import agreement, mcnemar_exact, mcnemar_mid_p

DOCUMENTS, LEVEL = 1_000, 0.05
Right = NDArray[np.bool_]
Regime = tuple[tuple[float, float], float]  # spread of the seeds of each, of what suits them

REGIMES: dict[str, Regime] = {
    "nothing": ((0.0, 0.0), 0.0),
    "documents suit the recipes differently": ((0.0, 0.0), 0.7),
    "that, and seeds as in the lab": ((0.18, 0.18), 0.7),
    "documents suit very differently": ((0.18, 0.18), 1.5),
    "seeds far apart, nothing else": ((0.4, 0.4), 0.0),
    "seeds of the first far apart only": ((0.3, 0.06), 0.7),
}


def crossed(first: Right, second: Right) -> bool:
    return crossed_difference(first, second).p_value() < LEVEL


def from_fixed(network: Right, baseline: Right) -> bool:
    low, high = difference_from_fixed(network, baseline).interval(1 - LEVEL)
    return not low <= 0 <= high


def from_fixed_by_satterthwaite(network: Right, baseline: Right) -> bool:
    return replace(difference_from_fixed(network, baseline), cochran=False).p_value() < LEVEL


def documents_only(first: Right, second: Right) -> bool:
    return documents_difference(first, second).p_value() < LEVEL


def seeds_only(first: Right, second: Right) -> bool:
    one, other = first.mean(axis=1), second.mean(axis=1)
    if one.var() == other.var() == 0:
        return False
    return bool(ttest_ind(one, other, equal_var=False).pvalue < LEVEL)


def mid_p(first: Right, second: Right) -> bool:
    return mcnemar_mid_p(agreement(first[0], second[0])) < LEVEL


def exact(first: Right, second: Right) -> bool:
    return mcnemar_exact(agreement(first[0], second[0])) < LEVEL


Column = tuple[str, Callable[[Right, Right], bool], tuple[int, int]]
USED: list[Column] = [
    ("1 : 1, mid-p", mid_p, (1, 1)),
    ("2 : 2", crossed, (2, 2)),
    ("3 : 3", crossed, (3, 3)),
    ("5 : 5", crossed, (5, 5)),
    ("3 : 5", crossed, (3, 5)),
    ("2 : 5", crossed, (2, 5)),
    ("2 : baseline", from_fixed, (2, 1)),
    ("3 : baseline", from_fixed, (3, 1)),
    ("5 : baseline", from_fixed, (5, 1)),
]
NOT_USED: list[Column] = [
    ("1 : 1, exact", exact, (1, 1)),
    ("seeds as fixed, 3 : 3", documents_only, (3, 3)),
    ("documents as fixed, 3 : 3", seeds_only, (3, 3)),
    ("documents as fixed, 5 : 5", seeds_only, (5, 5)),
    ("2 : baseline, Satterthwaite", from_fixed_by_satterthwaite, (2, 1)),
    ("3 : baseline, Satterthwaite", from_fixed_by_satterthwaite, (3, 1)),
]


def share(column: Column, regime: Regime, simulations: int) -> float:
    _, claims, trainings = column
    spreads, suiting = regime
    if claims in (from_fixed, from_fixed_by_satterthwaite):
        spreads = spreads[0], 0.0
    rng = np.random.default_rng(0)
    pairs = equal_recipes(rng, simulations, DOCUMENTS, trainings, spreads, suiting)
    return float(np.mean([claims(first, second) for first, second in pairs]))


def main() -> None:
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for columns in (USED, NOT_USED):
        print("| what varies | " + " | ".join(name for name, *_ in columns) + " |")
        print("|---" * (len(columns) + 1) + "|")
        for name, regime in REGIMES.items():
            cells = [f"{share(column, regime, simulations):.1%}" for column in columns]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        print()


if __name__ == "__main__":
    main()
