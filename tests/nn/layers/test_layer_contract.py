"""What holds for every layer, whatever it computes."""

from typing import Any

import numpy as np
import pytest
from every_layer import (
    BATCH,
    DROPPING,
    EVERY,
    FEATURES,
    POOLING,
    RECURRENT,
    TIME,
    UNITS,
    build,
    inputs_for,
    mask_for,
    masks,
)
from numpy.random import Generator
from numpy.typing import NDArray

from gradients import dense
from hoiquy.nn.layers import Context, Layer
from hoiquy.nn.layers.dropout import dropout_factors
from other_layers import OTHERS

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}

every_layer = pytest.mark.parametrize("name", EVERY)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def make(name: str, dtype: Any = np.float32) -> tuple[Layer, NDArray[Any], Generator]:
    rng = np.random.default_rng(1)
    return build(name, rng, dtype), inputs_for(name, rng, dtype), rng


def dropping(seed: int = 5) -> Generator:
    return np.random.default_rng(seed)


@both_dtypes
@every_layer
def test_shapes_and_dtypes(name: str, dtype: Any) -> None:
    layer, x, rng = make(name, dtype)
    y, backward = layer.forward(x, mask_for(x), dropping())
    d_x, gradients = backward(rng.standard_normal(y.shape).astype(dtype))
    gradients = dense(gradients, layer.parameters)
    assert y.dtype == dtype
    assert gradients.keys() == layer.parameters.keys()
    for key, gradient in gradients.items():
        assert (gradient.shape, gradient.dtype) == (layer.parameters[key].shape, dtype)
    if x.dtype == np.int32:  # indices have no gradient
        assert d_x is None
    else:
        assert d_x is not None and (d_x.shape, d_x.dtype) == (x.shape, dtype)


@every_layer
def test_the_output_has_the_shape_that_the_layer_gives(name: str) -> None:
    layer, x, _ = make(name)
    (y,), (mask,), _ = layer.call([x], [mask_for(x)], Context())
    assert layer.output_shapes([(None, *x.shape[1:])]) == ((None, *y.shape[1:]),)
    assert mask is None or mask.shape == y.shape[:2]
    if name not in OTHERS:
        twice = 2 if name.startswith("bidirectional") else 1
        passes_on = name in POOLING or name == "dropout"
        features = 3 * FEATURES if name.startswith("concat") else FEATURES
        assert y.shape[-1] == (features if passes_on else twice * UNITS)


@both_dtypes
@every_layer
def test_nothing_that_comes_in_is_modified(name: str, dtype: Any) -> None:
    layer, x, rng = make(name, dtype)
    mask = mask_for(x)
    d_y = rng.standard_normal(layer.forward(x, mask, None)[0].shape).astype(dtype)
    arrays = [x, d_y, *layer.parameters.values(), *([] if mask is None else [mask])]
    before = [array.copy() for array in arrays]
    _, backward = layer.forward(x, mask, dropping())
    backward(d_y)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@both_dtypes
@every_layer
def test_the_same_generator_gives_the_same_bits(name: str, dtype: Any) -> None:
    layer, x, rng = make(name, dtype)
    d_y = rng.standard_normal(layer.forward(x, None, None)[0].shape).astype(dtype)
    (y, backward), (again, backward_again) = (layer.forward(x, None, dropping()) for _ in "12")
    assert y.tobytes() == again.tobytes()
    gradients, gradients_again = (
        dense(way_back(d_y)[1], layer.parameters) for way_back in (backward, backward_again)
    )
    for key, gradient in gradients.items():
        assert gradient.tobytes() == gradients_again[key].tobytes()
    other, _ = layer.forward(x, None, dropping(6))
    assert (name in DROPPING) == (other.tobytes() != y.tobytes())


@both_dtypes
@every_layer
def test_the_order_of_the_documents_does_not_matter(name: str, dtype: Any) -> None:
    layer, x, rng = make(name, dtype)
    order = rng.permutation(BATCH)
    mask = mask_for(x)
    y, backward = layer.forward(x, mask, None)
    d_y = rng.standard_normal(y.shape).astype(dtype)
    d_x, gradients = backward(d_y)
    gradients = dense(gradients, layer.parameters)

    moved_mask = None if mask is None else mask[order]
    moved, moved_backward = layer.forward(x[order], moved_mask, None)
    moved_d_x, moved_gradients = moved_backward(d_y[order])

    close = {"rtol": 0, "atol": TOLERANCE[dtype]}
    np.testing.assert_allclose(moved, y[order], **close)
    if d_x is not None and moved_d_x is not None:
        np.testing.assert_allclose(moved_d_x, d_x[order], **close)
    moved_gradients = dense(moved_gradients, layer.parameters)
    for key, gradient in gradients.items():
        np.testing.assert_allclose(moved_gradients[key], gradient, **close)


