"""InputSpec of a script's layer: found at the places of all releases, and checked."""

from typing import Any

import numpy as np
import pytest

from hoiquy.keras import layers
from hoiquy.keras.errors import KerasError
from imported_keras import import_hook, run_code


class _Checked(layers.Layer):
    def __init__(self, spec: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec = spec

    def call(self, inputs: Any) -> Any:
        return inputs * 2.0


@pytest.mark.parametrize(
    "statement",
    [
        "from keras.engine import InputSpec, Layer",
        "from keras.engine.topology import InputSpec",
        "from keras.layers import InputSpec",
        "from tensorflow.keras.layers import InputSpec",
        "from tensorflow.python.keras.engine.input_spec import InputSpec",
        "import keras; InputSpec = keras.InputSpec",
    ],
)
def test_every_place_has_it(tmp_path: Any, statement: str) -> None:
    with import_hook():
        assert run_code(tmp_path, statement)["InputSpec"] is layers.InputSpec


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ({"ndim": 3}, "expected ndim=3"),
        ({"min_ndim": 3}, "expected min_ndim=3"),
        ({"max_ndim": 1}, "expected max_ndim=1"),
        ({"axes": {-1: 5}}, "expected 5 on axis -1"),
        ({"shape": (None, 5)}, "expected 5 on axis 1"),
        ({"axes": {2: 4}}, "expected an axis 2"),
    ],
)
def test_a_wrong_input_is_refused(spec: dict[str, Any], fault: str) -> None:
    for given in (layers.InputSpec(**spec), [layers.InputSpec(**spec)]):
        with pytest.raises(KerasError, match=rf"^own: input of shape \(.*\); {fault} \(its input"):
            _Checked(given, name="own")(layers.Input((4,)))


@pytest.mark.parametrize("spec", [{"ndim": 2}, {"axes": {-1: 4}}, {"shape": (None, 4)}, {}])
def test_a_right_input_passes(spec: dict[str, Any]) -> None:
    values = np.ones((2, 4), "float32")
    np.testing.assert_array_equal(_Checked(layers.InputSpec(**spec))(values), 2 * values)
