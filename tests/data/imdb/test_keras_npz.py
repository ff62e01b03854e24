import hashlib
import io
import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keras_miniature import TRAIN, WORD_INDEX, ragged, write_npz

from hoiquy.data import load_dataset
from hoiquy.data.imdb import keras_npz as keras_imdb
from hoiquy.errors import DataError


@pytest.fixture
def npz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A miniature imdb.npz with its word index beside it, and its hash the published one."""
    path = write_npz(tmp_path)
    trust(path, monkeypatch)
    (tmp_path / "imdb_word_index.json").write_text(json.dumps(WORD_INDEX))
    return path


def trust(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_imdb, "NPZ_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())


def test_ranks_become_texts_in_the_order_of_keras(npz: Path) -> None:
    dataset = load_dataset(npz)
    generator = np.random.RandomState(113)
    train_order, test_order = np.arange(5), np.arange(3)
    generator.shuffle(train_order)
    generator.shuffle(test_order)
    train = ["the film", "caf\xe9", "", "l\x85a l\x85a the", "film"]
    assert dataset.train.texts == [train[row] for row in train_order]
    assert dataset.train.labels.tolist() == [row % 2 for row in train_order]
    assert dataset.test.texts == [["film the", "the", "caf\xe9 caf\xe9"][row] for row in test_order]
    assert dataset.test.labels.tolist() == [[1, 0, 1][row] for row in test_order]
    assert dataset.train.labels.dtype == np.int32
    assert dataset.official_test


def test_a_wrong_hash_is_named_and_its_pickle_is_never_run(tmp_path: Path) -> None:
    marker = tmp_path / "executed"

    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(marker),)

    path = write_npz(tmp_path, [Payload()])
    (tmp_path / "imdb_word_index.json").write_text(json.dumps(WORD_INDEX))
    # The payload is a real one: unpickled, it makes the folder.
    with np.load(path, allow_pickle=True) as archive:
        archive["x_train"]
    assert marker.is_dir()
    marker.rmdir()

    with pytest.raises(DataError) as caught:
        load_dataset(path)
    assert not marker.exists()
    message = str(caught.value)
    assert hashlib.sha256(path.read_bytes()).hexdigest() in message
    assert keras_imdb.NPZ_SHA256 in message
    assert "\n" not in message


def test_the_published_hash_is_the_one_expected() -> None:
    assert keras_imdb.NPZ_SHA256 == (
        "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
    )


def old_npy(array: np.ndarray) -> bytes:
    """Return an object array as an .npy that NumPy 2.4 warns about while it reads it.

    Old pickles give dtype() a number where a bool is expected. The newest NumPy lets their very
    number pass, so this one is another.
    """
    file = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(file, header)
    pickled = pickle.dumps(array, protocol=2)
    assert pickled.count(b"\x89\x88\x87") == 1
    return file.getvalue() + pickled.replace(b"\x89\x88\x87", b"K\x02K\x01\x87")


def test_a_pickle_of_the_old_days_loads_without_a_warning(
    npz: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(npz) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["x_train.npy"] = old_npy(ragged(TRAIN))
    with zipfile.ZipFile(npz, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    trust(npz, monkeypatch)
    assert sorted(load_dataset(npz).train.texts)[-1] == "the film"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1, 2]", "expected a JSON object"),
        (b'{"the": "1"}', "expected a JSON object"),
        (b'{"the": true}', "expected a JSON object"),
        (b'{"the": 1}', "has no word of rank"),
    ],
)
def test_a_word_index_that_does_not_fit_is_refused(npz: Path, content: bytes, message: str) -> None:
    npz.with_name("imdb_word_index.json").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(npz)
    assert "\n" not in str(caught.value)


def test_a_missing_word_index_is_asked_for(npz: Path) -> None:
    npz.with_name("imdb_word_index.json").unlink()
    with pytest.raises(DataError, match=r"needs imdb_word_index\.json next to it"):
        load_dataset(npz)
