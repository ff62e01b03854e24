"""The runs and baselines that paths on a command line mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hoiquy.baselines.saved import FACTS, Baseline, load_baseline
from hoiquy.errors import RunError
from hoiquy.run_files import RECIPE
from hoiquy.runs import Run, check_is_run, load_run

BASELINES = "baselines"  # the folder beside runs that holds them


@dataclass(frozen=True)
class Collection:
    """Runs in the order in which they were named, and the baselines that lay beside them."""

    runs: tuple[Run, ...]
    baselines: tuple[Baseline, ...]


def collect(paths: Iterable[str | Path]) -> Collection:
    """Read run folders, and folders that hold runs; each once.

    A folder of runs may hold `baselines/<name>/`, as `hoiquy compare --out` leaves them.
    Raises RunError for a path that is neither, or a damaged run.
    """
    runs: dict[Path, Run] = {}
    baselines: dict[Path, Baseline] = {}
    for path in map(Path, paths):
        for folder in run_folders(path):
            key = folder.resolve()
            runs[key] = runs.get(key) or load_run(folder)
        for folder in baseline_folders(path):
            key = folder.resolve()
            baselines[key] = baselines.get(key) or load_baseline(folder)
    return Collection(tuple(runs.values()), tuple(baselines.values()))


def run_folders(path: Path) -> list[Path]:
    """The run folder itself, or those in the folder; none where only baselines lie there.

    Raises RunError if it is nothing of this.
    """
    if (path / RECIPE).exists() or not path.is_dir():
        check_is_run(path)
        return [path]
    found = sorted(file.parent for file in path.glob(f"*/{RECIPE}"))
    if not found and not baseline_folders(path):
        raise RunError(f"{path} is neither a run folder nor a folder of runs: no recipe.toml")
    return found


def baseline_folders(path: Path) -> list[Path]:
    """The folders of baselines that lie beside the runs in a folder."""
    return sorted(file.parent for file in (path / BASELINES).glob(f"*/{FACTS}"))
