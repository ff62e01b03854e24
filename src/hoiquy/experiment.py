"""Train a recipe on a data set into a run folder, with hoiquy's own engine or with Keras."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from hoiquy.compilation import start_compiling
from hoiquy.data import Dataset, Progress, load_dataset
from hoiquy.environment import describe_environment
from hoiquy.errors import InputError
from hoiquy.events import Listener, Preparing, ignore
from hoiquy.history import EpochRecord
from hoiquy.kernels import Array, kernel_kind
from hoiquy.metrics import macro_f1
from hoiquy.model import build_model
from hoiquy.parallel import default_threads
from hoiquy.preparation import Prepared, prepare
from hoiquy.recipe import Recipe, load_recipe
from hoiquy.runs import (
    Predictions,
    Result,
    Run,
    create_run_folder,
    load_run,
    save_environment,
    save_history,
    save_predictions,
    save_recipe,
    save_result,
    save_summary,
    save_weights,
)
from hoiquy.summary import model_summary
from hoiquy.training import fit

Engine = Literal["hoiquy", "keras"]


@dataclass(frozen=True)
class Experiment:
    """What is trained on what, and with which engine; `command` is what the user typed."""

    recipe: Recipe
    dataset: Dataset
    engine: Engine = "hoiquy"
    command: Sequence[str] = ()

    def run(
        self, out: str | Path, on_event: Listener = ignore, prepared: Prepared | None = None
    ) -> Run:
        """Train into the folder `out`, score the test documents once, and return the run.

        After every epoch the folder holds the weights and the history so far, as an interrupted
        run. `prepared` are the documents, if they were encoded for this recipe before. Raises
        RunError if the folder holds something, InputError for an unknown engine, TrainingError if
        the loss is no longer a number.
        """
        engine_name, fit_engine = _engine(self.engine)
        folder = create_run_folder(out)
        start = time.perf_counter()
        prepared = prepared or prepare(self.recipe, self.dataset, on_event)
        result = self._save_beginning(folder, prepared, engine_name)

        def after_epoch(parameters: dict[str, Array], history: list[EpochRecord]) -> None:
            save_weights(folder, parameters)
            save_history(folder, history)
            so_far = replace(result, epochs=len(history), **_cost(start))
            save_result(folder, so_far)

        fitted = fit_engine(self.recipe, prepared, on_event, after_epoch)
        scores = fitted.score(prepared.test)
        labels = prepared.test.labels
        save_predictions(
            folder, Predictions(labels, scores.probabilities), list(self.dataset.classes)
        )
        predicted = scores.probabilities.argmax(axis=1)
        done = replace(
            result,
            status="complete",
            epochs=len(fitted.history),
            test_accuracy=scores.accuracy,
            test_loss=scores.loss,
            test_macro_f1=macro_f1(labels, predicted, prepared.classes),
            **_cost(start),
        )
        save_result(folder, done)
        return load_run(folder)

    def _save_beginning(self, folder: Path, prepared: Prepared, engine_name: str) -> Result:
        recipe, dataset = self.recipe, self.dataset
        save_recipe(folder, recipe)
        prepared.vocabulary.save(folder / "vocabulary.txt")
        model = build_model(
            recipe,
            vocabulary_size=len(prepared.vocabulary.words),
            classes=prepared.classes,
            seed=recipe.training.seed,
        )
        save_summary(folder, model_summary(model, recipe.name, recipe.data.max_length))
        fingerprint = dataset.fingerprint()
        environment = describe_environment(
            threads=default_threads(),
            kernels=kernel_kind(np.float32) if self.engine == "hoiquy" else engine_name,
            seed=recipe.training.seed,
            data_fingerprint=fingerprint,
            command=self.command,
        )
        save_environment(folder, environment)
        result = Result(
            recipe=recipe.name,
            status="interrupted",
            engine=engine_name,
            seed=recipe.training.seed,
            data=dataset.name,
            data_description=dataset.description,
            official_test=dataset.official_test,
            data_fingerprint=fingerprint,
            classes=list(dataset.classes),
            train_documents=len(prepared.train),
            validation_documents=len(prepared.validation),
            test_documents=len(prepared.test),
            test_accuracy=None,
            test_loss=None,
            test_macro_f1=None,
            parameters=model.parameter_count,
            dead_parameters=model.dead_parameter_count,
            epochs=0,
            seconds=0.0,
            peak_memory_bytes=peak_memory_bytes(),
        )
        save_result(folder, result)
        return result


def peak_memory_bytes() -> int:
    """The most memory that this process has held at once so far; 0 where nobody tells."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _cost(start: float) -> dict[str, Any]:
    return {
        "seconds": time.perf_counter() - start,
        "peak_memory_bytes": peak_memory_bytes(),
    }


def _engine(engine: str) -> tuple[str, Any]:
    """The engine's name for the result, and its `fit`."""
    if engine == "hoiquy":
        return "hoiquy", fit
    if engine == "keras":
        from hoiquy.interop.keras import engine_name, fit_keras

        return engine_name(), fit_keras
    raise InputError(f"unknown engine {engine!r}; expected {' or '.join(get_args(Engine))}")


def train(
    data: str | Path | Dataset,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    settings: Sequence[str] = (),
    engine: Engine = "hoiquy",
    on_event: Listener = ignore,
    command: Sequence[str] = (),
) -> Run:
    """Train a recipe on a data set into the folder `out`; see `Experiment.run`.

    data: a data set, its name or its path. recipe: a recipe, its name or its file. settings:
    changes to the recipe such as "training.epochs=5".
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    recipe = recipe.with_settings(settings) if settings else recipe
    create_run_folder(out)  # before reading the data: a bad folder should not cost a minute
    if engine == "hoiquy":
        start_compiling(on_event)
    if not isinstance(data, Dataset):
        data = load_dataset(data, reading(on_event))
    return Experiment(recipe, data, engine, command).run(out, on_event)


def reading(on_event: Listener) -> Progress:
    """Progress of reading a data set, told as events."""
    return lambda what, done, total: on_event(Preparing("reading", what, done, total))
