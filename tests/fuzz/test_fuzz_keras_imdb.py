"""Keras' imdb.npz: nothing is unpickled before its hash is checked; and any word index."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given

from data.keras_miniature import TEST, TRAIN, WORD_INDEX, ragged, write_npz
from fuzz.damage import any_json
from fuzz.examples import fuzzed
from fuzz.reading import outcome, refusal
from fuzz.trap import TRACE, Trap
from hoiquy.data import Dataset, load_dataset
from hoiquy.data.imdb import keras_npz as keras_imdb

ARRAYS = {
    "x_train": ragged(TRAIN),
    "y_train": np.arange(len(TRAIN)) % 2,
    "x_test": ragged(TEST),
    "y_test": np.array([1, 0, 1]),
}


@fuzzed
@given(index=any_json(WORD_INDEX))
def test_any_word_index(index: bytes, tmp_path: Path) -> None:
    path = tmp_path / "imdb.npz"
    path.touch()
    path.with_name("imdb_word_index.json").write_bytes(index)
    with patch.object(keras_imdb, "_read_arrays", lambda path: ARRAYS):
        loaded = outcome(lambda: load_dataset(path))
    if isinstance(loaded, Dataset):
        assert loaded.fingerprint()


@pytest.mark.parametrize("first", [Trap(), [Trap()], [[Trap()]], [1, 2]])
def test_without_the_right_hash_nothing_is_unpickled(first: Any, tmp_path: Path) -> None:
    path = write_npz(tmp_path, [first, *TRAIN[1:]])
    path.with_name("imdb_word_index.json").write_text(json.dumps(WORD_INDEX))
    assert "was not opened" in refusal(lambda: load_dataset(path))
    assert not TRACE.exists()
