"""A `.keras` file is read or refused in one line, whatever its archive, config and weights say."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given

from fuzz.damage import any_bytes, any_json
from fuzz.examples import fuzzed
from fuzz.reading import outcome, refusal
from fuzz.trap import TRACE
from hoiquy.interop.keras.reader import KerasNetwork, read_keras

_UNITS = 3
L2 = {"config": {"l2": 0.1}}


def _layer(kind: str, **config: Any) -> dict[str, Any]:
    name = kind.lower()
    inbound = [{"args": [_tensor(config.pop("after"))], "kwargs": {}}] if "after" in config else []
    return {
        "module": "keras.layers", "class_name": kind, "config": {"name": name} | config,
        "inbound_nodes": inbound,
    }  # fmt: skip


def _tensor(name: str) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}


CONFIG = {
    "class_name": "Functional",
    "config": {
        "layers": [
            _layer("InputLayer", batch_shape=[None, 6]),
            _layer("Embedding", after="inputlayer", input_dim=8, output_dim=2, mask_zero=False),
            _layer("Dropout", after="embedding", rate=0.5),
            _layer("GRU", after="dropout", units=_UNITS, kernel_regularizer=L2),
            _layer("Dense", after="gru", units=2, activation="sigmoid"),
        ],
        "output_layers": ["dense", 0, 0],
    },
}  # fmt: skip
ARRAYS = {
    "layers/embedding/vars/0": np.ones((8, 2), "<f4"),
    "layers/gru/cell/vars/0": np.ones((2, 3 * _UNITS), "<f4"),
    "layers/gru/cell/vars/1": np.ones((_UNITS, 3 * _UNITS), "<f4"),
    "layers/gru/cell/vars/2": np.ones((2, 3 * _UNITS), "<f4"),
    "layers/dense/vars/0": np.ones((_UNITS, 2), "<f4"),
    "layers/dense/vars/1": np.ones(2, "<f4"),
}


def hdf5(**other: Any) -> bytes:
    """The weights' file; `other` are arrays, links or options of datasets, by the last layer's."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, array in ARRAYS.items():
            file[path] = array
        if other:
            del file["layers/dense/vars/0"]
            group = file["layers/dense/vars"]
            if "link" in other:
                group["0"] = other["link"]
            else:
                group.create_dataset("0", **other)
    return buffer.getvalue()


def keras(folder: Path, config: bytes, weights: bytes, packing: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)
    return path


WRITTEN, WEIGHTS = json.dumps(CONFIG).encode(), hdf5()


def test_the_honest_file_is_read(tmp_path: Path) -> None:
    path = keras(tmp_path, WRITTEN, WEIGHTS)
    network = outcome(lambda: read_keras(path))
    assert isinstance(network, KerasNetwork)
    assert (network.max_length, network.rows, network.classes) == (6, 8, 2)


@fuzzed
@given(config=any_json(CONFIG))
def test_any_config(config: bytes, tmp_path: Path) -> None:
    path = keras(tmp_path, config, WEIGHTS)
    outcome(lambda: read_keras(path))
    assert not TRACE.exists()


@fuzzed
@given(weights=any_bytes(WEIGHTS))
def test_any_weights(weights: bytes, tmp_path: Path) -> None:
    path = keras(tmp_path, WRITTEN, weights)
    network = outcome(lambda: read_keras(path))
    if isinstance(network, KerasNetwork):
        assert all(np.isfinite(a).all() for some in network.weights for a in some.values())


@fuzzed
@given(content=any_bytes(b""))
def test_any_bytes_at_all(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    outcome(lambda: read_keras(path))


_WHOLE = io.BytesIO()
with zipfile.ZipFile(_WHOLE, "w") as _archive:
    _archive.writestr("config.json", WRITTEN)
    _archive.writestr("model.weights.h5", WEIGHTS)


@fuzzed
@given(content=any_bytes(_WHOLE.getvalue()))
def test_any_archive(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    outcome(lambda: read_keras(path))


ODD: dict[str, tuple[str, dict[str, Any]]] = {
    "not a number": ("not a number", {"data": np.full((_UNITS, 2), np.nan, "<f4")}),
    "infinite": ("not a number", {"data": np.full((_UNITS, 2), np.inf, "<f4")}),
    "another shape": ("has the shape", {"data": np.ones((_UNITS, 3), "<f4")}),
    "another type": ("not a plain float32 array", {"data": np.ones((_UNITS, 2), "<f8")}),
    "packed": (
        "not a plain float32 array",
        {"data": np.ones((_UNITS, 2), "<f4"), "compression": "gzip"},
    ),
    "a claim without bytes": ("larger than the file", {"shape": (2**20, 2**20), "dtype": "<f4"}),
    "never written": ("is truncated", {"shape": (_UNITS, 2), "dtype": "<f4"}),
    "in another file": (
        "not a plain float32 array",
        {"shape": (_UNITS, 2), "dtype": "<f4", "external": [("/etc/hostname", 0, 24)]},
    ),
    "a link out": ("has no array", {"link": h5py.ExternalLink("/etc/hostname", "/x")}),
    "a link aside": ("has no array", {"link": h5py.SoftLink("/layers/dense/vars/1")}),
}


@pytest.mark.parametrize("name", ODD)
def test_weights_that_no_honest_program_writes(name: str, tmp_path: Path) -> None:
    said, other = ODD[name]
    path = keras(tmp_path, WRITTEN, hdf5(**other))
    assert said in refusal(lambda: read_keras(path))


def test_a_small_archive_that_unpacks_to_a_large_one(tmp_path: Path) -> None:
    path = keras(tmp_path, WRITTEN, WEIGHTS + bytes(2**27), zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    assert "model.weights.h5 claims" in refusal(lambda: read_keras(path))
    path = keras(tmp_path, WRITTEN + b" " * 2**24, WEIGHTS, zipfile.ZIP_DEFLATED)
    assert "config.json claims" in refusal(lambda: read_keras(path))


def test_an_archive_that_was_packed_again_is_read(tmp_path: Path) -> None:
    path = keras(tmp_path, WRITTEN, WEIGHTS, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < len(WEIGHTS)
    assert isinstance(outcome(lambda: read_keras(path)), KerasNetwork)


def test_names_that_lead_out_of_the_folder_are_not_written(tmp_path: Path) -> None:
    path = keras(tmp_path, WRITTEN, WEIGHTS)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../outside.txt", "x")
    assert isinstance(outcome(lambda: read_keras(path)), KerasNetwork)
    assert not (tmp_path.parent / "outside.txt").exists()