@every_layer
def test_the_bits_of_a_row_do_not_depend_on_the_others_at_inference(name: str) -> None:
    layer, x, _ = make(name)
    mask = mask_for(x)
    y, _ = layer.forward(x, mask, None)
    for row in range(BATCH):
        part = slice(row, row + 1)
        alone, _ = layer.forward(x[part], None if mask is None else mask[part], None)
        assert alone.tobytes() == y[part].tobytes()


@pytest.mark.parametrize("name", DROPPING)
def test_nothing_is_dropped_at_inference(name: str) -> None:
    layer, x, _ = make(name)
    y, _ = layer.forward(x, None, None)
    assert y.tobytes() == layer.forward(x, None, None)[0].tobytes()
    assert y.tobytes() != layer.forward(x, None, dropping())[0].tobytes()
    if not name.endswith(", drops"):
        np.testing.assert_array_equal(y, x)
    else:
        twin, _, _ = make(name.removesuffix(", drops"))
        assert y.tobytes() == twin.forward(x, None, None)[0].tobytes()


def test_dropout_scales_up_what_it_keeps() -> None:
    layer, _, _ = make("dropout", np.float64)
    y, _ = layer.forward(np.ones((100, 50, 20)), None, dropping())
    np.testing.assert_allclose(np.unique(y), [0, 1 / 0.6])
    assert abs(y.mean() - 1) < 0.013  # five standard deviations


@pytest.mark.parametrize("name", [name for name in DROPPING if name.startswith(("lstm", "gru"))])
def test_a_recurrent_layer_drops_the_same_inputs_at_every_step(name: str) -> None:
    layer, x, _ = make(name, np.float64)
    y, _ = layer.forward(x, None, dropping())
    twin, _, _ = make(name.removesuffix(", drops"), np.float64)
    factors = dropout_factors((BATCH, FEATURES), 0.4, dropping(), x)
    assert 0 < (factors == 0).sum() < factors.size
    np.testing.assert_allclose(y, twin.forward(x * factors[:, None], None, None)[0], atol=1e-12)


@both_dtypes
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", [*RECURRENT, *POOLING])
def test_a_padded_document_is_read_as_if_it_were_not_padded(
    name: str, side: str, dtype: Any
) -> None:
    layer, x, rng = make(name, dtype)
    separate, _ = layer.forward(x, None, None)
    # Noise, not zeros: only the mask may tell padding from words.
    padding = 9 * rng.standard_normal((BATCH, 4, FEATURES)).astype(dtype)
    parts = [padding, x] if side == "left" else [x, padding]
    mask = np.zeros((BATCH, TIME + 4), bool)
    document = slice(4, None) if side == "left" else slice(0, TIME)
    mask[:, document] = True
    padded, _ = layer.forward(np.concatenate(parts, axis=1), mask, None)
    seen = padded[:, document] if padded.ndim == 3 else padded
    np.testing.assert_allclose(seen, separate, rtol=0, atol=TOLERANCE[dtype])


@pytest.mark.parametrize("name", [*RECURRENT, *POOLING])
def test_a_document_without_a_step_gives_zeros(name: str) -> None:
    layer, x, _ = make(name)
    y, _ = layer.forward(x, masks()["a document without a step"], None)
    assert not y[1].any()
    assert y[0].any()


@every_layer
def test_two_passes_do_not_share_what_they_saved(name: str) -> None:
    layer, x, rng = make(name)
    other = inputs_for(name, rng, np.float32)
    y, backward = layer.forward(x, None, dropping())
    d_y = rng.standard_normal(y.shape).astype(np.float32)
    separate = dense(layer.forward(x, None, dropping())[1](d_y)[1], layer.parameters)
    layer.forward(other, None, dropping(6))[1](d_y)
    gradients = dense(backward(d_y)[1], layer.parameters)
    for key, gradient in separate.items():
        assert gradient.tobytes() == gradients[key].tobytes()
