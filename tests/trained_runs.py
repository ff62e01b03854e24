"""Complete run folders that were right about the documents that a test says, for comparisons."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from example_run import RESULT
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.files import (
    Cost,
    cost_file,
    environment_file,
    predictions_file,
    recipe_file,
    result_file,
)
from hoiquy.runs.folder import Predictions, Run, load_run
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.system.checksummed_files import write_checksummed


def answers(right: NDArray[np.bool_]) -> Predictions:
    """Predictions of two classes, labels in turn, right exactly where `right` says."""
    labels = (np.arange(len(right)) % 2).astype(np.int32)
    positive = np.where(right == (labels == 1), 0.8, 0.2)
    return Predictions(labels, np.stack([1 - positive, positive], axis=1).astype(np.float32))


def write_trained(
    folder: Path,
    right: NDArray[np.bool_],
    name: str = "bai3",
    seed: int = 1,
    settings: Sequence[str] = (),
    data_source: str | None = None,
    **changes: Any,
) -> Run:
    """Write a run folder and load it. `changes` go into result.json."""
    recipe = load_recipe(name).with_settings([f"training.seed={seed}", *settings])
    predictions = answers(right)
    accuracy = float(predictions.right().mean())
    result = replace(
        RESULT, recipe=name, seed=seed, epochs=0, best_epoch=0, test_documents=len(right),
        test_accuracy=accuracy, test_macro_f1=accuracy,
    )  # fmt: skip
    create_run_folder(folder)
    environment = {} if data_source is None else {"data_source": data_source}
    write_checksummed(
        folder,
        recipe_file(recipe)
        | environment_file(environment)
        | cost_file(Cost(seconds=60.0 + seed))
        | predictions_file(predictions, RESULT.classes)
        | result_file(replace(result, **changes)),
    )
    return load_run(folder)


def right_about(documents: int, wrong: Sequence[int]) -> NDArray[np.bool_]:
    """(documents,): right about all but these."""
    right = np.ones(documents, bool)
    right[list(wrong)] = False
    return right


def write_seeds(
    folder: Path, accuracies: Sequence[float], name: str = "bai3", documents: int = 2_000
) -> list[Run]:
    """A run a seed, wrong about documents of its own choice; folders `<name>-seed<number>`."""
    runs = []
    for seed, accuracy in enumerate(accuracies, start=1):
        rng = np.random.default_rng([seed, *map(ord, name)])
        wrong = rng.permutation(documents)[: round(documents * (1 - accuracy))].tolist()
        right = right_about(documents, wrong)
        runs.append(write_trained(folder / f"{name}-seed{seed}", right, name, seed))
    return runs
