"""The scripts in examples/keras give on hoiquy.keras what they give on Keras.

Both begin with the same weights and take the same batches. Keras runs on JAX; two scripts need
TensorFlow and are compared where HOIQUY_TENSORFLOW is a Python that has it.
"""

import os
import pickle
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import example_records
import hoiquy.keras
from example_records import Record, run_script, tensorflow_keras
from imported_keras import import_hook

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted((ROOT / "examples" / "keras").glob("*.py"))
TOLERANCE = 1e-4
SLOW = {"cnn_lstm", "name_gender", "sequence_tagging", "time_series", "toxic_comments", "transfer"}
NEED_TENSORFLOW = {
    "stateful": "Keras on JAX does not carry the states of recurrent layers",
    "text_vectorization": "it uses tf.data",
}

CASES = [
    pytest.param(script, id=script.stem, marks=pytest.mark.slow if script.stem in SLOW else [])
    for script in SCRIPTS
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    keras.backend.clear_session(free_memory=False)
    hoiquy.keras.backend.clear_session()


def on_keras(script: Path, folder: Path) -> Record:
    reason, python = NEED_TENSORFLOW.get(script.stem), os.environ.get("HOIQUY_TENSORFLOW")
    if reason is None:
        with tensorflow_keras():
            return run_script(script, keras)
    if not python:
        pytest.skip(f"{reason}: set HOIQUY_TENSORFLOW to a Python that has TensorFlow")
    file = folder / "record.pickle"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": ""}
    command = [python, example_records.__file__, str(script), str(file)]
    subprocess.run(command, env=environment, check=True, cwd=folder)
    return Record(*pickle.loads(file.read_bytes()))


def numbers_in(result: Any) -> Iterator[Any]:
    """The arrays and numbers of a result, in order."""
    if isinstance(result, dict):
        for key in sorted(result):
            yield from numbers_in(result[key])
    elif isinstance(result, list | tuple):
        for one in result:
            yield from numbers_in(one)
    else:
        yield np.asarray(result)


def largest_difference(theirs: Record, ours: Record) -> float:
    assert [name for name, _ in theirs.results] == [name for name, _ in ours.results]
    differences = [0.0]
    for (name, one), (_, other) in zip(theirs.results, ours.results, strict=True):
        if isinstance(one, dict):
            assert one.keys() == other.keys(), name
        pairs = zip(numbers_in(one), numbers_in(other), strict=True)
        differences += [float(np.abs(a - b).max()) for a, b in pairs]
    return max(differences)


def test_the_page_lists_every_script() -> None:
    page = (ROOT / "docs" / "keras_examples.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)\.py` \|", page, re.MULTILINE)
    assert sorted(listed) == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("script", CASES)
def test_results_are_those_of_keras(script: Path, folder: Path) -> None:
    theirs = on_keras(script, folder)
    with import_hook():
        ours = run_script(script, hoiquy.keras, theirs.weights)
    assert [[w.shape for w in model] for model in theirs.weights] == [
        [w.shape for w in model] for model in ours.weights
    ]
    assert len(theirs.results) >= 2
    assert largest_difference(theirs, ours) <= TOLERANCE
