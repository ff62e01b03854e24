"""Sequential and functional models: building, layers, weights, data of many kinds, old methods."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras.layers import GRU, LSTM, Dense, Dropout, Embedding, Input, concatenate
from hoiquy.keras.utils import set_random_seed

RNG = np.random.default_rng(3)
WORDS = RNG.integers(1, 30, (40, 6))
LABELS = (WORDS[:, 0] > 15).astype(int)


@pytest.fixture(autouse=True)
def fresh_names() -> None:
    keras.backend.clear_session()


def classifier(units: int = 1) -> Any:
    activation, loss = ("sigmoid", "binary_crossentropy") if units == 1 else ("softmax", "ce")
    model = keras.Sequential([Embedding(30, 5), Dropout(0.1), LSTM(4), Dense(units, activation)])
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def test_automatic_names_count_from_nothing() -> None:
    names = [Dense(1).name, Dense(1).name, LSTM(1).name, keras.Sequential().name]
    assert names == ["dense", "dense_1", "lstm", "sequential"]
    keras.backend.clear_session()
    assert Dense(1).name == "dense"


def test_without_an_input_shape_the_first_data_build_the_model() -> None:
    model = classifier()
    assert not model.built and model.weights == []
    model.fit(WORDS, LABELS, verbose=0)
    assert model.built and model.count_params() == 30 * 5 + 4 * 4 * (5 + 4 + 1) + 5
    assert model.predict(WORDS[:, :3], verbose=0).shape == (40, 1)  # other lengths are possible


def test_the_table_of_an_embedding_can_be_set_before_the_model_is_built() -> None:
    model, table = classifier(), RNG.standard_normal((30, 5)).astype(np.float32)
    model.layers[0].set_weights([table])
    model.layers[0].trainable = False
    model.fit(WORDS, LABELS, verbose=0)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], table)
    assert len(model.trainable_weights) == 5 and len(model.non_trainable_weights) == 1


def test_layers_can_be_added_and_removed() -> None:
    model = keras.Sequential()
    model.add(Input((6,)))
    model.add(Embedding(30, 5))
    model.add(GRU(3))
    model.add(Dense(2))
    assert model.output_shape == (None, 2)
    weights = model.layers[1].get_weights()
    assert model.pop().name == "dense"
    assert model.output_shape == (None, 3) and len(model.layers) == 2
    np.testing.assert_array_equal(model.layers[1].get_weights()[0], weights[0])


def test_models_share_layers_for_features() -> None:
    model = keras.Sequential([Input((6,)), Embedding(30, 5), LSTM(4), Dense(1)])
    features = keras.Model(model.input, model.layers[1].output)
    kernel, bias = model.layers[2].get_weights()
    expected = features.predict(WORDS, verbose=0) @ kernel + bias
    np.testing.assert_allclose(model.predict(WORDS, verbose=0), expected, atol=1e-6)


def test_a_frozen_nested_model_is_not_trained() -> None:
    inner = keras.Sequential([Input((6,)), Embedding(30, 5), LSTM(4)])
    inner.trainable = False
    x = Input((6,))
    model = keras.Model(x, Dense(1, activation="sigmoid")(inner(x)))
    model.compile("adam", "binary_crossentropy")
    before, last = inner.get_weights(), model.layers[-1].get_weights()
    model.fit(WORDS, LABELS, verbose=0)
    for one, other in zip(before, inner.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(last[0], model.layers[-1].get_weights()[0])


def test_the_seed_gives_the_same_bits() -> None:
    results = []
    for _ in range(2):
        set_random_seed(5)
        model = classifier()
        history = model.fit(WORDS, LABELS, epochs=2, validation_split=0.25, verbose=0).history
        results.append((dict(history), model.get_weights()))
    assert results[0][0] == results[1][0]
    for one, other in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_lists_frames_and_last_axes_of_one_are_the_same_data() -> None:
    model = classifier()
    model.build((None, 6))
    expected = model.predict(WORDS, verbose=0)
    for x in (
        WORDS.tolist(),
        WORDS[..., None],
        WORDS.astype(float),
        [WORDS],
        tuple(WORDS.tolist()),
    ):
        np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
    column = np.empty(40, dtype=object)
    column[:] = WORDS.tolist()
    np.testing.assert_array_equal(model.predict(column, verbose=0), expected)


def batches() -> Iterator[tuple[Any, Any]]:
    while True:
        for i in range(0, 40, 10):
            yield WORDS[i : i + 10], LABELS[i : i + 10]


class Batches:
    def __len__(self) -> int:
        return 4

    def __getitem__(self, i: int) -> tuple[Any, Any]:
        return WORDS[10 * i : 10 * i + 10], LABELS[10 * i : 10 * i + 10]


def test_arrays_generators_and_sequences_train_alike() -> None:
    weights = []
    for kind in ("arrays", "generator", "sequence", "old method"):
        set_random_seed(1)
        model = classifier()
        if kind == "arrays":
            model.fit(WORDS, LABELS, batch_size=10, epochs=2, shuffle=False, verbose=0)
        elif kind == "generator":
            model.fit(batches(), steps_per_epoch=4, epochs=2, verbose=0)
        elif kind == "sequence":
            model.fit(Batches(), epochs=2, shuffle=False, verbose=0)
        else:
            model.fit_generator(batches(), steps_per_epoch=4, nb_epoch=2, verbose=0)
        weights.append(model.get_weights())
        assert model.evaluate(batches(), steps=4, verbose=0) == pytest.approx(
            model.evaluate(WORDS, LABELS, verbose=0), rel=1e-5
        )
    for others in weights[1:3]:
        for one, other in zip(weights[0], others, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_renamed_layers_of_two_models_can_be_joined() -> None:
    parts = []
    for i in range(2):
        keras.backend.clear_session()
        part = keras.Sequential([Input((6,)), Embedding(30, 2), LSTM(3)])
        for layer in [part, *part.layers]:
            layer._name = f"{layer.name}_of_{i}"
        parts.append(part)
    x = Input((6,), name="x")
    model = keras.Model(x, concatenate([part(x) for part in parts]))
    assert model.predict(WORDS, verbose=0).shape == (40, 6)
    assert model.layers[1].weights[0].path == "sequential/embedding_of_0/embeddings"


def test_show_accuracy_of_keras_0_measures_accuracy() -> None:
    model = keras.Sequential([Embedding(30, 5), LSTM(4), Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    fitted = model.fit(WORDS, LABELS, nb_epoch=1, show_accuracy=True, verbose=0)
    assert sorted(fitted.history) == ["accuracy", "loss"]
    _, accuracy = model.evaluate(WORDS, LABELS, show_accuracy=True, verbose=0)
    assert accuracy == pytest.approx(np.mean(model.predict_classes(WORDS)[:, 0] == LABELS))
    model.compile("adam", "binary_crossentropy")
    assert len(model.test_on_batch(WORDS, LABELS, accuracy=True)) == 2


def test_classes_of_predictions() -> None:
    model = classifier()
    model.build((None, 6))
    classes = model.predict_classes(WORDS)
    np.testing.assert_array_equal(classes, (model.predict_proba(WORDS) > 0.5).astype(int))
    several = classifier(3)
    several.build((None, 6))
    assert several.predict_classes(WORDS).shape == (40,)


def test_inputs_and_outputs_by_name() -> None:
    a, b = Input((6,), name="a"), Input((2,), name="b")
    h = concatenate([LSTM(3)(Embedding(30, 4)(a)), b])
    outputs = [Dense(1, "sigmoid", name="p")(h), Dense(1, name="q")(h)]
    model = keras.Model(inputs=[a, b], outputs=outputs)
    model.compile("adam", {"p": "binary_crossentropy", "q": "mse"}, metrics={"p": "acc"})
    numbers = RNG.standard_normal((40, 2))
    history = model.fit({"a": WORDS, "b": numbers}, {"p": LABELS, "q": numbers[:, 0]}, verbose=0)
    assert sorted(history.history) == ["loss", "p_acc", "p_loss", "q_loss"]
    assert [y.shape for y in model.predict([WORDS, numbers], verbose=0)] == [(40, 1), (40, 1)]
    assert model.input_names == ["a", "b"] and model.output_names == ["p", "q"]


def test_calls_continue_the_training() -> None:
    model = classifier()
    first = model.fit(WORDS, LABELS, epochs=2, verbose=0)
    second = model.fit(WORDS, LABELS, epochs=4, initial_epoch=2, verbose=0)
    assert (first.epoch, second.epoch) == ([0, 1], [2, 3])
    assert model.optimizer.iterations == 8
    assert second.history["loss"][-1] < first.history["loss"][0]


def test_scores_have_the_order_of_their_names() -> None:
    model = classifier()
    assert model.metrics_names == ["loss"]
    model.fit(WORDS, LABELS, verbose=0)
    assert model.metrics_names == ["loss", "accuracy"]
    loss, accuracy = model.evaluate(WORDS, LABELS, verbose=0)
    assert model.evaluate(WORDS, LABELS, verbose=0, return_dict=True) == {
        "loss": loss, "accuracy": accuracy,
    }  # fmt: skip


def test_a_clone_has_new_weights() -> None:
    model = classifier()
    model.build((None, 6))
    clone = keras.models.clone_model(model)
    assert [w.shape for w in clone.weights] == [w.shape for w in model.weights]
    assert not np.array_equal(clone.get_weights()[0], model.get_weights()[0])
