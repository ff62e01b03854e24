"""`datasets.reuters` from a local file, against Keras; and the data sets that are not there."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.errors import DataError
from hoiquy.keras import datasets
from hoiquy.keras.datasets import reuters
from hoiquy.keras.errors import KerasError
from imported_keras import import_hook, run_code
from keras_datasets import isolate, write_reuters

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "num_words": st.sampled_from([None, 5, 9]),
        "skip_top": st.integers(0, 6),
        "maxlen": st.sampled_from([None, 3, 9, 99]),
        "test_split": st.sampled_from([0.0, 0.2, 0.5, 1.0]),
        "seed": st.integers(0, 9),
        "start_char": st.sampled_from([None, 1, 7]),
        "oov_char": st.sampled_from([None, 2]),
        "index_from": st.sampled_from([0, 3]),
    },
)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    isolate(folder, monkeypatch)
    return folder


@pytest.fixture(scope="module")
def npz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reuters(tmp_path_factory.mktemp("keras") / "small.npz")


def as_lists(data: Any) -> Any:
    return [([list(row) for row in x], np.asarray(y).tolist()) for x, y in data]


@pytest.mark.keras
@given(options=OPTIONS)
def test_the_options_as_in_keras(npz: Path, options: dict[str, Any]) -> None:
    import keras

    expected: Any = [([], []), ([], [])]
    with (
        mock.patch("keras.src.datasets.reuters.get_file", lambda **_: str(npz)),
        suppress(ValueError),
    ):
        expected = as_lists(keras.datasets.reuters.load_data(**options))
    if not any(rows for rows, _ in expected):
        with pytest.raises(ValueError, match="maxlen"):
            reuters.load_data(npz, **options)
        return
    assert as_lists(reuters.load_data(npz, **options)) == expected


@pytest.mark.keras
def test_the_topics_are_those_of_keras() -> None:
    import keras

    assert reuters.get_label_names() == keras.datasets.reuters.get_label_names()


def test_the_file_is_found_in_keras_folder(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match=r"reuters\.npz is not on this machine; download https"):
        reuters.load_data()
    with pytest.raises(DataError, match=r"reuters_word_index\.json is not on this machine"):
        reuters.get_word_index()
    npz = write_reuters(home / ".keras" / "datasets" / "reuters.npz")
    npz.with_name("reuters_word_index.json").write_text('{"the": 1}')
    (x_train, _), (x_test, _) = reuters.load_data(num_words=6, test_split=0.5)
    assert (len(x_train), len(x_test)) == (5, 6)
    assert max(map(max, x_train)) == 5
    assert reuters.get_word_index() == {"the": 1}
    assert str(npz) in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[1]", '{"the": "1"}'])
def test_a_damaged_word_index(home: Path, content: str) -> None:
    (home / "index.json").write_text(content)
    with pytest.raises(DataError, match=r"index\.json"):
        reuters.get_word_index("index.json")


def test_a_fraction_out_of_range(npz: Path) -> None:
    with pytest.raises(ValueError, match="test_split is 20"):
        reuters.load_data(npz, test_split=20)


def test_absent_data_sets_of_scripts_say_what_they_hold(tmp_path: Path) -> None:
    with import_hook():
        for start in ("from keras.datasets import mnist", "from keras.datasets.mnist import *"):
            run_code(tmp_path, start)
        with pytest.raises(KerasError, match=r"datasets.mnist holds images"):
            run_code(tmp_path, "from keras.datasets import mnist\nmnist.load_data()")


@pytest.mark.parametrize("name", ["mnist", "cifar10", "boston_housing", "fashion_mnist"])
def test_absent_data_sets_fail_on_use_only(name: str) -> None:
    module = import_module(f"hoiquy.keras.datasets.{name}")
    assert getattr(datasets, name) is module
    with pytest.raises(ValueError, match=f"datasets.{name} .*not available"):
        module.load_data()
