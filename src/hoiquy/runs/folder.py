"""The run folder: everything that one training leaves behind.

    recipe.toml  vocabulary.txt  weights.safetensors  history.jsonl  result.json  cost.json
    predictions.parquet  misclassified.json  diagnostics.json  environment.json  summary.txt
    manifest.json  figures/*.png  checkpoint/

Every file is written whole or not at all (`atomic.py`), its hash stands in the manifest
(`checksummed_files.py`), and none is ever unpickled. `run_files.py` says what is in each.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hoiquy.data.token_store import is_store
from hoiquy.errors import RecipeError, RunError
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.arrays import Predictions, parse_arrays, parse_predictions
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.files import Cost, Result
from hoiquy.runs.history import EpochRecord, parse_history
from hoiquy.runs.misclassified import Misclassified
from hoiquy.system.atomic_write import is_leftover
from hoiquy.system.checksummed_files import MANIFEST, read_bytes, read_checksummed, read_manifest
from hoiquy.system.file_lock import LOCK, OWNER

__all__ = [
    "Cost",
    "Predictions",
    "Result",
    "Run",
    "create_run_folder",
    "load_recipe_of",
    "load_run",
]


@dataclass(frozen=True)
class Run:
    """A run folder that was read. Arrays and texts that not everybody needs are read on demand.

    The methods raise RunError if their file is missing or damaged.
    """

    folder: Path
    recipe: Recipe
    result: Result
    history: list[EpochRecord]

    def predictions(self) -> Predictions:
        """Probabilities of the test documents."""
        check_was_tested(self, "has no answers to test documents")
        path = self.folder / run_files.PREDICTIONS
        content = self._read_array_file(run_files.PREDICTIONS)
        predictions = parse_predictions(
            content, self.result.classes, str(path), self.result.multilabel
        )
        if len(predictions.labels) != self.result.test_documents:
            raise RunError(
                f"{path} is damaged: {len(predictions.labels)} documents, but "
                f"result.json says {self.result.test_documents}"
            )
        return predictions

    def misclassified(self) -> Misclassified | None:
        """The most confident wrong answers; None if it is unfinished, or older than that file."""
        path = self.folder / run_files.MISCLASSIFIED
        if not self._has(run_files.MISCLASSIFIED):
            return None
        content = read_checksummed(self.folder, run_files.MISCLASSIFIED)
        misclassified = run_files.parse_misclassified(content, str(path))
        classes, documents = len(self.result.classes), self.result.test_documents
        for at, misclassified_example in enumerate(misclassified.most_confident):
            fits = (
                misclassified_example.fits(classes, self.result.multilabel)
                and misclassified_example.row < documents
            )
            if not fits or misclassified_example.label == misclassified_example.predicted:
                raise RunError(f"{path} is damaged: most_confident.{at} is no mistake of this run")
        return misclassified

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the training doctor found; nothing if it is unfinished, or older than that file."""
        if not self._has(run_files.DIAGNOSTICS):
            return ()
        content = read_checksummed(self.folder, run_files.DIAGNOSTICS)
        return run_files.parse_diagnostics(content, str(self.folder / run_files.DIAGNOSTICS))

    def weights(self) -> dict[str, NDArray[Any]]:
        """Parameters by name."""
        content = self._read_array_file(run_files.WEIGHTS)
        return parse_arrays(content, str(self.folder / run_files.WEIGHTS))

    def environment(self) -> dict[str, Any]:
        """What `environment.describe_environment` found."""
        return load_environment_of(self.folder)

    def cost(self) -> Cost:
        """Time and memory that the training took."""
        content = read_checksummed(self.folder, run_files.COST)
        return run_files.parse_cost(content, str(self.folder / run_files.COST))

    def summary(self) -> str:
        """The model summary as printed."""
        return _text(self.folder, run_files.SUMMARY)

    def _has(self, name: str) -> bool:
        """Whether the file was ever saved; one that was removed is missed when it is read."""
        return name in read_manifest(self.folder)

    def _read_array_file(self, name: str) -> bytes:
        if not (self.folder / name).exists():
            raise RunError(f"{self.folder} holds no {name}: its training was not finished")
        return read_checksummed(self.folder, name)


def create_run_folder(path: str | Path) -> Path:
    """Make the folder of a new run, with its parents. An empty folder may exist already.

    So may one in which a process was killed before it wrote the recipe.

    Raises RunError when it holds something, is a file, or cannot be written to.
    """
    folder = Path(path)
    advice = "choose another --out"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not all(_never_began(path.name) for path in folder.iterdir()):
            resumable = not is_language_model(folder) and is_unfinished(folder)
            unfinished = f", or resume with: hoiquy resume {folder}" if resumable else ""
            raise RunError(
                f"the folder {folder} exists already and is not empty: {advice}{unfinished}"
            )
        writable = os.access(folder, os.W_OK)
    except FileExistsError as error:
        raise RunError(f"{folder} is a file, but a run needs a folder: {advice}") from error
    except OSError as error:
        reason = error.strerror or error
        raise RunError(f"cannot make the run folder {folder}: {reason}; {advice}") from error
    if not writable:
        raise RunError(f"the folder {folder} cannot be written to: {advice}")
    return folder


@contextmanager
def new_run_folder(path: str | Path) -> Iterator[Path]:
    """Do as `create_run_folder`; if the block fails, remove a folder that was made and is empty."""
    existed = Path(path).exists()
    folder = create_run_folder(path)
    try:
        yield folder
    except BaseException:
        if not existed:
            with suppress(OSError):  # it holds something
                folder.rmdir()
        raise


