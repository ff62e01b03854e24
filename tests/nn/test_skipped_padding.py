"""Steps that are padding in every row are skipped without changing the result."""

from typing import Any

import numpy as np
import pytest

from hoiquy.nn import model as model_module
from hoiquy.nn.layers import Recurrent
from hoiquy.nn.model import Model, ShardResult
from hoiquy.nn.whole_batch import WholeBatch
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.training.model_building import build_model
from hoiquy.training.tables import with_tables

LENGTH, LONGEST = 13, 6
LAST_STATE = 'type = "lstm"\nunits = 5\n'
SEQUENCES = 'type = "gru"\nunits = 5\nreturn_sequences = true\n'
POOLING = '[[model.layers]]\ntype = "pooling"\nover_time = "{}"\n'
MIDDLES = {
    "last state": LAST_STATE,
    "simple": 'type = "simple_rnn"\nunits = 5\n',
    "bidirectional": LAST_STATE + "bidirectional = true\n",
    "max pooling": SEQUENCES + POOLING.format("max"),
    "concat pooling": SEQUENCES + POOLING.format("last+max+mean"),
    "bidirectional, concat pooling": (
        f"{SEQUENCES}bidirectional = true\n{POOLING.format('last+max+mean')}"
    ),
    "two, mean pooling": (
        f"{SEQUENCES}bidirectional = true\n[[model.layers]]\n{SEQUENCES}{POOLING.format('mean')}"
    ),
}


def recipe(middle: str, mask_zero: bool = True) -> Recipe:
    layers = f"""
name = "masked"
[data]
max_length = {LENGTH}
[text]
num_words = 20
[[model.layers]]
type = "embedding"
units = 3
mask_zero = {str(mask_zero).lower()}
[[model.layers]]
{middle}
[[model.layers]]
type = "dense"
activation = "sigmoid"
"""
    return parse_recipe(layers, "masked")


def build(middle: str, dtype: Any = np.float32, mask_zero: bool = True) -> Model:
    chosen = recipe(middle, mask_zero)
    return build_model(chosen, vocabulary_size=40, classes=2, seed=3, dtype=dtype)


def padded_documents(side: str) -> np.ndarray:
    """(8, LENGTH): documents of 0 to LONGEST words, one with a padding index in the middle."""
    rng = np.random.default_rng(4)
    indices = np.zeros((8, LENGTH), np.int32)
    for row, length in enumerate([3, 0, LONGEST, 1, 5, 2, 4, LONGEST]):
        words = rng.integers(1, 20, length)
        indices[row, slice(LENGTH - length, None) if side == "left" else slice(length)] = words
    indices[2, LENGTH - 3 if side == "left" else 2] = 0
    return indices


def gradients(model: Model, indices: np.ndarray) -> ShardResult:
    targets = np.eye(2, dtype=model.dtype)[np.arange(len(indices)) % 2]
    return model.shard_gradients(indices, targets, WholeBatch(len(indices)), None)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-4)])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("middle", MIDDLES)
def test_logits_and_gradients_are_those_of_all_steps(
    middle: str, side: str, dtype: Any, rtol: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, indices = build(MIDDLES[middle], dtype), padded_documents(side)
    logits, result = model.logits(indices), gradients(model, indices)
    monkeypatch.setattr(model_module, "_counted_steps", lambda x: slice(None))
    expected = gradients(model, indices)
    close = {"rtol": rtol, "atol": rtol / 100}
    np.testing.assert_allclose(logits, model.logits(indices), **close)
    assert result.loss_sum == pytest.approx(expected.loss_sum, rel=rtol)
    assert result.correct == expected.correct
    found = with_tables(result.gradients)
    for name, gradient in with_tables(expected.gradients).items():
        np.testing.assert_allclose(found[name], gradient, err_msg=name, **close)


@pytest.fixture
def steps_seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many steps each recurrent layer has been given since the test began."""
    seen: list[int] = []
    call = Recurrent.call

    def recording(self: Recurrent, inputs: list[np.ndarray], *rest: Any) -> Any:
        seen.append(inputs[0].shape[1])
        return call(self, inputs, *rest)

    monkeypatch.setattr(Recurrent, "call", recording)
    return seen


@pytest.mark.parametrize("side", ["left", "right"])
def test_recurrent_layers_are_spared_the_padding(side: str, steps_seen: list[int]) -> None:
    indices = padded_documents(side)
    gradients(build(LAST_STATE), indices)
    assert steps_seen == [LONGEST]
    gradients(build(LAST_STATE), indices[[3]])
    assert steps_seen == [LONGEST, 1]


def test_documents_without_a_word_keep_one_step(steps_seen: list[int]) -> None:
    model, nothing = build(LAST_STATE), np.zeros((2, LENGTH), np.int32)
    result = gradients(model, nothing)
    assert steps_seen == [1]
    np.testing.assert_array_equal(model.logits(nothing), np.zeros((2, 2)))  # as no step moves it
    assert not result.gradients["lstm/kernel"].any()


def test_unmasked_padding_is_computed_as_in_keras(steps_seen: list[int]) -> None:
    gradients(build(LAST_STATE, mask_zero=False), padded_documents("left"))
    assert steps_seen == [LENGTH]
