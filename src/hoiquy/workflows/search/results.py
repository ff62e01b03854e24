"""The results of a search and their files: `search.json`, `best.toml`, figures."""

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
    """The results of a search so far."""

    folder: Path
    base: Recipe  # that the search started from
    recipe: Recipe  # of the best trial
    best: Trial  # the complete one of the highest value, the first of equals
    trials: tuple[Trial, ...]
    importances: Mapping[str, float]  # of parameters, adding up to 1; empty with too few trials
    comparison: Comparison | None = None  # of `recipe` and `base`; None if not made
    under_way: int = 0  # trials that other workers train
    failed: str | None = None  # the error of a training for the comparison

    @property
    def pair(self) -> Pair | None:
        """The best recipe against the base recipe, on test documents."""
        return None if self.comparison is None else self.comparison.pairs[0]

    @property
    def better(self) -> bool | None:
        """Whether the best recipe is detectably better; None without a comparison."""
        return None if self.pair is None else self.pair.verdict == "first_better"

    def ranked(self) -> list[Trial]:
        """The complete trials, best first."""
        complete = [trial for trial in self.trials if trial.state == "complete"]
        return sorted(complete, key=lambda trial: (-(trial.value or 0), trial.number))

    def facts(self) -> dict[str, Any]:
        """The content of `search.json`."""
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
    """Write all files of the search. Raises WriteError."""
    write_text(found.folder / BEST, found.recipe.to_toml())
    draw_search(found.ranked(), found.trials, found.importances, found.folder, lang)
    if found.comparison is not None:
        write_comparison(found.comparison, found.folder / COMPARISON, lang)
    write_bytes(found.folder / FACTS, as_json(found.facts()))
