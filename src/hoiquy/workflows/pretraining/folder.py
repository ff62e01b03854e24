"""The folder of a language model.

    recipe.toml  vocabulary.txt  weights.safetensors  history.jsonl  result.json  cost.json
    environment.json  manifest.json  checkpoint/

Written like a run folder; `kind` in its environment and result tells them apart.
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
from hoiquy.runs.folder import is_language_model, load_cost_of, load_environment_of, load_recipe_of
from hoiquy.system.checksummed_files import read_checksummed, sha256
from hoiquy.system.json_files import as_json, parse_json
from hoiquy.text import Vocabulary
from hoiquy.workflows.pretraining.state import PretrainingRecord

# Equal bytes from equal pretrainings, on any number of threads, interrupted or not.
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
    documents: int  # to train on
    held_out_documents: int  # that the perplexity is measured on
    tokens: int  # to train on: words, and a start token for each document
    words: int  # in the vocabulary
    parameters: int
    epochs: int  # finished
    loss: float | None  # sampled, of the last epoch; None before the first
    perplexity: float | None  # of the documents held out, over all words


@dataclass(frozen=True)
class TrainedLanguageModel:
    """A language model's folder. Methods read further files, and raise RunError if damaged."""

    folder: Path
    recipe: Recipe
    result: LanguageModelResult
    history: list[PretrainingRecord]

    def vocabulary(self) -> Vocabulary:
        """Its words and tokenizer."""
        return read_vocabulary(self.folder, self.recipe)

    def weights(self) -> dict[str, NDArray[Any]]:
        """Parameters by name, as `LanguageModel.parameters`."""
        content = read_checksummed(self.folder, run_files.WEIGHTS)
        return parse_arrays(content, str(self.folder / run_files.WEIGHTS))

    def weights_sha256(self) -> str:
        """The hash of the weights' file."""
        return sha256(read_checksummed(self.folder, run_files.WEIGHTS))

    def environment(self) -> dict[str, Any]:
        """The facts of `describe_environment`."""
        return load_environment_of(self.folder)

    def cost(self) -> Cost:
        """Time and memory of the pretraining."""
        return load_cost_of(self.folder)

    def curve(self) -> list[tuple[float, float]]:
        """The minutes of training up to the end of each epoch, and the perplexity then."""
        seconds = self.cost().epoch_seconds
        return [(at / 60, one.perplexity) for at, one in zip(seconds, self.history, strict=False)]


def load_language_model(path: str | Path) -> TrainedLanguageModel:
    """Read a language model's folder. Raises RunError if a file is missing or damaged."""
    folder = Path(path)
    if not folder.is_dir():
        raise RunError(f"there is no language model {folder}: make one with hoiquy pretrain")
    if not is_language_model(folder):
        raise RunError(
            f"{folder} is not a language model: expected a folder of hoiquy pretrain (--out)"
        )
    if not (folder / run_files.RESULT).exists():
        raise RunError(f"{folder} has no result.json; resume with: {resume_hint(folder)}")
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
    """Raise RunError with a resume hint if the pretraining was interrupted."""
    if saved.result.status != "complete":
        hint = resume_hint(saved.folder)
        raise RunError(f"the language model {saved.folder} is not complete; resume with: {hint}")


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
    """The finished epochs. Raises RunError for a damaged line."""
    content, source = read_checksummed(folder, run_files.HISTORY), str(folder / run_files.HISTORY)
    return [parse_json(PretrainingRecord, line, source) for line in content.splitlines()]


def result_file(result: LanguageModelResult) -> Contents:
    return {run_files.RESULT: as_json(asdict(result))}


def misfits(saved: TrainedLanguageModel) -> list[str]:
    """Contradictions between files that are intact."""
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
        recorded = getattr(saved.result, name)
        if recorded != value:
            problems.append(
                f"{saved.folder}: result.json has {name} {recorded}, its other files say {value}"
            )
    if not all(np.isfinite(array).all() for array in weights.values()):
        problems.append(f"{saved.folder}: a weight is no number")
    return problems


def resume_hint(folder: Path) -> str:
    """The command that resumes an interrupted pretraining, from its environment."""
    command = load_environment_of(folder).get("command")
    return str(command) if command else f"hoiquy.pretrain(…, out={str(folder)!r}) again"
