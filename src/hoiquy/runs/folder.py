"""The run folder: everything that one training leaves behind.

    recipe.toml  vocabulary.txt  weights.safetensors  history.jsonl  result.json  cost.json
    predictions.parquet  misclassified.json  diagnostics.json  examples.json  environment.json
    summary.txt  manifest.json  figures/*.png  checkpoint/

Files are written atomically, the manifest holds their hashes, and none is ever unpickled.
`files.py` describes each.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hoiquy.data.token_store import is_store
from hoiquy.errors import RecipeError, RunError
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.arrays import Predictions, parse_arrays, parse_predictions
from hoiquy.runs.compact_rows import Weights, expanded, unpacked
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.files import Cost, Result
from hoiquy.runs.history import EpochRecord, parse_history
from hoiquy.runs.misclassified import Misclassified
from hoiquy.system.checksummed_files import read_bytes, read_checksummed, read_manifest
from hoiquy.system.near_names import suggestion

__all__ = [
    "Cost",
    "Predictions",
    "Result",
    "Run",
    "load_recipe_of",
    "load_run",
]


@dataclass(frozen=True)
class Run:
    """A run folder. Methods read further files, and raise RunError if one is missing or damaged."""

    folder: Path
    recipe: Recipe
    result: Result
    history: list[EpochRecord]

    def predictions(self) -> Predictions:
        """Probabilities of the test documents."""
        check_was_tested(self, "has no predictions for test documents")
        path = self.folder / run_files.PREDICTIONS
        content = self._read_array_file(run_files.PREDICTIONS)
        predictions = parse_predictions(
            content, self.result.classes, str(path), self.result.multilabel
        )
        if len(predictions.labels) != self.result.test_documents:
            raise RunError(
                f"{path} is damaged: {len(predictions.labels)} documents, but "
                f"result.json has {self.result.test_documents}"
            )
        return predictions

    def misclassified(self) -> Misclassified | None:
        """The most confident wrong predictions; None if unfinished, or older than that file."""
        path = self.folder / run_files.MISCLASSIFIED
        if not self._has(run_files.MISCLASSIFIED):
            return None
        content = read_checksummed(self.folder, run_files.MISCLASSIFIED)
        misclassified = run_files.parse_misclassified(content, str(path))
        classes, documents = len(self.result.classes), self.result.test_documents
        for at, example in enumerate(misclassified.most_confident):
            fits = example.fits(classes, self.result.multilabel) and example.row < documents
            if not fits or example.label == example.predicted:
                raise RunError(f"{path} is damaged: most_confident.{at} is no error of this run")
        return misclassified

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The doctor's diagnostics; none if unfinished, or older than that file."""
        if not self._has(run_files.DIAGNOSTICS):
            return ()
        content = read_checksummed(self.folder, run_files.DIAGNOSTICS)
        return run_files.parse_diagnostics(content, str(self.folder / run_files.DIAGNOSTICS))

    def weights(self) -> dict[str, NDArray[Any]]:
        """Parameters by name, in float32."""
        return expanded(self.stored_weights())

    def stored_weights(self) -> Weights:
        """Parameters by name; the rows of embeddings may be compact."""
        content = self._read_array_file(run_files.WEIGHTS)
        source = str(self.folder / run_files.WEIGHTS)
        return unpacked(parse_arrays(content, source), source)

    def environment(self) -> dict[str, Any]:
        """The facts of `describe_environment`."""
        return load_environment_of(self.folder)

    def cost(self) -> Cost:
        """Time and memory of the training."""
        return load_cost_of(self.folder)

    def summary(self) -> str:
        """The model summary as printed."""
        return _text(self.folder, run_files.SUMMARY)

    def _has(self, name: str) -> bool:
        """Whether the manifest lists the file; reading it fails if it was removed since."""
        return name in read_manifest(self.folder)

    def _read_array_file(self, name: str) -> bytes:
        if not (self.folder / name).exists():
            if self.result.status != "interrupted":
                raise RunError(f"{self.folder} is damaged: it holds no {name}")
            raise RunError(
                f"{self.folder} holds no {name} yet: its training was interrupted; continue it "
                f"with: hoiquy resume {self.folder}"
            )
        return read_checksummed(self.folder, name)


def is_unfinished(folder: Path) -> bool:
    """True for a run whose training was interrupted."""
    if not (folder / run_files.RECIPE).exists():
        return False
    if not (folder / run_files.RESULT).exists():
        return True
    return load_run(folder).result.status == "interrupted"


def load_run(path: str | Path) -> Run:
    """Read a run folder. Raises RunError if a file is missing or damaged."""
    folder = Path(path)
    check_is_run(folder)
    if not (folder / run_files.RESULT).exists():
        raise _interrupted(folder)
    content = read_checksummed(folder, run_files.RESULT)
    result = run_files.parse_result(content, str(folder / run_files.RESULT))
    recipe = load_recipe_of(folder).for_documents(result.training_documents)
    return Run(folder, recipe, result, _read_history(folder, result.epochs))