# Files that are written before the one that makes a folder a run, or soft labels.
_BEFORE_THE_START = {
    MANIFEST, LOCK, OWNER, run_files.ENVIRONMENT, run_files.VOCABULARY, run_files.NGRAMS,
    run_files.SUBWORDS, run_files.SUMMARY, run_files.COST, run_files.RESULT,
    run_files.SOFT_LABELLED,
}  # fmt: skip


def _never_began(name: str) -> bool:
    """True for what a process leaves behind that was killed before its run was resumable."""
    return name in _BEFORE_THE_START or is_leftover(name)


def is_unfinished(folder: Path) -> bool:
    """True for a run that began and has no result yet, or one that says it was interrupted."""
    if not (folder / run_files.RECIPE).exists():
        return False
    if not (folder / run_files.RESULT).exists():
        return True
    return load_run(folder).result.status == "interrupted"


def load_run(path: str | Path) -> Run:
    """Read a run folder. Raises RunError, one line that names the folder or the damaged file."""
    folder = Path(path)
    check_is_run(folder)
    if not (folder / run_files.RESULT).exists():
        raise RunError(
            f"{folder} has no result.json: its training was cut off before it could save; go on "
            f"with hoiquy resume {folder}"
        )
    content = read_checksummed(folder, run_files.RESULT)
    result = run_files.parse_result(content, str(folder / run_files.RESULT))
    recipe = load_recipe_of(folder).for_documents(result.training_documents)
    return Run(folder, recipe, result, _read_history(folder, result.epochs))


def check_is_run(folder: Path) -> None:
    """Raise RunError, which says what is there instead, unless a training began in the folder."""
    if not folder.exists():
        raise RunError(f"there is no run folder {folder}")
    if not folder.is_dir():
        raise RunError(f"{folder} is a file, not a run folder")
    if is_store(folder):
        raise RunError(
            f"{folder} is a token store and no run: train from it, "
            f"hoiquy train {folder} --recipe RECIPE --out RUN"
        )
    if is_soft_labels(folder):
        raise RunError(
            f"{folder} is a lesson and no run: train a classifier on it, "
            f"hoiquy train DATA --soft-labels {folder} --out RUN"
        )
    if is_language_model(folder):
        raise RunError(
            f"{folder} is a language model and no run: train a classifier that begins with it, "
            f"hoiquy train DATA --from {folder} --out RUN"
        )
    if not (folder / run_files.RECIPE).exists():
        inside = sorted(found.parent.name for found in folder.glob(f"*/{run_files.RECIPE}"))
        hint = f"; it holds the runs {', '.join(inside)}: name one of them" if inside else ""
        raise RunError(f"{folder} is not a run folder: it has no recipe.toml{hint}")


def is_soft_labels(folder: Path) -> bool:
    """True for a folder of `hoiquy pseudo-label`."""
    return (folder / run_files.SOFT_LABELS).exists()


def is_language_model(folder: Path) -> bool:
    """True for a folder of `hoiquy pretrain`, whole or not: its environment says so."""
    try:
        facts = json.loads(read_bytes(folder / run_files.ENVIRONMENT))
    except (RunError, ValueError, RecursionError):
        return False
    return isinstance(facts, dict) and facts.get("kind") == run_files.LANGUAGE_MODEL


def check_was_tested(run: Run, what: str) -> None:
    """Raise RunError, which says `what` cannot be done, for a run never scored on test documents.

    It was imported, or saved by a `RecurrentClassifier`, and its data are not there either; or it
    is a trial of a search.
    """
    if run.result.status == "untested":
        if run_files.TRIAL in run.environment():
            raise RunError(
                f"{run.folder} {what}: it is a trial of a search, which is never scored on test "
                f"documents; train its recipe: --recipe {run.folder / run_files.RECIPE}"
            )
        raise RunError(
            f"{run.folder} {what}: it holds a model without its training, "
            f"{run.result.data_description}; score it with hoiquy evaluate, or train its recipe"
        )


def load_recipe_of(folder: Path) -> Recipe:
    """The recipe of a run, also of one that is not finished. Raises RunError."""
    source = folder / run_files.RECIPE
    try:
        return parse_recipe(_text(folder, run_files.RECIPE), str(source))
    except RecipeError as error:
        raise RunError(f"damaged run: {error}") from error


def load_environment_of(folder: Path) -> dict[str, Any]:
    """`environment.json` of a run, also of one that is not finished. Raises RunError."""
    content = read_checksummed(folder, run_files.ENVIRONMENT)
    return run_files.parse_environment(content, str(folder / run_files.ENVIRONMENT))


def _read_history(folder: Path, epochs: int) -> list[EpochRecord]:
    """Read the epochs; more of them than `epochs` were saved just before a training was cut off."""
    path = folder / run_files.HISTORY
    if epochs == 0 and not path.exists():
        return []
    records = parse_history(_text(folder, run_files.HISTORY), str(path))
    numbers = [record.epoch for record in records]
    if len(numbers) < epochs or numbers != list(range(1, len(numbers) + 1)):
        raise RunError(f"{path} is damaged: epochs 1 to {epochs} were expected, it has {numbers}")
    return records


def _text(folder: Path, name: str) -> str:
    try:
        return read_checksummed(folder, name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RunError(f"{folder / name} is damaged: not UTF-8 text") from error
