"""The fitted state of an estimator, and its conversion to and from the files of a run folder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.data.dataset import Dataset
from hoiquy.errors import InputError, RunError
from hoiquy.nn.kernels import Array, kernel_kind
from hoiquy.nn.model import Model
from hoiquy.nn.optimizers import Optimizer
from hoiquy.nn.plain_data.optimizers import make_optimizer
from hoiquy.nn.shards import default_threads
from hoiquy.nn.summary import model_summary
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.runs.arrays import dump_arrays, parse_arrays
from hoiquy.runs.compact_rows import expanded, unpacked
from hoiquy.runs.environment import describe_environment
from hoiquy.runs.files import (
    HISTORY,
    NGRAMS,
    RECIPE,
    RESULT,
    SUBWORDS,
    VOCABULARY,
    WEIGHTS,
    Contents,
    Cost,
    Result,
    cost_file,
    environment_file,
    history_file,
    parse_result,
    recipe_file,
    result_file,
    summary_file,
    vocabulary_file,
    weights_file,
)
from hoiquy.runs.history import EpochRecord, parse_history
from hoiquy.system.checksummed_files import read_checksummed, read_manifest, write_checksummed
from hoiquy.training.early_stopping import best_epoch
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.state import TrainingState
from hoiquy.training.untrained_result import untrained_result

MOMENTS = "optimizer.safetensors"  # its state, only after partial_fit
FILES = (RECIPE, VOCABULARY, NGRAMS, SUBWORDS, WEIGHTS, HISTORY, MOMENTS, RESULT)


@dataclass(frozen=True)
class FittedState:
    """A trained network with what is needed to train it further."""

    predictor: Predictor
    result: Result
    history: list[EpochRecord]
    passes: int  # over the documents so far
    optimizer: Optimizer | None = None  # only after `partial_fit`

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        dataset: Dataset,
        prepared: Prepared,
        model: Model,
        history: list[EpochRecord],
    ) -> "FittedState":
        """Build the state of a model trained on a data set."""
        result = replace(
            untrained_result(recipe, dataset, prepared, model),
            status="untested",
            epochs=len(history),
            best_epoch=best_epoch(history, recipe.training.early_stopping),
        )
        predictor = Predictor(
            recipe, dataset.classes, prepared.vocabulary, model, dataset.multilabel
        )
        return cls(predictor, result, history, len(history))

    def after(self, state: TrainingState) -> "FittedState":
        """Return a copy with the model, passes and optimizer of `state`."""
        return replace(
            self,
            predictor=replace(self.predictor, model=state.model),
            passes=state.position.epoch - 1,
            optimizer=state.optimizer,
        )

    def state(self, recipe: Recipe, prepared: Prepared) -> TrainingState:
        """Return a copy to continue training from; a failed training then changes nothing."""
        state = TrainingState.initial(recipe, prepared)
        for name, array in state.model.arrays.items():
            array[...] = self.predictor.model.arrays[name]
        if self.optimizer is not None:
            state.optimizer.load(self.optimizer.arrays())
        state.position.epoch = self.passes + 1
        return state

    def files(self) -> Contents:
        """Return the files of a run folder by name; the result comes last."""
        files = (
            recipe_file(self.predictor.recipe)
            | vocabulary_file(self.predictor.vocabulary)
            | weights_file(self.predictor.model.arrays)
            | history_file(self.history)
        )
        if self.optimizer is not None:
            arrays = self.optimizer.arrays() | {"passes": np.array(self.passes)}
            files[MOMENTS] = dump_arrays(arrays)
        return files | result_file(self.result)

    def save(self, folder: Path, notes: Mapping[str, Any]) -> None:
        """Write a run into an empty folder; `notes` go into `environment.json`."""
        recipe = self.predictor.recipe
        environment = describe_environment(
            engine="hoiquy",
            threads=default_threads(),
            kernels=kernel_kind(np.float32),
            seed=recipe.training.seed,
            data_source="",
            command=(),
        )
        summary = model_summary(self.predictor.model, recipe.name, recipe.data.max_length)
        extra = environment_file(environment | dict(notes)) | summary_file(summary)
        write_checksummed(folder, extra | cost_file(Cost()) | self.files())

    @classmethod
    def saved(cls, folder: Path) -> "FittedState":
        """Read a run folder. Raises RunError as `of_files` does."""
        names = read_manifest(folder)
        files = {name: read_checksummed(folder, name) for name in FILES if name in names}
        return cls.of_files(files, str(folder))

    @classmethod
    def of_files(cls, files: Mapping[str, bytes], source: str) -> "FittedState":
        """Rebuild the state from `files()`; `source` names it in errors.

        Raises RunError if a file is missing, damaged or does not fit the others.
        """
        missing = [name for name in (RECIPE, VOCABULARY, WEIGHTS, RESULT) if name not in files]
        if missing:
            raise RunError(f"{source} has no {missing[0]}: its training was not finished")
        recipe = parse_recipe(files[RECIPE].decode("utf-8"), source)
        result = parse_result(files[RESULT], source)
        history = parse_history(files.get(HISTORY, b"").decode("utf-8"), source)
        predictor = Predictor.restored(
            recipe,
            tuple(result.classes),
            files.__getitem__,
            lambda: dict(expanded(unpacked(parse_arrays(files[WEIGHTS], source), source))),
            source,
            result.multilabel,
        )
        fitted = cls(predictor, result, history, len(history))
        if MOMENTS not in files:
            return fitted
        arrays = parse_arrays(files[MOMENTS], source)
        passes = int(arrays.pop("passes"))
        training = recipe.training
        optimizer = make_optimizer(
            training.optimizer_table, training.learning_rate, "training.optimizer"
        )
        try:
            optimizer.load(arrays)
        except InputError as error:
            raise RunError(f"{source} is damaged: {MOMENTS}: {error}") from error
        return replace(fitted, passes=passes, optimizer=optimizer)


def plain_recipe(recipe: str | Path | Recipe) -> str | dict[str, str]:
    """Return the parameter `recipe` as plain strings, which any version can read."""
    if isinstance(recipe, Recipe):
        return {"toml": recipe.to_toml()}
    return {"path": str(recipe)} if isinstance(recipe, Path) else recipe


def recipe_of(plain: str | dict[str, str]) -> str | Path | Recipe:
    """Return the parameter that `plain_recipe` was given."""
    if isinstance(plain, str):
        return plain
    if "toml" in plain:
        return parse_recipe(plain["toml"], "the saved recipe")
    return Path(plain["path"])


def _copied(arrays: dict[str, Array]) -> dict[str, Array]:
    return {name: array.copy() for name, array in arrays.items()}
