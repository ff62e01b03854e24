"""A small ensemble: a linear classifier and one tiny network on each fold."""

from pathlib import Path
from typing import Any

from hoiquy.events import Listener, ignore
from hoiquy.runs import folder as runs_folder
from hoiquy.runs.ensemble import Ensemble, HeldOut, Member, ensemble_file
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.run import Run
from hoiquy.workflows.train import train
from own_tables import rows

# With a setting of `model` there is one network, "words".
TINY = {
    "training.epochs": 6,
    "training.learning_rate": 0.05,
    "text.ngrams": 1,
    "model.wide": False,
    "model.layers.0.units": 8,
    "model.layers.2.units": 8,
}


def small_ensemble(
    out: Path, data: Any = None, on_event: Listener = ignore, each: int = 20, **options: Any
) -> Run:
    """Train an ensemble on a table of three classes, of so many documents each."""
    table = rows(each) if data is None else data
    settings = {**TINY, **options.pop("settings", {})}
    return train(table, "auto", out, settings=settings, on_event=on_event, **options)


def ensemble_bits(folder: Path) -> dict[str, bytes]:
    """The files of an ensemble that equal trainings have in common, by their paths."""
    unlike = {"environment.json", "cost.json", "plan.json", "manifest.json"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in unlike and not path.name.endswith(".lock")
    }


def write_ensemble(run: runs_folder.Run, *members: tuple[str, float, int], tried: int = 0) -> None:
    """Make an ensemble of a synthetic run: members by name, weight and number of models.

    tried: the number of networks in the folder `members`.
    """
    listed = [
        Member(name, "linear" if name == "linear" else "network", weight, [
            f"{name}-{number}" for number in range(models)
        ])
        for name, weight, models in members
    ]  # fmt: skip
    offsets = [0.0] * len(run.result.classes)
    ensemble = Ensemble("accuracy", listed, offsets, HeldOut(1200, 0.9, 0.875, 0.25))
    write_checksummed(run.folder, ensemble_file(ensemble))
    for number in range(tried):
        place = run.folder / "members" / f"network-{number}"
        place.mkdir(parents=True)
        (place / "result.json").touch()
