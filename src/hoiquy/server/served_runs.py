"""Status and results of the runs in the served folder, including runs in training."""

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.errors import RunError
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import Ensemble, is_ensemble, load_ensemble
from hoiquy.runs.files import HISTORY, RESULT, Result, parse_result
from hoiquy.runs.folder import load_recipe_of
from hoiquy.runs.history import EpochRecord, parse_history
from hoiquy.server.errors import api_error
from hoiquy.server.run_discovery import Signature, find_runs, signature
from hoiquy.server.schemas import History, Interval, MemberRow, RunRow, Status
from hoiquy.system.checksummed_files import read_bytes, read_checksummed
from hoiquy.system.file_lock import is_locked


class _RunFiles(NamedTuple):
    """The content of a run's files."""

    recipe: Recipe | None
    result: Result | None
    history: list[EpochRecord]
    ensemble: Ensemble | None
    problem: str | None

    @property
    def epochs(self) -> int | None:
        """The number of epochs planned; None for an ensemble."""
        known = self.recipe is not None and not (self.result and self.result.is_ensemble)
        return self.recipe.training.epochs if known and self.recipe else None

    @property
    def val_accuracy(self) -> float | None:
        """Of the last epoch; of an ensemble, on held-out documents."""
        if self.ensemble is not None:
            return self.ensemble.held_out.accuracy
        return self.history[-1].val_accuracy if self.history else None

    @property
    def members(self) -> list[MemberRow] | None:
        if self.ensemble is None:
            return None
        return [
            MemberRow(name=one.name, kind=one.kind, weight=one.weight, models=len(one.models))
            for one in self.ensemble.members
        ]


class ServedRuns:
    """Reads the runs of a folder; reads a run again only when its files change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[Signature, _RunFiles]] = {}

    def rows(self) -> list[RunRow]:
        """All runs, by name."""
        found = find_runs(self.root)
        self._known = {name: known for name, known in self._known.items() if name in found}
        return [self._row(name, folder) for name, folder in found.items()]

    def history(self, name: str) -> History:
        """The completed epochs. Raises HTTPException 404."""
        folder = self.folder(name)
        facts, status = self._read(name, folder)
        history = [asdict(record) for record in facts.history]
        return History(
            name=name, status=status, epochs=facts.epochs, members=facts.members, history=history
        )

    def folder(self, name: str) -> Path:
        """The folder of a run; the name is looked up, never used as a path.

        Raises HTTPException 404.
        """
        folder = find_runs(self.root).get(name)
        if folder is None:
            raise api_error(404, "unknown_run", "unknown run; /api/runs lists all")
        return folder

    def _row(self, name: str, folder: Path) -> RunRow:
        facts, status = self._read(name, folder)
        recipe, result = facts.recipe, facts.result
        return RunRow(
            name=name,
            recipe=recipe.name if recipe else None,
            status=status,
            epochs_done=len(facts.history),
            epochs=facts.epochs,
            seed=recipe.training.seed if recipe else None,
            data=result.data_name if result else None,
            test_accuracy=result.test_accuracy if result else None,
            test_interval=test_interval(result) if result else None,
            val_accuracy=facts.val_accuracy,
            members=facts.members,
            problem=facts.problem if status == "damaged" else None,
        )

    def _read(self, name: str, folder: Path) -> tuple[_RunFiles, Status]:
        now = signature(folder)
        before, facts = self._known.get(name, (None, None))
        if facts is None or before != now:
            facts = _read_files(name, folder)
            self._known[name] = now, facts
        return facts, _status(folder, facts)


def _read_files(name: str, folder: Path) -> _RunFiles:
    recipe = result = ensemble = None
    history: list[EpochRecord] = []
    try:
        recipe = load_recipe_of(folder)
        history = live_history(folder)
        if (folder / RESULT).exists():
            result = parse_result(read_checksummed(folder, RESULT), RESULT)
            recipe = recipe.for_documents(result.training_documents)
            if result.is_ensemble and is_ensemble(folder):
                ensemble = load_ensemble(folder, len(result.classes))
    except (RunError, OSError) as error:
        return _RunFiles(recipe, result, history, None, str(error).replace(str(folder), name))
    return _RunFiles(recipe, result, history, ensemble, None)


def _status(folder: Path, facts: _RunFiles) -> Status:
    if is_locked(folder):
        return "training"
    if facts.problem is not None:
        return "damaged"
    return "interrupted" if facts.result is None else facts.result.status


def live_history(folder: Path) -> list[EpochRecord]:
    """The complete lines of `history.jsonl`, which a training may be writing. Raises RunError."""
    path = folder / HISTORY
    if not path.exists():
        return []
    whole, _, _ = read_bytes(path).rpartition(b"\n")
    return parse_history(whole.decode("utf-8", "replace"), HISTORY)


def test_interval(result: Result) -> Interval | None:
    """The 95% interval of the test accuracy."""
    if result.test_accuracy is None or not result.test_documents:
        return None
    return _interval(round(result.test_accuracy * result.test_documents), result.test_documents)


_interval = cache(accuracy_interval)