def check_is_run(folder: Path) -> None:
    """Raise RunError unless a training was started in the folder."""
    if not folder.exists():
        raise RunError(f"there is no run folder {folder}{suggestion(folder)}")
    if not folder.is_dir():
        raise RunError(f"{folder} is a file, not a run folder")
    if is_store(folder):
        raise RunError(
            f"{folder} is a token store, not a run: train from it, "
            f"hoiquy train {folder} --recipe RECIPE --out RUN"
        )
    if is_soft_labels(folder):
        raise RunError(
            f"{folder} has soft labels, not a run: train a classifier on them, "
            f"hoiquy train DATA --soft-labels {folder} --out RUN"
        )
    if is_language_model(folder):
        raise RunError(
            f"{folder} is a language model, not a run: train a classifier from it, "
            f"hoiquy train DATA --from {folder} --out RUN"
        )
    if is_self_training(folder):
        raise _interrupted(folder)
    if not (folder / run_files.RECIPE).exists():
        inside = sorted(found.parent.name for found in folder.glob(f"*/{run_files.RECIPE}"))
        hint = f"; it contains the runs {', '.join(inside)}: name one of them" if inside else ""
        raise RunError(f"{folder} is not a run folder: it has no recipe.toml{hint}")


def _interrupted(folder: Path) -> RunError:
    return RunError(
        f"{folder} has no result.json: its training was interrupted before it could save; "
        f"resume with: hoiquy resume {folder}"
    )


def is_self_training(folder: Path) -> bool:
    """Whether a folder has the teacher of a student that is not begun yet."""
    teacher = folder / run_files.TEACHER
    begun = (folder / run_files.RECIPE).exists() or not (teacher / run_files.RECIPE).exists()
    return not begun and run_files.TO_LABEL in _environment_or_empty(teacher)


def is_soft_labels(folder: Path) -> bool:
    """True for a folder of `hoiquy pseudo-label`."""
    return (folder / run_files.SOFT_LABELS).exists()


def is_language_model(folder: Path) -> bool:
    """True for a folder of `hoiquy pretrain`, finished or not."""
    return _environment_or_empty(folder).get("kind") == run_files.LANGUAGE_MODEL


def _environment_or_empty(folder: Path) -> dict[str, Any]:
    """`environment.json`, or nothing if it is missing or damaged."""
    try:
        facts = json.loads(read_bytes(folder / run_files.ENVIRONMENT))
    except (RunError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def check_was_tested(run: Run, what: str) -> None:
    """Raise RunError with `what` fails for a run without a test score.

    Such runs were imported, saved by a `RecurrentClassifier`, or are trials of a search.
    """
    if run.result.status == "untested":
        if run_files.TRIAL in run.environment():
            raise RunError(
                f"{run.folder} {what}: it is a trial of a search, never scored on test documents; "
                f"train its recipe: --recipe {run.folder / run_files.RECIPE}"
            )
        raise RunError(
            f"{run.folder} {what}: it has a model without its training, "
            f"{run.result.data_description}; score it with hoiquy evaluate, or train its recipe"
        )


def load_recipe_of(folder: Path) -> Recipe:
    """The recipe of a run, finished or not. Raises RunError."""
    source = folder / run_files.RECIPE
    try:
        return parse_recipe(_text(folder, run_files.RECIPE), str(source))
    except RecipeError as error:
        raise RunError(f"damaged run: {error}") from error


def load_cost_of(folder: Path) -> Cost:
    """`cost.json` of a folder. Raises RunError."""
    content = read_checksummed(folder, run_files.COST)
    return run_files.parse_cost(content, str(folder / run_files.COST))


def load_environment_of(folder: Path) -> dict[str, Any]:
    """`environment.json` of a run, finished or not. Raises RunError."""
    content = read_checksummed(folder, run_files.ENVIRONMENT)
    return run_files.parse_environment(content, str(folder / run_files.ENVIRONMENT))


def _read_history(folder: Path, epochs: int) -> list[EpochRecord]:
    """The saved epochs; there may be more than `epochs` if a training was killed while saving."""
    path = folder / run_files.HISTORY
    if epochs == 0 and not path.exists():
        return []
    records = parse_history(_text(folder, run_files.HISTORY), str(path))
    numbers = [record.epoch for record in records]
    if len(numbers) < epochs or numbers != list(range(1, len(numbers) + 1)):
        raise RunError(f"{path} is damaged: expected epochs 1 to {epochs}, found {numbers}")
    return records


def _text(folder: Path, name: str) -> str:
    try:
        return read_checksummed(folder, name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RunError(f"{folder / name} is damaged: not UTF-8 text") from error
