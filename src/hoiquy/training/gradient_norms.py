"""Gradient norms by layer, which show vanishing and exploding gradients."""

import math

import numpy as np

from hoiquy.nn.kernels import Gradient, gradient_values
from hoiquy.nn.layers import Embedding
from hoiquy.nn.model import Model
from hoiquy.training.state import TrainingState

MOST = float(np.finfo(np.float32).max)  # replaces larger norms and NaN


def record_gradients(state: TrainingState, gradients: dict[str, Gradient]) -> None:
    """Record the norms of a step's gradients, penalty included, in the training's position.

    The first step of an epoch records all layers; every step the largest norms so far, without
    embeddings, which would take 1% of the step. BLAS must use one thread, as the bits of a sum
    depend on the number.
    """
    model, position = state.model, state.position
    if position.step == 0:
        position.gradient_norms = gradient_norms(model, gradients)
    embeddings = {layer.name for layer in model.layers if isinstance(layer, Embedding)}
    for layer, norm in _norms(gradients, embeddings).items():
        largest = position.largest_gradient_norms
        largest[layer] = max(norm, largest.get(layer, 0.0))


def gradient_norms(model: Model, gradients: dict[str, Gradient]) -> dict[str, float]:
    """The Euclidean norm of each layer's gradient by the layer's name, without the penalty.

    The penalty does not depend on documents and would hide vanishing gradients.
    """
    parameters = model.parameters
    without = dict(gradients)
    for name, regularizer in model.penalties.items():
        if name not in gradients:
            continue
        penalty = regularizer.gradient(parameters[name])
        without[name] = gradient_values(gradients[name]) - penalty
    return _norms(without, set())


def _norms(gradients: dict[str, Gradient], excluded: set[str]) -> dict[str, float]:
    squares: dict[str, float] = {}
    for name, gradient in gradients.items():
        layer = name.partition("/")[0]
        if layer not in excluded:
            numbers = gradient_values(gradient)
            squares[layer] = squares.get(layer, 0.0) + float(np.vdot(numbers, numbers))
    norms = {layer: math.sqrt(square) for layer, square in squares.items()}
    return {layer: float(f"{n:.6g}") if n < MOST else MOST for layer, n in norms.items()}
