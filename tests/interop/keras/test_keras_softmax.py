"""Networks with a softmax against real Keras on the same weights: a few classes, and many."""

import keras
import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.kernels import Array
from hoiquy.nn.losses import categorical_crossentropy, softmax
from hoiquy.recipe.recipe import Recipe, load_recipe
from keras_twins import Twins, compare_here, keras_in, relative_error, relative_errors
from miniatures import LAYERS_ALONE, with_output

WORDS, DOCUMENTS, STEPS = 600, 34, 20  # two shards, one of them not full
SHORT = ["data.max_length=30", "text.num_words=500"]
RECIPES = {
    "auto": load_recipe("auto").with_settings([*SHORT, *LAYERS_ALONE]),
    "bai4": with_output(load_recipe("bai4").with_settings(SHORT), "softmax"),
}


def documents(
    recipe: Recipe, classes: int, soft: bool, dtype: DTypeLike = np.float32
) -> tuple[NDArray[np.int32], Array]:
    """Any words, a third of them padded; labels one-hot, or probabilities."""
    rng = np.random.default_rng(11)
    length = recipe.data.max_length
    indices = rng.integers(4, 500, (DOCUMENTS, length), dtype=np.int32)
    for row in range(0, DOCUMENTS, 3):
        padded = int(rng.integers(0, length))
        indices[row, :padded], indices[row, padded] = 0, 1
    targets = np.eye(classes)[rng.integers(0, classes, DOCUMENTS)]
    if soft:
        targets = rng.dirichlet(np.full(classes, 0.5), DOCUMENTS)
    return indices, targets.astype(dtype)


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "classes"),
    [("auto", 2), ("auto", 150), ("bai4", 7), pytest.param("auto", 7, marks=SLOW),
     pytest.param("bai4", 2, marks=SLOW), pytest.param("bai4", 150, marks=SLOW)],
)  # fmt: skip
def test_outputs_loss_and_gradients_agree(name: str, classes: int) -> None:
    """With labels, and with soft labels."""
    twins = Twins(RECIPES[name], WORDS, classes=classes)
    for soft in (False, True):
        indices, targets = documents(RECIPES[name], classes, soft)
        found, gradients = compare_here(twins, indices, targets)
        assert found.largest <= 5e-5, (soft, found)
        assert all(gradient.any() for gradient in gradients.values())
    ours = twins.ours.probabilities(indices)
    theirs = np.asarray(keras.ops.softmax(twins.their_gradients(indices, targets)[1]))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "classes"),
    [("auto", 77), ("bai4", 3), pytest.param("auto", 3, marks=SLOW),
     pytest.param("bai4", 77, marks=SLOW)],
)  # fmt: skip
def test_twenty_adam_steps_agree(name: str, classes: int) -> None:
    indices, targets = documents(RECIPES[name], classes, False, np.float64)
    with keras_in(np.float64):
        twins = Twins(RECIPES[name], WORDS, np.float64, classes)
        before = twins.our_parameters()
        for _ in range(STEPS):
            twins.our_step(twins.our_gradients(indices, targets).gradients)
            twins.their_step(twins.their_gradients(indices, targets)[2])
        ours, theirs = twins.our_parameters(), twins.their_parameters()
    movements = relative_errors(
        {key: ours[key] - before[key] for key in ours},
        {key: theirs[key] - before[key] for key in ours},
    )
    assert max(movements.values()) <= 1e-5, movements
    assert all(np.abs(ours[key] - before[key]).max() > 1e-3 for key in ours)


@pytest.mark.parametrize("classes", [2, 77])
def test_a_sparse_loss_of_keras_is_the_same_loss(classes: int) -> None:
    rng = np.random.default_rng(classes)
    logits = rng.normal(0, 3, (DOCUMENTS, classes)).astype(np.float32)
    labels = rng.integers(0, classes, DOCUMENTS)
    losses, _ = categorical_crossentropy(logits, np.eye(classes, dtype=np.float32)[labels])
    from_logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    assert relative_error(losses, np.asarray(from_logits(labels, logits))) < 1e-6
    clipped = keras.losses.SparseCategoricalCrossentropy(reduction="none")
    assert relative_error(losses, np.asarray(clipped(labels, softmax(logits)))) < 1e-5
