"""How often equal models are reported as different (tables of docs/comparison.md)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "statistics"))
import claims
from claims import (
    Claims,
    Regime,
    crossed,
    documents_only,
    exact,
    from_fixed,
    from_fixed_by_satterthwaite,
    mid_p,
    seeds_only,
)

REGIMES: dict[str, Regime] = {
    "nothing": claims.NOTHING,
    "documents suit the recipes differently": claims.NO_SEEDS,
    "that, and seeds as in the lab": claims.LAB,
    "documents suit very differently": claims.DOCUMENTS_MATTER,
    "seeds far apart, nothing else": claims.SEEDS_MATTER,
    "seeds of the first far apart only": claims.UNEQUAL,
}

Column = tuple[str, Claims, tuple[int, int]]
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
    _, test, trainings = column
    spreads, suiting = regime
    if test in (from_fixed, from_fixed_by_satterthwaite):
        spreads = spreads[0], 0.0
    return claims.false_alarms(test, trainings, (spreads, suiting), simulations)


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
