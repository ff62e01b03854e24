"""The run folder: everything that one training leaves behind.

    recipe.toml  vocabulary.txt  weights.safetensors  history.jsonl  result.json
    predictions.parquet  environment.json  summary.txt  figures/*.png

Every file is written whole or not at all (`atomic.py`) and none is ever unpickled. The functions
that write take the folder and choose the file's name themselves.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from hoiquy.atomic import write_text
from hoiquy.errors import RecipeError, RunError
from hoiquy.history import EpochRecord, dump_history, parse_history
from hoiquy.recipe import Recipe, parse_recipe
from hoiquy.run_arrays import (
    PREDICTIONS,
    Predictions,
    load_predictions,
    load_weights,
    save_predictions,
    save_weights,
)

__all__ = [
    "Predictions",
    "Result",
    "Run",
    "create_run_folder",
    "load_predictions",
    "load_run",
    "load_weights",
    "save_environment",
    "save_history",
    "save_predictions",
    "save_recipe",
    "save_result",
    "save_summary",
    "save_weights",
]


@dataclass(frozen=True)
class Result:
    """`result.json`: what was trained on what, and what came out."""

    recipe: str  # its name
    status: Literal["complete", "interrupted"]
    engine: str  # "hoiquy" or "keras (jax)"
    seed: int
    data: str  # the data set's name
    data_description: str
    official_test: bool
    data_fingerprint: str
    classes: list[str]
    train_documents: int
    validation_documents: int
    test_documents: int
    test_accuracy: float | None  # fraction; None while interrupted
    test_loss: float | None
    test_macro_f1: float | None
    parameters: int  # as the summary counts them
    dead_parameters: int  # embedding rows that no document can reach
    epochs: int  # finished
    seconds: float  # the whole training
    peak_memory_bytes: int


@dataclass(frozen=True)
class Run:
    """A run folder that was read. Arrays and texts that not everybody needs are read on demand."""

    folder: Path
    recipe: Recipe
    result: Result
    history: list[EpochRecord]

    def predictions(self) -> Predictions:
        """Probabilities of the test documents. Raises RunError if missing or damaged."""
        predictions = load_predictions(self.folder, self.result.classes)
        if len(predictions.labels) != self.result.test_documents:
            raise RunError(
                f"{self.folder / PREDICTIONS} is damaged: {len(predictions.labels)} documents, but "
                f"result.json says {self.result.test_documents}"
            )
        return predictions

    def weights(self) -> dict[str, NDArray[Any]]:
        """Parameters by name. Raises RunError if missing or damaged."""
        return load_weights(self.folder)

    def environment(self) -> dict[str, Any]:
        """What `environment.describe_environment` found. Raises RunError if missing or damaged."""
        path = self.folder / "environment.json"
        try:
            facts = json.loads(_read(path))
        except ValueError as error:
            raise RunError(f"{path} is damaged: not JSON") from error
        if not isinstance(facts, dict):
            raise RunError(f"{path} is damaged: not a JSON object")
        return facts

    def summary(self) -> str:
        """The model summary as printed. Raises RunError if missing or damaged."""
        return _read(self.folder / "summary.txt")


def create_run_folder(path: str | Path) -> Path:
    """Make the folder of a new run, with its parents. An empty folder may exist already.

    Raises RunError when it holds something, is a file, or cannot be written to.
    """
    folder = Path(path)
    advice = "choose another --out"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RunError(f"the folder {folder} exists already and is not empty: {advice}")
        writable = os.access(folder, os.W_OK)
    except FileExistsError as error:
        raise RunError(f"{folder} is a file, but a run needs a folder: {advice}") from error
    except OSError as error:
        reason = error.strerror or error
        raise RunError(f"cannot make the run folder {folder}: {reason}; {advice}") from error
    if not writable:
        raise RunError(f"the folder {folder} cannot be written to: {advice}")
    return folder


def save_recipe(folder: Path, recipe: Recipe) -> None:
    """Write `recipe.toml`. Raises HoiquyError if it cannot be written."""
    write_text(folder / "recipe.toml", recipe.to_toml())


def save_history(folder: Path, records: Iterable[EpochRecord]) -> None:
    """Write `history.jsonl`, all epochs again. Raises HoiquyError if it cannot be written."""
    write_text(folder / "history.jsonl", dump_history(records))


def save_result(folder: Path, result: Result) -> None:
    """Write `result.json`. Raises HoiquyError if it cannot be written."""
    write_text(folder / "result.json", _as_json(asdict(result)))


def save_environment(folder: Path, environment: Mapping[str, Any]) -> None:
    """Write `environment.json`. Raises HoiquyError if it cannot be written."""
    write_text(folder / "environment.json", _as_json(environment))


def save_summary(folder: Path, summary: str) -> None:
    """Write `summary.txt`. Raises HoiquyError if it cannot be written."""
    write_text(folder / "summary.txt", summary)


def load_run(path: str | Path) -> Run:
    """Read a run folder. Raises RunError, one line that names the folder or the damaged file."""
    folder = Path(path)
    _check_is_run(folder)
    source = folder / "recipe.toml"
    try:
        recipe = parse_recipe(_read(source), str(source))
    except RecipeError as error:
        raise RunError(f"damaged run: {error}") from error
    result = _read_result(folder / "result.json")
    return Run(folder, recipe, result, _read_history(folder, result.epochs))


def _check_is_run(folder: Path) -> None:
    if not folder.exists():
        raise RunError(f"there is no run folder {folder}")
    if not folder.is_dir():
        raise RunError(f"{folder} is a file, not a run folder")
    if not (folder / "recipe.toml").exists():
        inside = sorted(found.parent.name for found in folder.glob("*/recipe.toml"))
        hint = f"; it holds the runs {', '.join(inside)}: name one of them" if inside else ""
        raise RunError(f"{folder} is not a run folder: it has no recipe.toml{hint}")
    if not (folder / "result.json").exists():
        raise RunError(
            f"{folder} has no result.json: its training was cut off before it could save"
        )


def _read_result(path: Path) -> Result:
    try:
        return _result_reader().validate_json(_read(path), strict=True)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        what = f"{where}: {problem['msg']}" if where else "not a whole JSON file"
        raise RunError(f"{path} is damaged: {what}") from error


@cache
def _result_reader() -> TypeAdapter[Result]:
    return TypeAdapter(Result)


def _read_history(folder: Path, epochs: int) -> list[EpochRecord]:
    """Read the epochs; more of them than `epochs` were saved just before a training was cut off."""
    path = folder / "history.jsonl"
    if epochs == 0 and not path.exists():
        return []
    records = parse_history(_read(path), str(path))
    numbers = [record.epoch for record in records]
    if len(numbers) < epochs or numbers != list(range(1, len(numbers) + 1)):
        raise RunError(f"{path} is damaged: epochs 1 to {epochs} were expected, it has {numbers}")
    return records


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RunError(f"{path.parent} is damaged: {path.name} is missing") from error
    except UnicodeDecodeError as error:
        raise RunError(f"{path} is damaged: not UTF-8 text") from error
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error


def _as_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
