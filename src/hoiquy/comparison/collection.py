"""Find the run folders and baselines that a path names."""

from pathlib import Path

from hoiquy.comparison.baselines.saved import FACTS
from hoiquy.errors import RunError
from hoiquy.runs.files import RECIPE
from hoiquy.runs.folder import check_is_run, is_language_model, is_soft_labels

BASELINES = "baselines"  # the folder of baselines, next to run folders


def run_folders(path: Path) -> list[Path]:
    """Return the run folder itself, or those inside the folder; none if it has only baselines.

    Raises RunError if it is neither.
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
    """Return the folders of baselines in a folder of runs."""
    return sorted(file.parent for file in (path / BASELINES).glob(f"*/{FACTS}"))
