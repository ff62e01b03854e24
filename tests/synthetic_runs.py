"""Synthetic runs: whole run folders, with curves and predictions made to order."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.environment import describe_environment
from hoiquy.runs.files import (
    Cost,
    Result,
    cost_file,
    environment_file,
    history_file,
    predictions_file,
    recipe_file,
    result_file,
    summary_file,
)
from hoiquy.runs.folder import Predictions, Run, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.system.checksummed_files import write_checksummed

PARAMETERS = {
    "bai1": (40_802, 0),
    "bai2": (121_002, 0),
    "bai3": (11_602_354, 10_058_752),
    "bai4": (11_669_922, 10_058_752),
    "bai5": (11_537_154, 10_058_752),
    "auto": (1_366_210, 0),
}


def epochs(
    losses: Sequence[float],
    val_losses: Sequence[float],
    accuracies: Sequence[float],
    val_accuracies: Sequence[float],
) -> list[EpochRecord]:
    """A history from its four curves."""
    curves = zip(losses, accuracies, val_losses, val_accuracies, strict=True)
    return [EpochRecord(at, *values, 1e-4) for at, values in enumerate(curves, start=1)]


def learning(final_train: float = 0.925, final_val: float = 0.887) -> list[EpochRecord]:
    """Ten epochs of a network that learns and settles at epoch 6."""
    gone = 0.5 ** np.arange(10)
    return epochs(
        (0.30 + 1.8 * gone).tolist(),
        (0.35 + 1.5 * gone).tolist(),
        (final_train - 0.30 * gone + 0.30 * gone[-1]).tolist(),
        (final_val - 0.22 * gone + 0.22 * gone[-1]).tolist(),
    )


def wandering(count: int = 20) -> list[EpochRecord]:
    """Epochs of a network that learns nothing."""
    noise = np.random.default_rng(0).uniform(-1, 1, (4, count))
    return epochs(
        (0.6932 + 0.0004 * noise[0]).tolist(),
        (0.6934 + 0.0006 * noise[1]).tolist(),
        (0.503 + 0.008 * noise[2]).tolist(),
        (0.499 + 0.014 * noise[3]).tolist(),
    )


def write_run(
    folder: Path,
    name: str = "bai3",
    *,
    history: Sequence[EpochRecord] | None = None,
    accuracy: float | None = 0.8757,
    documents: int = 25_000,
    wrong: Sequence[int] | None = None,
    labels: Sequence[int] | None = None,
    settings: Sequence[str] = (),
    **changes: Any,
) -> Run:
    """Write a run folder and load it.

    Whatever is not given is what the lab's own training of `name` on official data would say.
    `wrong` are the documents answered wrongly, by default as many of the first as `accuracy` says;
    an `accuracy` of None makes an interrupted run. `changes` go into result.json.
    """
    history = list(learning() if history is None else history)
    recipe = load_recipe(name).with_settings(settings)
    create_run_folder(folder)
    if accuracy is not None:
        predictions = predict(documents, accuracy, wrong, labels)
        write_checksummed(folder, predictions_file(predictions, ["neg", "pos"]))
        accuracy = float(predictions.right().mean())
    parameters, dead = PARAMETERS[name.removesuffix("-quick")]
    result = Result(
        recipe=name,
        status="complete" if accuracy is not None else "interrupted",
        engine="hoiquy",
        seed=recipe.training.seed,
        data="imdb",
        data_description="IMDB, 25,000 training and 25,000 test reviews",
        official_test=True,
        data_fingerprint="c0ffee" * 10 + "cafe",
        classes=["neg", "pos"],
        train_documents=22_500,
        validation_documents=2_500,
        test_documents=documents,
        test_accuracy=accuracy,
        test_loss=0.35 if accuracy is not None else None,
        test_macro_f1=accuracy,
        parameters=parameters,
        unreachable_parameters=dead,
        epochs=len(history),
        best_epoch=len(history),
        changes=[],
    )
    environment = describe_environment(
        engine="hoiquy",
        threads=2,
        kernels="fast",
        seed=result.seed,
        data_source="imdb",
        command=["hoiquy", "lab", "--data", "imdb"],
    )
    write_checksummed(
        folder,
        recipe_file(recipe)
        | history_file(history)
        | result_file(replace(result, **changes))
        | cost_file(Cost(seconds=615.0, peak_memory_bytes=700_000_000))
        | summary_file(f"Model: {name}\nTotal params: {parameters:,}\n")
        | environment_file(environment),
    )
    return load_run(folder)


def predict(
    documents: int,
    accuracy: float,
    wrong: Sequence[int] | None,
    labels: Sequence[int] | None,
) -> Predictions:
    """Predictions of two classes that are wrong exactly where they should be."""
    truth = np.arange(documents) % 2 if labels is None else np.asarray(labels)
    misclassified = range(documents - round(accuracy * documents)) if wrong is None else wrong
    answers = truth.copy()
    answers[list(misclassified)] = 1 - answers[list(misclassified)]
    probabilities = np.stack([0.8 - 0.6 * answers, 0.2 + 0.6 * answers], axis=1)
    return Predictions(truth.astype(np.int32), probabilities.astype(np.float32))
