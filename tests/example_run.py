"""A small run folder, and the ways in which tests damage it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hoiquy.errors import RunError
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.examples import Example
from hoiquy.runs.files import (
    Cost,
    Result,
    cost_file,
    diagnostics_file,
    environment_file,
    examples_file,
    history_file,
    misclassified_file,
    predictions_file,
    recipe_file,
    result_file,
    summary_file,
    weights_file,
)
from hoiquy.runs.folder import Predictions
from hoiquy.runs.history import EpochRecord
from hoiquy.runs.misclassified import LengthBin, Misclassified, MisclassifiedExample
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.system.checksummed_files import write_checksummed

CLASSES = ["neg", "pos"]
HISTORY = [
    EpochRecord(1, 0.7, 0.5, 0.69, 0.51, 0.001),
    EpochRecord(2, 0.6, 0.7, 0.5, 0.8, 0.0005),
]
RESULT = Result(
    recipe="bai3",
    status="complete",
    engine="hoiquy",
    seed=1,
    data="bình luận",
    data_description="bốn bài bình luận",
    official_test=False,
    data_fingerprint="ab" * 32,
    classes=CLASSES,
    train_documents=40,
    validation_documents=4,
    test_documents=4,
    test_accuracy=0.75,
    test_loss=0.5,
    test_macro_f1=0.7,
    parameters=100,
    unreachable_parameters=10,
    epochs=2,
    best_epoch=2,
    changes=[],
)
MISCLASSIFIED = Misclassified(
    most_confident=(MisclassifiedExample(2, 1, 0, 0.7, "phim “hay”"),),
    by_length=(LengthBin(0, 12, 2, 0), LengthBin(13, None, 2, 1)),
)
EXAMPLES = (Example(0, 0, "phim dở"), Example(1, 1, "phim hay"))
DIAGNOSTICS = (
    Diagnostic(
        "class_imbalance",
        {"largest": "pos", "smallest": "neg", "most": 36, "fewest": 4, "majority": 0.9},
        'training.class_weight="balanced"',
    ),
    Diagnostic(
        "unreachable_rows",
        {"unreachable": 10, "rows": 20, "reachable": 10},
        "model.layers.0.rows=10",
        severity="note",
    ),
)  # fmt: skip
COST = Cost(seconds=3.5, peak_memory_bytes=1000)
PREDICTIONS = Predictions(
    np.array([0, 1, 1, 0], np.int32),
    np.array([[0.9, 0.2], [0.4, 0.6], [0.7, 0.3], [0.5, 0.1]], np.float32),
)
WEIGHTS = {
    "lstm/kernel": np.arange(12, dtype=np.float32).reshape(3, 4),
    "dense/bias": np.zeros(2, np.float32),
}


def write_run(folder: Path) -> Path:
    """A whole run folder."""
    create_run_folder(folder)
    write_checksummed(
        folder,
        recipe_file(load_recipe("bai3"))
        | history_file(HISTORY)
        | result_file(RESULT)
        | predictions_file(PREDICTIONS, CLASSES)
        | misclassified_file(MISCLASSIFIED)
        | examples_file(EXAMPLES)
        | diagnostics_file(DIAGNOSTICS)
        | weights_file(WEIGHTS)
        | environment_file({"command": "hoiquy train", "threads": 2})
        | cost_file(COST)
        | summary_file("Lớp  Số tham số\n"),
    )
    return folder


def truncate(path: Path, share: float = 0.5) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def error_line(act: Callable[[], object], kind: type[Exception] = RunError) -> str:
    """The message of the error that `act` must raise: one line."""
    with pytest.raises(kind) as caught:
        act()
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


def files_in(folder: Path) -> list[str]:
    """Names of everything in a folder, hidden files too, sorted."""
    return sorted(path.name for path in folder.iterdir())
