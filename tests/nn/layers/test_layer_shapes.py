"""Settings and inputs that do not fit: one line that names the layer and what it expects."""

import re

import numpy as np
import pytest

from hoiquy.errors import ShapeError
from hoiquy.nn.layers import (
    Add,
    AlphaDropout,
    Concatenate,
    Dot,
    Dropout,
    Layer,
    Masking,
    MaxPooling,
    MaxPooling1D,
    Permute,
    PReLU,
    RepeatVector,
    Reshape,
    Shape,
    Softmax,
    SpatialDropout1D,
    Subtract,
)

VECTORS, SEQUENCES = (None, 3), (None, 6, 3)
WRONG: list[tuple[Layer, list[Shape]]] = [
    (Softmax("layer", axis=2), [VECTORS]),
    (Softmax("layer", axis=0), [VECTORS]),
    (Dropout("layer", noise_shape=(None, 2)), [VECTORS]),
    (AlphaDropout("layer", noise_shape=(None, 1)), [SEQUENCES]),
    (SpatialDropout1D("layer"), [VECTORS]),
    (Reshape("layer", target_shape=(4, 4)), [SEQUENCES]),
    (Reshape("layer", target_shape=(4, -1)), [SEQUENCES]),
    (Permute("layer", dims=(2, 1)), [VECTORS]),
    (RepeatVector("layer", n=2), [SEQUENCES]),
    (Masking("layer"), [VECTORS]),
    (MaxPooling("layer"), [VECTORS]),
    (MaxPooling1D("layer"), [VECTORS]),
    (MaxPooling1D("layer", pool_size=7), [SEQUENCES]),
    (Add("layer"), [(None, 3), (None, 4)]),
    (Add("layer"), [(None, 6, 3), (None, 6)]),
    (Subtract("layer"), [VECTORS] * 3),
    (Concatenate("layer"), [VECTORS, SEQUENCES]),
    (Concatenate("layer", axis=1), [(None, 6, 3), (None, 6, 4)]),
    (Concatenate("layer", axis=0), [VECTORS, VECTORS]),
    (Concatenate("layer", axis=2), [VECTORS, VECTORS]),
    (Dot("layer", axes=1), [(None, 3), (None, 4)]),
    (Dot("layer", axes=(0, 1)), [VECTORS, VECTORS]),
    (Dot("layer", axes=1), [VECTORS]),
]


@pytest.mark.parametrize(("layer", "shapes"), WRONG)
def test_wrong_shapes_are_refused(layer: Layer, shapes: list[Shape]) -> None:
    with pytest.raises(ShapeError) as caught:
        layer.output_shapes(shapes)
    message = str(caught.value)
    assert message.startswith("layer: the input")
    assert str(shapes[0]) in message
    assert re.search("expected .", message)


def test_prelu_needs_known_sizes() -> None:
    with pytest.raises(ShapeError, match="a known size of axis 1, or 1 among the shared axes"):
        PReLU("layer").build([(None, None, 3)], np.random.default_rng(1))


UNKNOWN: list[tuple[Layer, list[Shape], Shape]] = [
    (Add("layer"), [(None, None, 3), (None, 6, 3)], (None, None, 3)),
    (Add("layer"), [(None, None, 3), (None, 1, 3)], (None, None, 3)),
    (Concatenate("layer", axis=1), [(None, None, 3), (None, 6, 3)], (None, None, 3)),
    (Concatenate("layer"), [(None, None, 3), (None, 6, 4)], (None, 6, 7)),
    (Reshape("layer", target_shape=(-1, 3)), [(None, None)], (None, None, 3)),
    (MaxPooling1D("layer"), [(None, None, 3)], (None, None, 3)),
    (Dot("layer", axes=2), [(None, None, 3), (None, 6, 3)], (None, None, 6)),
]


@pytest.mark.parametrize(("layer", "shapes", "expected"), UNKNOWN)
def test_unknown_sizes_stay_unknown(layer: Layer, shapes: list[Shape], expected: Shape) -> None:
    assert layer.output_shapes(shapes) == (expected,)
