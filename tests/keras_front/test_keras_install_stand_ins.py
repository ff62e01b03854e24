"""A name that hoiquy.keras lacks can be imported; using it raises one clear line."""

import dataclasses
import operator
import typing
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hoiquy.errors import HoiquyError
from hoiquy.keras import usage
from hoiquy.keras.errors import MissingNameError
from hoiquy.keras.import_hook.advice import set_real_run
from hoiquy.keras.import_hook.stand_in import StandIn
from imported_keras import import_hook, put_module, run_code

# Functions of tensors need the real layers, which the tests replace.
import_module("hoiquy.keras.import_hook.tensorflow.of_either")


class Conv1D:
    """A layer that exists."""


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with import_hook():
        put_module(monkeypatch, "layers", Conv1D=Conv1D, LSTM=Conv1D)
        yield


@pytest.fixture
def missing() -> Any:
    return StandIn("keras.layers.Missing")


USES: dict[str, Callable[[Any], Any]] = {
    "call": lambda one: one(3),
    "call of an attribute": lambda one: one.attribute(3),
    "set": lambda one: setattr(one, "name", 3),
    "delete": lambda one: delattr(one, "name"),
    "condition": bool,
    "length": len,
    "loop": list,
    "next": next,
    "item": lambda one: one[0],
    "set item": lambda one: operator.setitem(one, 0, 1),
    "contains": lambda one: 3 in one,
    "with": lambda one: one.__enter__(),
    "float": float,
    "int": int,
    "index": lambda one: [1, 2][one],
    "array": np.array,
    "sum of arrays": lambda one: np.zeros(2) + one,
    "plus": lambda one: one + 1,
    "times": lambda one: 2 * one,
    "minus": lambda one: -one,
    "power": lambda one: one**2,
    "matrix product": lambda one: one @ one,
    "equal": lambda one: one == 3,
    "unequal": lambda one: one != 3,
    "less": lambda one: one < 3,
    "greater": lambda one: one > 3,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_every_use_raises(missing: Any, use: Callable[[Any], Any]) -> None:
    with pytest.raises(MissingNameError, match=r"^keras\.layers\.Missing") as caught:
        use(missing)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, HoiquyError)
    assert isinstance(caught.value, NotImplementedError)
    assert isinstance(caught.value, AttributeError)


def test_what_does_not_raise(missing: Any) -> None:
    assert repr(missing) == str(missing) == "<keras.layers.Missing: not in hoiquy.keras>"
    assert not isinstance(3, missing)
    assert not isinstance(3, missing | None)
    assert not issubclass(int, (missing, str))
    assert {missing: 1}[missing] == 1
    assert typing.Optional[missing] and list[missing]  # noqa: UP045
    assert not hasattr(missing, "_repr_html_")
    assert dataclasses.make_dataclass("Settings", [("layer", Any, missing)])().layer is missing


def test_a_derived_class_raises_when_an_object_is_created(tmp_path: Path) -> None:
    names = run_code(
        tmp_path,
        "from keras.layers import Missing, Conv1D\n"
        "class One(Missing):\n"
        "    def __init__(self, size):\n"
        "        super().__init__()\n"
        "class Two(Missing, Conv1D, keyword=3):\n"
        "    pass\n"
        "class Three(One):\n"
        "    pass\n",
    )
    for name in ("One", "Two", "Three"):
        with pytest.raises(MissingNameError, match=r"^keras\.layers\.Missing is not in"):
            names[name](3)
    assert issubclass(names["Two"], Conv1D)


def test_decorated_functions_raise_when_they_are_called(tmp_path: Path) -> None:
    names = run_code(
        tmp_path,
        "import tensorflow as tf\n"
        "@tf.missing\n"
        "def one(x): return x\n"
        "@tf.missing(\n"
        "    name='two', function=tf.another(3))\n"
        "class Two: pass\n",
    )
    for name in ("one", "Two"):
        with pytest.raises(MissingNameError, match=r"^tensorflow\.missing is not in"):
            names[name](3)


