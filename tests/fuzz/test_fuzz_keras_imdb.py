"""Keras' imdb.npz and its word index: before its hash is looked at, and should it be right."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given

from data.keras_miniature import TRAIN, WORD_INDEX, ragged
from fuzz.damage import any_json
from fuzz.examples import fuzzed
from fuzz.npz_files import NAMES, PARTS, any_npz, header, npy, npz, written
from fuzz.reading import outcome, refusal
from fuzz.trap import TRACE, Trap
from hoiquy.data import Dataset, load_dataset
from hoiquy.data.imdb import keras_npz as keras_imdb

INDEX = json.dumps(WORD_INDEX).encode()


def write(folder: Path, content: bytes, index: bytes = INDEX) -> Path:
    path = folder / "imdb.npz"
    path.write_bytes(content)
    path.with_name("imdb_word_index.json").write_bytes(index)
    return path


def trusted(content: bytes) -> Any:
    """Take the hash of `content` for the published one."""
    return patch.object(keras_imdb, "NPZ_SHA256", hashlib.sha256(content).hexdigest())


@fuzzed
@given(content=any_npz())
def test_any_npz_with_the_right_hash(content: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    with trusted(content):
        loaded = outcome(lambda: load_dataset(path))
    if isinstance(loaded, Dataset):
        assert loaded.fingerprint()


@fuzzed
@given(index=any_json(WORD_INDEX))
def test_any_word_index(index: bytes, tmp_path: Path) -> None:
    content = npz(PARTS)
    path = write(tmp_path, content, index)
    with trusted(content):
        loaded = outcome(lambda: load_dataset(path))
    if isinstance(loaded, Dataset):
        assert loaded.fingerprint()


@fuzzed
@given(content=any_npz())
def test_without_the_right_hash_nothing_is_unpickled(content: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    assert "was not opened" in refusal(lambda: load_dataset(path))


@pytest.mark.parametrize("descr", ["<i8", "|O", "|S1000000000000"])
@pytest.mark.parametrize("name", NAMES)
def test_a_header_that_claims_a_million_millions(name: str, descr: str, tmp_path: Path) -> None:
    claim = npy(header((10**12,), descr), b"1234")
    content = npz(PARTS | {name: claim})
    path = write(tmp_path, content)
    with trusted(content):
        assert "damaged" in refusal(lambda: load_dataset(path))


def test_a_small_member_that_unpacks_to_a_large_one(tmp_path: Path) -> None:
    zeros = npy(header((2**25,), "<i8"), bytes(2**28))
    content = npz(PARTS | {"y_train": zeros}, zipfile.ZIP_DEFLATED)
    assert len(content) < 2**21
    path = write(tmp_path, content)
    with trusted(content):
        assert "damaged" in refusal(lambda: load_dataset(path))


@pytest.mark.parametrize("hash_is_right", [False, True])
@pytest.mark.parametrize("first", [Trap(), [Trap()], [[Trap()]]])
def test_a_planted_pickle_is_not_run(first: Any, hash_is_right: bool, tmp_path: Path) -> None:
    content = npz(PARTS | {"x_train": written(ragged([first, *TRAIN[1:]]))})
    path = write(tmp_path, content)
    with trusted(content if hash_is_right else b""):
        message = refusal(lambda: load_dataset(path))
    assert ("it asks for" if hash_is_right else "was not opened") in message
    assert not TRACE.exists()
