"""Weights and predictions: they come back bit for bit; damage is named, nothing is unpickled."""

import os
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from example_run import PREDICTIONS, error_line, truncate, write_run
from hoiquy.errors import ShapeError
from hoiquy.runs.arrays import (
    Predictions,
    dump_arrays,
    dump_predictions,
    parse_arrays,
    parse_predictions,
)
from hoiquy.runs.folder import load_run
from hoiquy.system.checksummed_files import write_checksummed


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run")


def test_predictions_parquet_has_named_columns(run_folder: Path) -> None:
    table = pq.read_table(run_folder / "predictions.parquet")
    assert table.column_names == ["label", "probability_neg", "probability_pos"]
    assert [str(kind) for kind in table.schema.types] == ["int32", "float", "float"]


def test_right_is_argmax_against_label() -> None:
    assert PREDICTIONS.right().tolist() == [True, True, False, True]


def test_strided_weights_keep_their_order() -> None:
    """safetensors by itself writes the memory behind a transposed array, in the wrong order."""
    array = np.arange(24, dtype=np.float32).reshape(4, 6)
    strided = {"transposed": array.T, "sliced": array[::2, 1::2], "scalar": np.array(3.0)}
    for name, loaded in parse_arrays(dump_arrays(strided), "weights").items():
        np.testing.assert_array_equal(loaded, strided[name])


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@settings(deadline=None, max_examples=30)
@given(st.lists(names, min_size=2, max_size=4, unique=True), st.integers(0, 20), st.integers(0, 99))
def test_any_predictions_come_back(classes: list[str], documents: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    predictions = Predictions(
        rng.integers(0, len(classes), documents, dtype=np.int32),
        rng.random((documents, len(classes)), dtype=np.float32),
    )
    loaded = parse_predictions(dump_predictions(predictions, classes), classes, "predictions")
    np.testing.assert_array_equal(loaded.labels, predictions.labels)
    np.testing.assert_array_equal(loaded.probabilities, predictions.probabilities)


def test_predictions_must_agree_about_documents_and_classes() -> None:
    with pytest.raises(ShapeError, match="documents"):
        Predictions(np.zeros(3, np.int32), np.zeros((4, 2), np.float32))
    with pytest.raises(ShapeError, match="3 classes"):
        dump_predictions(PREDICTIONS, ["a", "b", "c"])


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_truncated_arrays_are_named(run_folder: Path, share: float, sealed: bool) -> None:
    run = load_run(run_folder)
    for name, read in (
        ("weights.safetensors", run.weights),
        ("predictions.parquet", run.predictions),
    ):
        truncate(run_folder / name, share)
        if sealed:
            write_checksummed(run_folder, {name: (run_folder / name).read_bytes()})
        assert f"{run_folder / name} is damaged" in error_line(read)


def test_missing_arrays_are_named(run_folder: Path) -> None:
    run = load_run(run_folder)
    for name, read in (
        ("weights.safetensors", run.weights),
        ("predictions.parquet", run.predictions),
    ):
        (run_folder / name).unlink()
        assert f"holds no {name}" in error_line(read)


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (
            {"label": [0, 1], "probability_pos": [0.1, 0.2], "probability_neg": [0.1, 0.2]},
            "columns",
        ),
        ({"label": [0, 2], "probability_neg": [0.1, 0.2], "probability_pos": [0.1, 0.2]}, "label"),
        (
            {"label": [0, 1], "probability_neg": [0.1, None], "probability_pos": [0.1, 0.2]},
            "missing",
        ),
        (
            {"label": [0, 1], "probability_neg": [0.1, 0.2], "probability_pos": [0.1, 0.2]},
            "2 documents",
        ),
    ],
)
def test_predictions_of_something_else(
    run_folder: Path, columns: dict[str, list], what: str
) -> None:
    arrays = {
        name: pa.array(values, pa.int32() if name == "label" else pa.float32())
        for name, values in columns.items()
    }
    path = run_folder / "predictions.parquet"
    pq.write_table(pa.table(arrays), path)
    write_checksummed(run_folder, {path.name: path.read_bytes()})
    message = error_line(load_run(run_folder).predictions)
    assert "predictions.parquet is damaged" in message
    assert what in message


class Trap:
    """A pickle that leaves a trace when it is opened."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


def test_nothing_is_ever_unpickled(run_folder: Path, tmp_path: Path) -> None:
    run, trace = load_run(run_folder), tmp_path / "opened"
    trap = pickle.dumps(Trap(trace))
    for name in ("weights.safetensors", "predictions.parquet", "environment.json"):
        write_checksummed(run_folder, {name: trap})
    for read in (run.weights, run.predictions, run.environment):
        error_line(read)
    assert not trace.exists()
