"""Names that modules of Keras 1 and 2 gave because they imported them."""

from typing import Any

import pytest

import hoiquy.keras
from imported_keras import import_hook


def names_of(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with import_hook():
        exec(code, names)
    return names


def test_star_imports_of_layers_give_the_backend_and_more() -> None:
    names = names_of("from keras.layers import *")
    assert names["K"].epsilon() == 1e-7
    for module in ("activations", "constraints", "initializers", "regularizers"):
        assert names[module].get is getattr(hoiquy.keras, module).get
    assert names_of("from tensorflow.python.keras.layers import *")["K"].floatx() == "float32"


@pytest.mark.parametrize(
    "line",
    [
        "from keras.layers import K", "from keras.models import *", "from keras.callbacks import *",
        "from keras.optimizers import *", "from keras.engine.topology import K",
        "from keras.layers.core import K", "import keras; K = keras.layers.K",
    ],
)  # fmt: skip
def test_the_backend_is_in_many_modules(line: str) -> None:
    assert names_of(line)["K"].sum([1.0, 2.0]) == 3.0


def test_models_give_inputs() -> None:
    names = names_of("from keras.models import *")
    assert names["Input"]((3,)).shape == (None, 3)
    assert names["optimizers"].Adam is hoiquy.keras.optimizers.Adam


@pytest.mark.parametrize("module", ["tensorflow.keras.layers", "tensorflow.keras.callbacks"])
def test_those_of_tensorflow_give_none_of_it(module: str) -> None:
    assert "K" not in names_of(f"from {module} import *")
