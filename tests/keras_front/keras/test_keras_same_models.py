"""Models built by the same code in Keras and here: weights, outputs, summaries, configurations."""

import re
from typing import Any

import keras
import numpy as np
import pytest

import hoiquy.keras
from keras_pairs import Build, assert_same_outputs, layer, pair, sequential

RNG = np.random.default_rng(1)
WORDS = RNG.integers(1, 50, (7, 10))
WORDS[:, 7:] = 0
STEPS = RNG.standard_normal((7, 10, 4)).astype(np.float32)
ROWS = RNG.standard_normal((7, 6)).astype(np.float32)


def words(*layers: Build) -> Build:
    return sequential(lambda k: k.Input((10,)), *layers)


def steps(*layers: Build) -> Build:
    return sequential(lambda k: k.Input((10, 4)), *layers)


def bidirectional(**settings: Any) -> Build:
    return lambda k: k.layers.Bidirectional(k.layers.LSTM(5, return_sequences=True), **settings)


def with_states(k: Any) -> Any:
    a, b = k.Input((10,), name="a"), k.Input((10, 4), name="b")
    h, state, carry = k.layers.LSTM(6, return_state=True)(k.layers.Embedding(50, 4)(a))
    y, dense = k.layers.GRU(6)(b, initial_state=state), k.layers.Dense(6)
    joined = k.layers.Concatenate()([dense(h), dense(y), carry])
    product = k.layers.Multiply()([k.layers.add([h, y]), carry])
    outputs = [
        k.layers.Dense(3, activation="softmax", name="classes")(joined),
        k.layers.Dot(axes=1)([h, product]),
        k.layers.Average()([h, y]),
        k.layers.Subtract()([h, y]),
        k.layers.Maximum()([h, y]),
    ]
    return k.Model([a, b], outputs)


def nested(k: Any) -> Any:
    inner = k.Sequential([k.Input((10,)), k.layers.Embedding(50, 4), k.layers.LSTM(3)])
    a, b = k.Input((10,)), k.Input((10,))
    return k.Model([a, b], k.layers.Dense(1)(k.layers.concatenate([inner(a), inner(b)])))


def by_name(k: Any) -> Any:
    a, b = k.Input((10,), name="zz"), k.Input((6,), name="bb")
    joined = k.layers.concatenate([k.layers.Flatten()(k.layers.Embedding(50, 3)(a)), b])
    return k.Model({"zz": a, "bb": b}, {"q": k.layers.Dense(1)(joined), "c": k.layers.Dense(2)(b)})


def hierarchical(k: Any) -> Any:
    sentence = k.Input((10,))
    vector = k.layers.Bidirectional(k.layers.LSTM(3))(k.layers.Embedding(50, 4)(sentence))
    document = k.Input((2, 10))
    vectors = k.layers.TimeDistributed(k.Model(sentence, vector))(document)
    return k.Model(document, k.layers.GRU(2)(vectors))


def attentive(k: Any) -> Any:
    x = k.Input((10, 4))
    h = k.layers.LSTM(4, return_sequences=True)(x)
    context = k.layers.AdditiveAttention()([h, k.layers.Attention()([h, h])])
    return k.Model(x, k.layers.GlobalMaxPooling1D()(context))


CASES: dict[str, tuple[Build, Any]] = {
    "lstm": (words(layer("Embedding", 50, 8, mask_zero=True), layer("LSTM", 5),
                   layer("Dense", 1, activation="sigmoid")), WORDS),
    "bidirectional": (words(layer("Embedding", 50, 8, mask_zero=True), bidirectional(),
                            bidirectional(merge_mode="sum"), layer("GlobalAveragePooling1D"),
                            layer("Dense", 3, activation="softmax")), WORDS),
    "pooling": (words(layer("Embedding", 50, 8), layer("SpatialDropout1D", 0.2),
                      layer("GlobalMaxPooling1D"), layer("Dropout", 0.5), layer("Dense", 1)),
                WORDS),
    "flatten": (words(layer("Embedding", 50, 8), layer("Flatten"),
                      layer("Dense", 4, activation="tanh"), layer("Activation", "relu")), WORDS),
    "masking": (steps(layer("Masking", 0.0), layer("SimpleRNN", 6, activation="relu"),
                      layer("RepeatVector", 3), layer("LSTM", 2, return_sequences=True)), STEPS),
    "gru": (steps(layer("LSTM", 5, return_sequences=True, recurrent_dropout=0.2),
                  layer("GRU", 4, reset_after=False, go_backwards=True)), STEPS),
    "windows": (steps(layer("Conv1D", 5, 3, activation="relu"), layer("BatchNormalization"),
                      layer("MaxPooling1D"), layer("SeparableConv1D", 3, 2),
                      layer("LayerNormalization"), layer("AveragePooling1D", 2, padding="same"),
                      layer("ZeroPadding1D", 1), layer("UpSampling1D"), layer("Cropping1D", 1)),
                STEPS),
    "shapes": (steps(layer("Permute", (2, 1)), layer("Reshape", (-1,)), layer("LeakyReLU"),
                     layer("ELU"), layer("ReLU", 6.0), layer("PReLU"), layer("Softmax")), STEPS),
    "each step": (steps(lambda k: k.layers.TimeDistributed(k.layers.Dense(3, activation="relu")),
                        layer("LSTM", 3, return_sequences=True),
                        layer("Dense", 2, activation="softmax")), STEPS),
    "states": (with_states, [WORDS, STEPS]),
    "nested": (nested, [WORDS, WORDS[::-1]]),
    "by name": (by_name, {"zz": WORDS, "bb": ROWS}),
    "hierarchical": (hierarchical, np.stack([WORDS, WORDS[::-1]], axis=1)),
    "attention": (attentive, STEPS),
}  # fmt: skip


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Any, Any, Any]:
    build, x = CASES[request.param]
    keras.backend.clear_session(free_memory=False)
    hoiquy.keras.backend.clear_session()
    return *pair(build), x


def test_weights_and_outputs_are_the_same(case: tuple[Any, Any, Any]) -> None:
    theirs, ours, x = case
    assert [w.shape for w in theirs.weights] == [w.shape for w in ours.weights]
    assert theirs.count_params() == ours.count_params()
    outputs = theirs.predict(x, verbose=0)
    assert_same_outputs(outputs, ours.predict(x, verbose=0))
    assert_same_outputs(outputs, ours(x))


def test_summaries_are_the_same(case: tuple[Any, Any, Any]) -> None:
    theirs, ours, _ = case
    texts: list[str] = []
    for model in (theirs, ours):
        model.summary(print_fn=lambda text, **_: texts.append(text), line_length=76)
    first, second = (re.sub(r"[ \t]+\n", "\n", text).rstrip() for text in texts)
    assert first == second


def test_configurations_make_the_same_model_in_keras_and_here(case: tuple[Any, Any, Any]) -> None:
    theirs, ours, x = case
    outputs = ours.predict(x, verbose=0)
    for made in (
        keras.models.model_from_json(ours.to_json()),
        hoiquy.keras.models.model_from_json(ours.to_json()),
        hoiquy.keras.models.model_from_json(theirs.to_json()),
    ):
        assert [each.name for each in made.layers] == [each.name for each in theirs.layers]
        made.set_weights(ours.get_weights())
        assert_same_outputs(made.predict(x, verbose=0), outputs)
