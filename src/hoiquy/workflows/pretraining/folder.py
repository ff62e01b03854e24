"""The folder of a language model, and what is read from one.

    recipe.toml  vocabulary.txt  weights.safetensors  history.jsonl  result.json  cost.json
    environment.json  manifest.json  checkpoint/

It is written and sealed as a run folder is; its environment and its result name its kind.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError, RunError
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.arrays import parse_arrays
from hoiquy.runs.files import Contents, Cost
from hoiquy.runs.folder import is_language_model, load_environment_of, load_recipe_of
from hoiquy.system.checksummed_files import read_checksummed, sha256
from hoiquy.system.json_files import as_json, parse_json
from hoiquy.text import Vocabulary
from hoiquy.workflows.pretraining.state import PretrainingRecord

# What the same pretraining gives byte for byte, on any number of threads, interrupted or not.
REPEATABLE = (
    run_files.RECIPE, run_files.VOCABULARY, run_files.WEIGHTS, run_files.HISTORY, run_files.RESULT,
)  # fmt: skip


@dataclass(frozen=True)
class LanguageModelResult:
    """`result.json` of a language model."""

    kind: Literal["language_model"]
    recipe: str  # its name
    status: Literal["complete", "interrupted"]
    seed: int
    data: list[str]  # where the texts came from
    data_fingerprint: str
    documents: int  # to learn from
    held_out_documents: int  # that the perplexity is measured on
    tokens: int  # to learn from: words, and a mark at the start of each document
    words: int  # in the vocabulary
    parameters: int
    epochs: int  # finished
    loss: float | None  # sampled, of the last epoch; None before the first
    perplexity: float | None  # of the documents held out, over all words


@dataclass(frozen=True)
class TrainedLanguageModel:
    """A language model's folder that was read; arrays are read on demand."""

    folder: Path
    recipe: Recipe
    result: LanguageModelResult
    history: list[PretrainingRecord]

    def vocabulary(self) -> Vocabulary:
        """Its words and its rules. Raises RunError if missing or damaged."""
        return read_vocabulary(self.folder, self.recipe)

    def weights(self) -> dict[str, NDArray[Any]]:
        """Parameters by name, as `LanguageModel.parameters`. Raises RunError."""
        content = read_checksummed(self.folder, run_files.WEIGHTS)
        return parse_arrays(content, str(self.folder / run_files.WEIGHTS))

    def weights_sha256(self) -> str:
        """What tells these weights from all others. Raises RunError."""
        return sha256(read_checksummed(self.folder, run_files.WEIGHTS))

    def environment(self) -> dict[str, Any]:
        """What `environment.describe_environment` found, and the command."""
        return load_environment_of(self.folder)

    def cost(self) -> Cost:
        """Time and memory that the pretraining took."""
        content = read_checksummed(self.folder, run_files.COST)
        return run_files.parse_cost(content, str(self.folder / run_files.COST))


def load_language_model(path: str | Path) -> TrainedLanguageModel:
    """Read a language model's folder. Raises RunError, one line that says what is wrong."""
    folder = Path(path)
    if not folder.is_dir():
        raise RunError(f"there is no language model {folder}: make one with hoiquy pretrain")
    if not is_language_model(folder):
        raise RunError(
            f"{folder} is not a language model: expected a folder of hoiquy pretrain (--out)"
        )
    if not (folder / run_files.RESULT).exists():
        raise RunError(f"{folder} has no result.json: {_go_on(folder)}")
    source = str(folder / run_files.RESULT)
    content = read_checksummed(folder, run_files.RESULT)
    result = parse_json(LanguageModelResult, content, source)
    history = read_history(folder) if result.epochs else []
    if len(history) < result.epochs:
        raise RunError(
            f"{folder} is damaged: {result.epochs} epochs, but {len(history)} in history"
        )
    return TrainedLanguageModel(folder, load_recipe_of(folder), result, history)


def check_is_complete(saved: TrainedLanguageModel) -> None:
    """Raise RunError, which says how to go on, for one whose pretraining was interrupted."""
    if saved.result.status != "complete":
        raise RunError(f"the language model {saved.folder} is not complete: {_go_on(saved.folder)}")


def read_vocabulary(folder: Path, recipe: Recipe) -> Vocabulary:
    """The vocabulary in a folder, also of a run. Raises RunError if missing or damaged."""
    try:
        return run_files.parse_vocabulary(recipe, partial(read_checksummed, folder), str(folder))
    except DataError as error:
        raise RunError(f"damaged language model: {error}") from error


def history_file(records: Iterable[PretrainingRecord]) -> Contents:
    lines = "".join(json.dumps(asdict(record)) + "\n" for record in records)
    return {run_files.HISTORY: lines.encode("utf-8")}


def read_history(folder: Path) -> list[PretrainingRecord]:
    """The epochs that are done. Raises RunError for a damaged line."""
    content, source = read_checksummed(folder, run_files.HISTORY), str(folder / run_files.HISTORY)
    return [parse_json(PretrainingRecord, line, source) for line in content.splitlines()]


def result_file(result: LanguageModelResult) -> Contents:
    return {run_files.RESULT: as_json(asdict(result))}


def misfits(saved: TrainedLanguageModel) -> list[str]:
    """What does not fit together although every file is as it was saved."""
    try:
        words = saved.vocabulary().words
        saved.environment(), saved.cost()
        if saved.result.status != "complete":
            return []
        weights = saved.weights()
    except RunError as error:
        return [str(error)]
    problems = []
    found: Mapping[str, Any] = {
        "words": len(words),
        "parameters": sum(array.size for array in weights.values()),
        "epochs": len(saved.history),
        "perplexity": saved.history[-1].perplexity if saved.history else None,
    }
    for name, value in found.items():
        said = getattr(saved.result, name)
        if said != value:
            problems.append(
                f"{saved.folder}: result.json has {name} {said}, its other files say {value}"
            )
    if not all(np.isfinite(array).all() for array in weights.values()):
        problems.append(f"{saved.folder}: a weight is no number")
    return problems


def _go_on(folder: Path) -> str:
    return f"resume with: {resume_hint(folder)}"


def resume_hint(folder: Path) -> str:
    """The command that an interrupted pretraining goes on with, as its environment has it."""
    command = load_environment_of(folder).get("command")
    return str(command) if command else f"hoiquy.pretrain(…, out={str(folder)!r}) again"
