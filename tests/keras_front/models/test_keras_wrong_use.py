"""Wrong use of models gives one clear error, which scripts can catch as Python's own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers import LSTM, Bidirectional, Dense, Embedding, Flatten, Input, Layer

WORDS = np.arange(120).reshape(20, 6) % 29 + 1
LABELS = WORDS[:, 0] % 2
SPARSE = "sparse_categorical_crossentropy"


def model(units: int = 1, loss: str | None = "binary_crossentropy") -> Any:
    activation = "sigmoid" if units == 1 else "softmax"
    layers = [Input((6,)), Embedding(30, 5), LSTM(4), Dense(units, activation=activation)]
    made = keras.Sequential(layers, name="m")
    if loss:
        made.compile("adam", loss)
    return made


def empty() -> Any:
    made = keras.Sequential(name="no_layers")
    made.compile("adam", "mse")
    return made


def fit(x: Any = WORDS, y: Any = LABELS, of: Any = None, **options: Any) -> Any:
    return (of or model()).fit(x, y, verbose=0, **options)


def with_nan(array: Any) -> Any:
    array = np.array(array, float)
    array[3] = np.nan
    return array


DATA: list[tuple[str, Callable[[], Any]]] = [
    ("m is not compiled", lambda: fit(of=model(loss=None))),
    ("x has 20 rows and y has 10", lambda: fit(y=LABELS[:10])),
    ("x has 20 rows and sample_weight has 3", lambda: fit(sample_weight=np.ones(3))),
    ("y holds NaN, first in row 3", lambda: fit(y=with_nan(LABELS))),
    ("input of m holds NaN, first in row 3", lambda: fit(with_nan(WORDS))),
    ("whole numbers .* holds 1.5", lambda: fit(WORDS + 0.5)),
    ("index 129, expected 0 to 29", lambda: fit(WORDS + 100)),
    ("index -1", lambda: model().predict(WORDS * 0 - 1, verbose=0)),
    (r"shape \(20, 3, 2\), expected \(batch, 6\)", lambda: fit(WORDS.reshape(20, 3, 2))),
    ("different lengths.*pad_sequences", lambda: fit([[1, 2], [3]], LABELS[:2])),
    ("different lengths", lambda: fit(np.array([[1, 2], [3]], dtype=object), LABELS[:2])),
    ("holds texts, such as 'a'", lambda: fit(np.array(["a", "b"]), LABELS[:2])),
    ("holds texts, such as 'a'", lambda: fit(np.array([[1, "a"], [2, "b"]], object), LABELS[:2])),
    ("y holds texts", lambda: fit(y=["yes"] * 20)),
    ("y is missing", lambda: fit(y=None)),
    ("no rows", lambda: fit(WORDS[:0], LABELS[:0])),
    ("binary_crossentropy: y holds 2", lambda: fit(y=LABELS * 2)),
    ("target 3 is outside the classes 0 to 2", lambda: fit(y=LABELS + 2, of=model(3, SPARSE))),
    ("target -1", lambda: fit(y=LABELS - 1, of=model(3, SPARSE))),
    ("one-hot", lambda: fit(of=model(3, "categorical_crossentropy"))),
    (r"expected targets \(20, 1\)", lambda: fit(y=np.eye(2)[LABELS])),
    ("validation_split=0.99 of 20", lambda: fit(validation_split=0.99)),
    ("validation_data has 1 parts", lambda: fit(validation_data=(WORDS,))),
    ("class_weight or sample_weight", lambda: fit(class_weight={0: 1}, sample_weight=LABELS)),
    ("batch_size=0", lambda: fit(batch_size=0)),
    (r"batch_size=\[8\]", lambda: fit(batch_size=[8])),
    ("verbose='loud', expected 0, 1, 2", lambda: model().fit(WORDS, LABELS, verbose="loud")),
    ("no_layers has no layers", lambda: fit(of=empty())),
    ("epochs='3'", lambda: fit(epochs="3")),
    ("'binary_crossentropy'", lambda: model(loss="binary_crosentropy")),
    ("'adam'", lambda: model().compile("adamm", "mse")),
    ("'accuracy'", lambda: model().compile("adam", "mse", metrics=["acuracy"])),
    ("set_weights got 1 arrays, expected 6", lambda: model().set_weights([WORDS])),
    ("no layer 'zz'; its layers are embedding", lambda: model().get_layer("zz")),
]


@pytest.mark.parametrize(("message", "call"), DATA, ids=[message for message, _ in DATA])
def test_wrong_data_and_names_are_keras_errors(message: str, call: Callable[[], Any]) -> None:
    keras.backend.clear_session()
    with pytest.raises(KerasError, match=message):
        call()


def test_an_unknown_argument_of_fit_names_the_nearest() -> None:
    with pytest.raises(TypeError, match="fit has no argument 'epoch'; did you mean 'epochs'"):
        fit(epoch=3)


def test_shapes_are_checked_when_layers_are_added() -> None:
    with pytest.raises(ValueError, match=r"lstm: .*\(None, 6\), expected \(batch, time, features"):
        keras.Sequential([Input((6,)), LSTM(3, name="lstm")])
    with pytest.raises(ValueError, match="known last dimension"):
        keras.Sequential([Input((None,)), Embedding(9, 2), Flatten(), Dense(1)])
    chain = keras.Sequential([Input((6,)), Embedding(30, 2), Flatten(), Dense(1, name="last")])
    with pytest.raises(ValueError, match=r"last: .*expected a last dimension of 12"):
        chain.predict(WORDS[:, :4], verbose=0)


BUILT = {
    "LSTM": lambda: LSTM(2),
    "GRU": lambda: keras.layers.GRU(2, reset_after=False),
    "Bidirectional": lambda: keras.layers.Bidirectional(keras.layers.SimpleRNN(2)),
    "Conv1D": lambda: keras.layers.Conv1D(2, 2),
    "SeparableConv1D": lambda: keras.layers.SeparableConv1D(2, 2),
    "DepthwiseConv1D": lambda: keras.layers.DepthwiseConv1D(2),
    "BatchNormalization": lambda: keras.layers.BatchNormalization(center=False, scale=False),
    "LayerNormalization": lambda: keras.layers.LayerNormalization(),
    "PReLU": lambda: keras.layers.PReLU(shared_axes=[1]),
    "TimeDistributed": lambda: keras.layers.TimeDistributed(Dense(2)),
    "Dense": lambda: Dense(2),
}


@pytest.mark.parametrize("name", BUILT)
def test_features_are_those_that_a_layer_was_built_for(name: str) -> None:
    shared = BUILT[name]()
    shared(Input((5, 3)))
    expected = r"4\), expected a last dimension of 3"
    with pytest.raises(ValueError, match=expected):
        shared(Input((5, 4)))
    with pytest.raises(ValueError, match=expected):
        keras.Sequential([Input((5, 3)), BUILT[name]()]).predict(np.zeros((2, 5, 4)), verbose=0)


def test_graphs_are_checked() -> None:
    x = Input((3,), name="x")
    with pytest.raises(ValueError, match="depend on x, which the inputs"):
        keras.Model(Input((3,)), Dense(1)(x))
    with pytest.raises(ValueError, match="'d' is used by 2 layers"):
        keras.Model(x, Dense(1, name="d")(Dense(1, name="d")(x)))
    with pytest.raises(TypeError, match="outputs holds ndarray"):
        keras.Model(x, np.zeros(3))
    with pytest.raises(ValueError, match=r"\(2, 4\), expected \(batch, 3\)"):
        keras.Model(x, Dense(1)(x)).predict(np.zeros((2, 4)), verbose=0)


def test_code_of_the_script_s_own_is_refused() -> None:
    class OwnModel(keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return {}

    class OwnBoth(Bidirectional):
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(NotImplementedError, match=r"train_step\(\) of a model is not supported"):
        OwnModel()
    with pytest.raises(NotImplementedError, match="class from Layer and call a Bidirect"):
        OwnBoth(LSTM(2))


@pytest.mark.parametrize("use", [bool, len, iter, np.asarray])
def test_symbolic_tensors_refuse_what_layers_do_not_do(use: Callable[[Any], Any]) -> None:
    with pytest.raises(NotImplementedError, match="symbolic tensor"):
        use(Input((3,)))


@pytest.mark.parametrize("last", [Dense(1, activation="softmax"), keras.layers.Softmax()])
def test_a_softmax_of_one_unit_warns(last: Layer) -> None:
    with pytest.warns(UserWarning, match=r"a softmax of one unit is always 1; did you mean sigm"):
        keras.Sequential([Input((3, 1)), last])


@pytest.mark.parametrize("method", ["compute_loss", "compute_metrics", "test_step"])
def test_methods_that_fit_would_not_call_are_refused(method: str) -> None:
    own = type("Own", (keras.Model,), {method: lambda self, *args: None})
    x = Input((3,))
    with pytest.raises(NotImplementedError, match=rf"{method}\(\) of a model is not supported"):
        own(x, Dense(1)(x))


def test_other_sizes_than_declared_are_taken_with_a_warning_where_layers_take_them() -> None:
    inputs = Input((5,))
    model = keras.Model(inputs, keras.layers.LSTM(2)(keras.layers.Embedding(9, 3)(inputs)))
    words = np.arange(6).reshape(2, 3)
    with pytest.warns(UserWarning, match=r"has shape \(2, 3\), expected \(batch, 5\)"):
        found = model.predict(words, verbose=0)
    free = Input((None,))
    same = keras.Model(free, model.layers[2](model.layers[1](free)))
    assert np.allclose(found, same.predict(words, verbose=0))
