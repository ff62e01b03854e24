"""What a search has found, and the files that say so: `search.json`, `best.toml`, figures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hoiquy.comparison import Comparison, Pair
from hoiquy.messages import Lang
from hoiquy.recipe.recipe import Recipe
from hoiquy.report.comparison_report import write_comparison
from hoiquy.system.atomic_write import write_bytes, write_text
from hoiquy.system.json_files import as_json
from hoiquy.workflows.search.figures import draw_search
from hoiquy.workflows.search.study import Trial
from hoiquy.workflows.search.trial_worker import trial_folder

BEST, FACTS, COMPARISON = "best.toml", "search.json", "comparison"


@dataclass(frozen=True)
class Found:
    """The outcome of a search, so far.

    recipe: of the best trial, which is the complete one of the highest value, the first of equals.
    importances: how much each parameter decided, adding up to 1; empty where too few trials can
    tell. comparison: of the best recipe with the one that the search began from; None where none
    was wished, or other workers still train. under_way: trials that they train. failed: what the
    training of one of the two with a fresh seed ended with, instead of a comparison.
    """

    folder: Path
    base: Recipe
    recipe: Recipe
    best: Trial
    trials: tuple[Trial, ...]
    importances: Mapping[str, float]
    comparison: Comparison | None = None
    under_way: int = 0
    failed: str | None = None

    @property
    def pair(self) -> Pair | None:
        """The best recipe against the one that the search began from, on test documents."""
        return None if self.comparison is None else self.comparison.pairs[0]

    @property
    def better(self) -> bool | None:
        """Whether the best recipe is better, as far as can be told; None if nobody asked."""
        return None if self.pair is None else self.pair.verdict == "first_better"

    def ranked(self) -> list[Trial]:
        """The complete trials, best first."""
        complete = [trial for trial in self.trials if trial.state == "complete"]
        return sorted(complete, key=lambda trial: (-(trial.value or 0), trial.number))

    def facts(self) -> dict[str, Any]:
        """What `search.json` holds."""
        trials = [
            asdict(trial) | {"folder": str(trial_folder(Path(), trial.number))}
            for trial in self.trials
        ]
        return {
            "objective": "validation accuracy",
            "recipe": self.base.name,
            "best": self.best.number,
            "value": self.best.value,
            "parameters": dict(self.best.parameters),
            "importances": dict(self.importances),
            "under_way": self.under_way,
            "better": self.better,
            "failed": self.failed,
            "comparison": None if self.pair is None else asdict(self.pair),
            "trials": trials,
        }


def write_outcome(found: Found, lang: Lang) -> None:
    """Write everything into the folder of the search. Raises WriteError."""
    write_text(found.folder / BEST, found.recipe.to_toml())
    draw_search(found.ranked(), found.trials, found.importances, found.folder, lang)
    if found.comparison is not None:
        write_comparison(found.comparison, found.folder / COMPARISON, lang)
    write_bytes(found.folder / FACTS, as_json(found.facts()))
