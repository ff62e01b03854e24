"""`Merge` and `merge` of Keras 1."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hoiquy.keras import backend
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.layers import LSTM, Dense, Embedding, Input, Lambda, Merge, merge
from hoiquy.keras.models import Model, Sequential, load_model, model_from_json

RNG = np.random.default_rng(5)
WORDS = RNG.integers(0, 20, (12, 4))
NUMBERS = RNG.random((12, 3)).astype(np.float32)
LABELS = (NUMBERS[:, 0] > 0.5).astype(int)
LEFT, RIGHT = RNG.random((2, 12, 5)).astype(np.float32)
LENGTHS = np.linalg.norm(LEFT, axis=1, keepdims=True) * np.linalg.norm(RIGHT, axis=1, keepdims=True)
DOT = (LEFT * RIGHT).sum(axis=1, keepdims=True)


def joined(mode: Any, **settings: Any) -> Any:
    words, numbers = Sequential(), Sequential()
    words.add(Embedding(20, 6))
    words.add(LSTM(5))
    numbers.add(Dense(5, input_dim=3))
    model = Sequential()
    model.add(Merge([words, numbers], mode=mode, **settings))
    model.add(Dense(1, activation="sigmoid"))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize(
    ("mode", "settings", "wanted"),
    [
        ("sum", {}, LEFT + RIGHT),
        ("mul", {}, LEFT * RIGHT),
        ("ave", {}, (LEFT + RIGHT) / 2),
        ("max", {}, np.maximum(LEFT, RIGHT)),
        ("concat", {"concat_axis": 1}, np.concatenate([LEFT, RIGHT], axis=1)),
        ("dot", {"dot_axes": 1}, DOT),
        ("dot", {"dot_axes": ([1], [1])}, DOT),
        ("cos", {"dot_axes": 1}, DOT / LENGTHS),
        (lambda both: backend.abs(both[0] - both[1]), {"output_shape": (5,)}, abs(LEFT - RIGHT)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["merge", "Merge", "models"])
def test_the_mode_says_what_becomes_of_the_inputs(
    mode: Any, settings: dict[str, Any], wanted: np.ndarray, how: str
) -> None:
    inputs = [Input((5,)), Input((5,))]
    if how == "merge":
        model = Model(inputs, merge(inputs, mode=mode, **settings))
    elif how == "Merge":
        model = Model(inputs, Merge(mode=mode, **settings)(inputs))
    else:
        branches = [Model(one, Lambda(lambda x: x)(one)) for one in inputs]
        model = Merge(branches, mode, **settings)
    assert np.allclose(model.predict([LEFT, RIGHT], verbose=0), wanted, atol=1e-5)


def test_two_sequential_models_train_as_one() -> None:
    model = joined("concat")
    assert model.input_shape == [(None, None), (None, 3)]
    before = model.get_weights()
    model.fit([WORDS, NUMBERS], LABELS, nb_epoch=1, validation_split=0.25, verbose=0)
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert model.predict_classes([WORDS, NUMBERS]).shape == (12, 1)


@pytest.mark.parametrize("ending", ["keras", "h5", "json"])
def test_models_with_a_merge_are_saved(tmp_path: Path, ending: str) -> None:
    model = joined("sum")
    wanted = model.predict([WORDS, NUMBERS], verbose=0)
    if ending == "json":
        loaded = model_from_json(model.to_json())
        loaded.set_weights(model.get_weights())
    else:
        model.save(tmp_path / f"model.{ending}")
        loaded = load_model(tmp_path / f"model.{ending}")
    assert np.allclose(loaded.predict([WORDS, NUMBERS], verbose=0), wanted)


def test_a_merge_takes_merged_models_layers_and_the_same_model_twice() -> None:
    first, second = Sequential([Dense(3, input_dim=2)]), Sequential([Dense(3, input_dim=2)])
    inner = Sequential([Merge([first, second], mode="mul")])
    model = Sequential([Merge([inner, Dense(3, input_dim=5)], mode="concat"), Dense(1)])
    assert model.input_shape == [(None, 2), (None, 2), (None, 5)]
    twice = Merge([first, first], mode="sum")
    given = NUMBERS[:, :2]
    assert np.allclose(twice.predict(given, verbose=0), 2 * first.predict(given, verbose=0))


def test_a_branch_without_a_shape_is_named() -> None:
    with pytest.raises(
        KerasError, match="model sequential is not built: add an Input or input_shape"
    ):
        Merge([Sequential([Dense(2)], name="sequential"), Sequential([Dense(2, input_dim=2)])])
    with pytest.raises(KerasTypeError, match="Merge got str in its list"):
        Merge(["left", "right"])
    with pytest.raises(KerasError, match="mode"):
        Merge([Sequential([Dense(2, input_dim=2)])] * 2, mode="summ")
