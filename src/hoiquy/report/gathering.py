"""Collect the runs and baselines of a report from paths."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hoiquy.comparison.baselines.saved import Baseline, load_baseline
from hoiquy.comparison.collection import baseline_folders, run_folders
from hoiquy.errors import RunError
from hoiquy.runs.folder import Run, load_run


@dataclass(frozen=True)
class Gathered:
    """At least one run, each once, and one line for each damaged run."""

    runs: tuple[Run, ...]
    baselines: tuple[Baseline, ...] = ()
    problems: tuple[str, ...] = ()


def gather(paths: Iterable[str | Path]) -> Gathered:
    """Read run folders, and folders that hold runs (and `baselines/`).

    A run that cannot be read is a line of `problems`.
    Raises RunError for a path without runs, and if no run can be read.
    """
    runs: dict[Path, Run] = {}
    baselines: dict[Path, Baseline] = {}
    problems: dict[str, None] = {}
    for path in map(Path, paths):
        for folder in run_folders(path):
            try:
                runs.setdefault(folder.resolve(), load_run(folder))
            except RunError as error:
                problems[str(error)] = None
        for folder in baseline_folders(path):
            try:
                baselines.setdefault(folder.resolve(), load_baseline(folder))
            except RunError as error:
                problems[str(error)] = None
    if not runs:
        raise RunError(next(iter(problems), "no runs to report on: name a run folder"))
    return Gathered(tuple(runs.values()), tuple(baselines.values()), tuple(problems))