@pytest.mark.parametrize(
    "attempt",
    [
        "try:\n    from keras.layers import Missing as Layer\nexcept ImportError:\n    ",
        "try:\n    from keras.layers import Missing as Layer\n"
        "except (KeyError, ImportError):\n    ",
        "try:\n    from keras.layers import Missing as Layer\nexcept Exception as error:\n    ",
        "try:\n    from keras.layers import Missing as Layer\nexcept:\n    ",
        "try:\n    from keras.nowhere import Layer\nexcept ModuleNotFoundError:\n    ",
        "try:\n    import keras\n    Layer = keras.layers.Missing\nexcept AttributeError:\n    ",
        "try:\n    import keras\n    Layer = keras.layers.Missing()\nexcept AttributeError:\n    ",
        "from contextlib import suppress\nwith suppress(ImportError):\n"
        "    from keras.layers import Missing as Layer\nif 'Layer' not in globals():\n    ",
        "import keras.layers\nif hasattr(keras.layers, 'Missing'):\n    Layer = None\nelse:\n    ",
    ],
)
def test_code_that_handles_the_absence_takes_its_other_way(tmp_path: Path, attempt: str) -> None:
    names = run_code(tmp_path, f"{attempt}from keras.layers import Conv1D as Layer\n")
    assert names["Layer"] is Conv1D


def test_a_handler_of_other_errors_changes_nothing(tmp_path: Path) -> None:
    names = run_code(
        tmp_path,
        "import keras\n"
        "try:\n    from keras.layers import Missing\nexcept KeyError:\n    pass\n"
        "try:\n    from keras.nowhere import Other\nfinally:\n    pass\n"
        "try:\n    pass\nexcept ImportError:\n    from keras import third\n"
        "default = getattr(keras.layers, 'Missing', None)\n",
    )
    assert isinstance(names["Missing"], StandIn)
    assert isinstance(names["Other"], StandIn)
    assert names["default"] is None


NOT_FOR_IMAGES = "there is no equivalent: hoiquy.keras is for text and time series;"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("keras.layers.Conv1d", "nearest: layers.Conv1D;"),
        ("keras.nowhere.Conv1d", "nearest: layers.Conv1D;"),
        ("keras.layers.Conv2D", NOT_FOR_IMAGES),
        ("keras.applications.vgg16.VGG16", NOT_FOR_IMAGES),
        ("keras.layers.Hashing", "instead: hashing_trick of keras.preprocessing.text;"),
        ("keras.layers.LSTMCell", "instead: use layers SimpleRNN, LSTM or GRU;"),
        ("keras.layers.StackedRNNCells", "instead: use layers SimpleRNN, LSTM or GRU;"),
        ("keras.backend.rnn", "instead: use other functions of keras.ops, and layers;"),
        (
            "tensorflow.keras.backend.ctc_decode",
            "instead: use other functions of keras.ops, and layers;",
        ),
        ("keras.models.model_from_yaml", "instead: to_json and model_from_json;"),
        ("tensorflow.train.AdamOptimizer", "instead: use keras.optimizers;"),
        (
            "tensorflow.data.TFRecordDataset",
            "instead: pass NumPy arrays to fit, or use tf.data.Dataset;",
        ),
        ("tensorflow.gradients", "instead: use tf.GradientTape, or compile and fit;"),
        ("tensorflow.set_randomseed", "nearest: tensorflow.set_random_seed;"),
        ("tensorflow.qqqq", "there is no equivalent;"),
    ],
)
def test_the_message_names_what_exists(name: str, expected: str) -> None:
    with pytest.raises(MissingNameError) as caught:
        StandIn(name)()
    assert str(caught.value).startswith(
        f"{name} is not in hoiquy.keras; {expected} on real Keras: "
    )


def test_the_message_says_how_to_run_real_keras(
    missing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoiquy.keras.import_hook.advice._real_run", "")
    set_real_run("python script.py")
    with pytest.raises(MissingNameError, match=r"python script\.py, with TensorFlow installed$"):
        missing()


def test_uses_are_recorded_and_imports_are_not(tmp_path: Path) -> None:
    run_code(tmp_path, "from keras.layers import Missing, Other")
    with pytest.raises(MissingNameError):
        run_code(tmp_path, "from keras.layers import Missing\nMissing(3)")
    assert "\n  keras.layers.Missing" in usage.report_text()
    assert "Other" not in usage.report_text()
