"""One recipe built twice, by hoiquy and in Keras, on the same weights; and how far they differ."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jax
import keras
import numpy as np
from numpy.typing import DTypeLike, NDArray

from hoiquy.interop.keras import build_keras_model, get_keras_parameters, set_keras_parameters
from hoiquy.nn.kernels import Array
from hoiquy.nn.optimizers import Adam
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.gradients import BatchResult, batch_gradients
from hoiquy.training.model_building import build_model

LOSSES = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
}
# Not optimized, as conftest.py has it, XLA gave other gradients of the recipe `auto` in float64.
OPTIMIZED = {"xla_backend_optimization_level": 3, "xla_llvm_disable_expensive_passes": False}
Indices = NDArray[np.int32]
Errors = dict[str, float]


def relative_error(ours: Any, theirs: Any) -> float:
    """The largest difference of two arrays over the largest size of a number of theirs."""
    largest = float(np.abs(theirs).max())
    difference = float(np.abs(np.asarray(ours, np.float64) - theirs).max())
    return difference / largest if largest > 0 else difference


def relative_errors(ours: dict[str, Array], theirs: dict[str, Array]) -> Errors:
    assert ours.keys() == theirs.keys()
    return {name: relative_error(ours[name], theirs[name]) for name in ours}


@contextmanager
def keras_in(dtype: DTypeLike) -> Iterator[None]:
    """Let Keras and JAX compute in float32 or float64."""
    _compute_in(np.dtype(dtype).name)
    try:
        yield
    finally:
        _compute_in("float32")


def _compute_in(name: str) -> None:
    keras.config.set_floatx(name)
    keras.config.set_dtype_policy(name)  # what layers compute in, once a first one was built
    jax.config.update("jax_enable_x64", name == "float64")


class Twins:
    """A hoiquy model and a Keras model with the same weights, each with its own Adam.

    Nothing is dropped: hoiquy gets no random numbers, Keras is not told that it trains. Biases are
    random, so that gates in another order would show. Keras is used through its stateless calls.
    """

    def __init__(
        self,
        recipe: Recipe,
        vocabulary_size: int,
        dtype: DTypeLike = np.float32,
        classes: int = 2,
    ) -> None:
        sizes = {"vocabulary_size": vocabulary_size, "classes": classes}
        self.recipe = recipe
        self.ours = build_model(recipe, **sizes, seed=3, dtype=dtype)
        rng = np.random.default_rng(7)
        for name, parameter in self.ours.parameters.items():
            if name.endswith("bias"):
                parameter += rng.uniform(-0.1, 0.1, parameter.shape).astype(dtype)
        self.theirs = build_keras_model(recipe, **sizes, logits=True)
        set_keras_parameters(self.theirs, self.ours.parameters)
        copied = get_keras_parameters(self.theirs, recipe, vocabulary_size=vocabulary_size)
        self.names = list(copied)

        self.our_adam = Adam(recipe.training.learning_rate)
        self.their_adam = keras.optimizers.Adam(recipe.training.learning_rate)
        self.their_adam.build(self.theirs.trainable_variables)
        self._trainable = [v.value for v in self.theirs.trainable_variables]
        self._others = [v.value for v in self.theirs.non_trainable_variables]
        self._adam_state = [v.value for v in self.their_adam.variables]
        self._loss = LOSSES[recipe.training.loss](from_logits=True)
        self._loss_and_gradients = jax.jit(
            jax.value_and_grad(self._their_loss, has_aux=True), compiler_options=OPTIMIZED
        )
        self._apply = jax.jit(self.their_adam.stateless_apply)

    def our_gradients(self, indices: Indices, targets: Array) -> BatchResult:
        with shard_pool() as pool:
            return batch_gradients(self.ours, indices, targets, pool, None)

    def their_gradients(
        self, indices: Indices, targets: Array, at: dict[str, Array] | None = None
    ) -> tuple[float, Array, dict[str, Array]]:
        """Keras' loss with penalty, logits, and gradients of the rows that hoiquy keeps.

        at: the weights to compute at, instead of those that Keras' Adam has come to.
        """
        weights = self._trainable if at is None else self._with_all_rows(at)
        (loss, logits), gradients = self._loss_and_gradients(
            weights, self._others, indices, targets
        )
        return float(loss), np.asarray(logits), self._reachable(gradients)

    def our_step(self, gradients: dict[str, Array]) -> None:
        self.our_adam.update(self.ours.parameters, gradients)

    def their_step(self, gradients: dict[str, Array]) -> None:
        self._trainable, self._adam_state = self._apply(
            self._adam_state, self._with_all_rows(gradients), self._trainable
        )

    def our_parameters(self) -> dict[str, Array]:
        return {name: value.copy() for name, value in self.ours.parameters.items()}

    def their_parameters(self) -> dict[str, Array]:
        return self._reachable(self._trainable)

    def _their_loss(self, trainable: Any, others: Any, indices: Any, targets: Any) -> Any:
        logits, _, penalties = self.theirs.stateless_call(
            trainable, others, indices, training=False, return_losses=True
        )
        return self._loss(targets, logits) + sum(penalties), logits

    def _with_all_rows(self, arrays: dict[str, Array]) -> list[Array]:
        """Copies in Keras' order and shapes; rows that are never read become 0."""
        whole = [np.zeros(there.shape, there.dtype) for there in self._trainable]
        for name, copy in zip(self.names, whole, strict=True):
            copy[: len(arrays[name])] = arrays[name]
        return whole

    def _reachable(self, arrays: Any) -> dict[str, Array]:
        ours = self.ours.parameters
        named = zip(self.names, map(np.asarray, arrays), strict=True)
        return {name: array[: len(ours[name])] for name, array in named}


@dataclass(frozen=True)
class Differences:
    """Relative errors of two models with the same weights; `gradients` has every parameter."""

    logits: float
    loss: float
    gradients: Errors

    @property
    def largest(self) -> float:
        return max(self.logits, self.loss, *self.gradients.values())


def compare_here(
    twins: Twins, indices: Indices, targets: Array
) -> tuple[Differences, dict[str, Array]]:
    """Compare logits, loss and gradients at hoiquy's weights; return hoiquy's gradients too."""
    ours = twins.our_gradients(indices, targets)
    loss, logits, gradients = twins.their_gradients(indices, targets, twins.ours.parameters)
    differences = Differences(
        relative_error(twins.ours.logits(indices), logits),
        relative_error(ours.loss_sum / len(indices), np.float64(loss)),
        relative_errors(ours.gradients, gradients),
    )
    return differences, ours.gradients
