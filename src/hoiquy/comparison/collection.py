"""Which run folders and baselines a path on a command line means."""

from pathlib import Path

from hoiquy.comparison.baselines.saved import FACTS
from hoiquy.errors import RunError
from hoiquy.runs.files import RECIPE
from hoiquy.runs.folder import check_is_run, is_language_model, is_soft_labels

BASELINES = "baselines"  # the folder beside runs that holds them


def run_folders(path: Path) -> list[Path]:
    """The run folder itself, or those in the folder; none where only baselines lie there.

    Raises RunError if it is nothing of this.
    """
    if (path / RECIPE).exists() or is_soft_labels(path) or not path.is_dir():
        check_is_run(path)
        return [path]
    below = sorted(file.parent for file in path.glob(f"*/{RECIPE}"))
    found = [folder for folder in below if not is_language_model(folder)]
    if not found and not baseline_folders(path):
        raise RunError(f"{path} is neither a run folder nor a folder of runs: no recipe.toml")
    return found


def baseline_folders(path: Path) -> list[Path]:
    """The folders of baselines that lie beside the runs in a folder."""
    return sorted(file.parent for file in (path / BASELINES).glob(f"*/{FACTS}"))
