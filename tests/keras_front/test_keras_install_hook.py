"""Imports of Keras find hoiquy.keras while the hook is on, and nothing is left of it after."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import hoiquy.keras.import_hook.tensorflow.of_either  # noqa: F401 - before fakes stand in
from hoiquy.errors import InputError
from hoiquy.keras import install, load_ipython_extension, uninstall, unload_ipython_extension
from hoiquy.keras.errors import MissingNameError
from hoiquy.keras.import_hook.places import imported_there, names_only_of_keras
from hoiquy.keras.import_hook.stand_in import StandIn
from imported_keras import import_hook, put_module, run_code


class Dense:
    """A layer, for what is looked up."""


class LSTM:
    """Another one."""


def pad_sequences() -> str:
    return "padded"


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with import_hook():
        put_module(monkeypatch, "layers", Dense=Dense, LSTM=LSTM, some_number=3)
        put_module(monkeypatch, "utils", pad_sequences=pad_sequences)
        put_module(monkeypatch, "preprocessing")
        put_module(monkeypatch, "preprocessing.sequence", TimeseriesGenerator=dict)
        put_module(monkeypatch, "losses", mean_squared_error=abs)
        put_module(monkeypatch, "activations", relu=max)
        yield


def test_nothing_is_left_after_uninstall() -> None:
    uninstall()
    finders, modules = [*sys.meta_path], dict(sys.modules)
    install()
    assert len(sys.meta_path) == len(finders) + 1
    for name in ("keras.layers", "tensorflow.keras.layers"):
        importlib.import_module(name)
    assert "keras.layers" in sys.modules
    uninstall()
    assert sys.meta_path == finders
    assert {**sys.modules} == modules
    uninstall()
    assert sys.meta_path == finders


def test_a_second_install_changes_nothing() -> None:
    import keras

    finders = [*sys.meta_path]
    install()
    assert sys.meta_path == finders
    assert sys.modules["keras"] is keras


@pytest.mark.parametrize("name", ["keras", "tensorflow", "tf_keras"])
def test_real_modules_imported_before_are_an_error(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    uninstall()
    finders = [*sys.meta_path]
    monkeypatch.setitem(sys.modules, name, ModuleType(name))
    with pytest.raises(InputError, match=rf"^{name} is imported already: call hoiquy\.keras\.ins"):
        install()
    assert sys.meta_path == finders
    uninstall()
    assert name in sys.modules


@pytest.mark.parametrize(
    "statement",
    [
        "from keras.layers import Dense",
        "from keras.layers import *",
        "import keras; Dense = keras.layers.Dense",
        "import keras.layers; Dense = keras.layers.Dense",
        "import keras.layers as layers; Dense = layers.Dense",
        "from keras import layers; Dense = layers.Dense",
        "from tensorflow import keras; Dense = keras.layers.Dense",
        "import tensorflow as tf; Dense = tf.keras.layers.Dense",
        "import tensorflow.keras as keras; Dense = keras.layers.Dense",
        "from tensorflow.keras.layers import Dense",
        "from tensorflow.python.keras.layers import Dense",
        "from tensorflow.python.keras.layers.core import Dense",
        "import tensorflow.compat.v1 as tf; Dense = tf.keras.layers.Dense",
        "from tf_keras.layers import Dense",
        "import keras_core as keras; Dense = keras.layers.Dense",
        "from keras.layers.core import Dense",
        "import keras; Dense = keras.layers.core.Dense",
        "from keras.src.layers.core.dense import Dense",
        "from keras.engine.topology import Dense",
        "import importlib; Dense = importlib.import_module('keras.layers').Dense",
        "Dense = getattr(__import__('keras.layers').layers, 'Dense')",
    ],
)
def test_every_way_to_import_finds_the_same_class(tmp_path: Path, statement: str) -> None:
    assert run_code(tmp_path, statement)["Dense"] is Dense


@pytest.mark.parametrize(
    "statement",
    [
        "from keras.preprocessing.sequence import pad_sequences",
        "from keras.preprocessing import sequence; pad_sequences = sequence.pad_sequences",
        "from keras.utils import pad_sequences",
        "from keras.utils.data_utils import pad_sequences",
        "from keras_preprocessing.sequence import pad_sequences",
        "from keras.legacy.preprocessing.sequence import pad_sequences",
    ],
)
def test_names_that_moved_are_found_in_old_and_new_modules(tmp_path: Path, statement: str) -> None:
    assert run_code(tmp_path, statement)["pad_sequences"] is pad_sequences


def test_moved_modules(tmp_path: Path) -> None:
    names = run_code(
        tmp_path,
        "import tensorflow as tf\n"
        "from keras.objectives import mean_squared_error\n"
        "from keras.utils import np_utils\n"
        "same = tf.losses.mean_squared_error\n"
        "relu = tf.nn.relu\n",
    )
    assert names["mean_squared_error"] is names["same"] is abs
    assert names["np_utils"].pad_sequences is pad_sequences
    assert names["relu"] is max


def test_star_imports_give_the_public_names(tmp_path: Path) -> None:
    names = run_code(tmp_path, "from keras.layers import *")
    public = {name for name, one in names.items() if not isinstance(one, StandIn)}
    public -= {*imported_there("keras.layers"), "__name__", "__builtins__"}
    assert {"Dense", "LSTM", "some_number"} == public


def test_star_imports_give_stand_ins_for_what_only_keras_has(tmp_path: Path) -> None:
    names = run_code(tmp_path, "from tensorflow.keras.layers import *")
    with pytest.raises(MissingNameError, match=r"tensorflow.keras.layers.Conv2D is not in"):
        names["Conv2D"](abs)


def test_without_a_list_of_names_imported_ones_are_not_public(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layers = put_module(monkeypatch, "layers", Path=Path, sys=sys, Own=Dense, _private=Dense)
    Dense.__module__ = "hoiquy.keras.layers.dense"
    del layers.__all__
    import keras

    others = {*names_only_of_keras("keras.layers"), *imported_there("keras.layers")}
    assert {"Own"} == set(keras.layers.__all__) - others
    assert keras.layers.Own is Dense
    assert not hasattr(keras.layers, "Path")
    assert not hasattr(keras.layers, "_private")


def test_modules_of_hoiquy_alone_are_not_public() -> None:
    import keras

    for name in ("usage", "seed", "import_hook", "install", "report"):
        assert not hasattr(keras, name)
    assert "usage" not in dir(keras)


def test_modules_tell_what_they_are() -> None:
    import keras
    import keras.layers

    assert repr(keras.layers) == "<module 'keras.layers' (hoiquy.keras)>"
    assert "Dense" in dir(keras.layers)
    assert keras.__version__.startswith("3.")
    assert importlib.util.find_spec("keras.layers.core") is not None


def test_the_notebook_extension(capsys: pytest.CaptureFixture[str]) -> None:
    uninstall()
    load_ipython_extension(None)  # type: ignore[arg-type]
    assert capsys.readouterr().out.count("\n") == 1
    import keras

    assert keras.layers.Dense is Dense
    unload_ipython_extension(None)  # type: ignore[arg-type]
    assert "keras" not in sys.modules
