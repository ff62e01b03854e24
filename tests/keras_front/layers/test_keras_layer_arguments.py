"""Arguments of layers in the spellings of Keras 1, 2 and 3."""

import warnings
from typing import Any

import numpy as np
import pytest

from hoiquy.keras import layers, usage
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError

SPELLINGS: list[tuple[Any, Any]] = [
    (layers.Dense(output_dim=4, init="uniform", W_regularizer="l2", bias=False),
     layers.Dense(4, kernel_initializer="uniform", kernel_regularizer="l2", use_bias=False)),
    (layers.LSTM(output_dim=4, inner_activation="hard_sigmoid", dropout_W=0.2, dropout_U=0.3,
                 inner_init="orthogonal", U_regularizer="l1", forget_bias_init="zero"),
     layers.LSTM(4, recurrent_activation="hard_sigmoid", dropout=0.2, recurrent_dropout=0.3,
                 recurrent_initializer="orthogonal", recurrent_regularizer="l1",
                 unit_forget_bias=False)),
    (layers.Conv1D(nb_filter=8, filter_length=3, border_mode="same", subsample_length=2),
     layers.Conv1D(8, 3, padding="same", strides=2)),
    (layers.MaxPooling1D(pool_length=3, stride=1), layers.MaxPooling1D(3, strides=1)),
    (layers.Dropout(p=0.4), layers.Dropout(0.4)),
    (layers.Embedding(10, 4, init="zeros"), layers.Embedding(10, 4, "zeros")),
    (layers.CuDNNGRU(3), layers.GRU(3)),
    (layers.LeakyReLU(alpha=0.2), layers.LeakyReLU(negative_slope=0.2)),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SPELLINGS)
def test_old_spellings_mean_the_same(old: Any, new: Any) -> None:
    configurations = [layer.get_config() for layer in (old, new)]
    for config in configurations:
        del config["name"]
    assert configurations[0] == configurations[1]


def test_an_unknown_argument_is_named_with_the_nearest_one() -> None:
    with pytest.raises(KerasTypeError, match=r"LSTM .*'return_sequence'.*'return_sequences'"):
        layers.LSTM(4, return_sequence=True)


def test_a_value_given_twice_is_refused() -> None:
    with pytest.raises(KerasTypeError, match="'units' is given twice"):
        layers.Dense(3, output_dim=4)


def test_what_cannot_change_a_result_warns_once() -> None:
    usage.clear()
    with pytest.warns(usage.IgnoredArgumentWarning, match="LSTM ignores unroll"):
        layers.LSTM(4, unroll=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers.LSTM(4, unroll=True)
        layers.LSTM(4, unroll=False, use_cudnn="auto", dtype="float32")
    usage.clear()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.Dense(0), KerasError, "units=0, expected 1 or more"),
        (lambda: layers.Dense("many"), KerasTypeError, "units='many', expected a whole number"),
        (lambda: layers.Dropout(1.5), KerasError, "rate=1.5"),
        (lambda: layers.Dense(1, activation="relux"), KerasError, "'relu'"),
        (lambda: layers.Dense(1, layers.PReLU()), NotSupportedError, r"add PReLU\("),
        (lambda: layers.Dense(1, dtype="float16"), NotSupportedError, "float16"),
        (lambda: layers.Bidirectional(layers.Dense(2)), NotSupportedError, "LSTM"),
        (lambda: layers.Bidirectional(2), KerasTypeError, "expected a layer"),
    ],
)
def test_wrong_values_are_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: layers.Dense(2, input_dim=7), (None, 7)),
        (lambda: layers.Dense(2, input_shape=(3, 7)), (None, 3, 7)),
        (lambda: layers.LSTM(2, input_dim=7, input_length=3), (None, 3, 7)),
        (lambda: layers.LSTM(2, input_shape=(None, 7)), (None, None, 7)),
        (lambda: layers.LSTM(2, batch_input_shape=(4, 3, 7)), (4, 3, 7)),
        (lambda: layers.LSTM(2, input_shape=(3, 7), batch_size=4), (4, 3, 7)),
        (lambda: layers.Embedding(9, 2, input_length=5), (None, 5)),
        (lambda: layers.Bidirectional(layers.LSTM(2), input_shape=(3, 7)), (None, 3, 7)),
        (lambda: layers.Bidirectional(layers.LSTM(2, input_shape=(3, 7))), (None, 3, 7)),
    ],
)
def test_declared_input_shapes(layer: Any, shape: tuple[int | None, ...]) -> None:
    from hoiquy.keras.models import Sequential

    assert Sequential([layer()]).input_shape == shape


def test_initial_weights() -> None:
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    embedding = layers.Embedding(4, 3, weights=[table], trainable=False)
    np.testing.assert_array_equal(embedding.get_weights()[0], table)
    with pytest.raises(KerasError, match=r"shape \(4, 3\)"):
        layers.Embedding(5, 3, weights=[table]).build()


def test_settings_cannot_change_once_built() -> None:
    layer = layers.Dropout(0.2)
    layer.rate = 0.3
    layer.build((None, 4))
    with pytest.raises(KerasError, match="rate cannot be changed"):
        layer.rate = 0.4


def test_layers_on_arrays_pass_masks_on() -> None:
    words = np.array([[1, 2, 0], [3, 0, 0]])
    embedding, lstm = layers.Embedding(5, 4, mask_zero=True), layers.LSTM(3)
    y = lstm(embedding(words))
    shorter = lstm(embedding(words[1:, :1]))
    np.testing.assert_allclose(y[1:], shorter, atol=1e-7)
    assert type(y.numpy()) is np.ndarray
