"""How large the gradient of each layer is: what shows whether it vanishes or explodes."""

import math

import numpy as np

from hoiquy.nn.kernels import Gradient, gradient_values
from hoiquy.nn.layers import Embedding
from hoiquy.nn.model import Model
from hoiquy.training.state import TrainingState

MOST = float(np.finfo(np.float32).max)  # what is larger, or no number at all, counts as this


def note_gradients(state: TrainingState, gradients: dict[str, Gradient]) -> None:
    """Enter a step's gradients, penalty included, into the position of a training.

    All layers at the first step of an epoch; at every step the largest so far, but of embeddings,
    whose many rows would take as long as one hundredth of a step. Call it where BLAS keeps to one
    thread: the bits of a sum depend on how many it takes.
    """
    model, position = state.model, state.position
    if position.step == 0:
        position.gradient_norms = gradient_norms(model, gradients)
    embeddings = {layer.name for layer in model.layers if isinstance(layer, Embedding)}
    for layer, norm in _norms(gradients, embeddings).items():
        largest = position.largest_gradient_norms
        largest[layer] = max(norm, largest.get(layer, 0.0))


def gradient_norms(model: Model, gradients: dict[str, Gradient]) -> dict[str, float]:
    """The Euclidean norm of each layer's gradient by the layer's name, without the penalty's part.

    That part comes from no document, and would hide that nothing comes from them.
    """
    parameters = model.parameters
    without = dict(gradients)
    for name, l2 in model.penalties.items():
        penalty = parameters[name].dtype.type(2 * l2) * parameters[name]
        without[name] = gradient_values(gradients[name]) - penalty
    return _norms(without, set())


def _norms(gradients: dict[str, Gradient], left_out: set[str]) -> dict[str, float]:
    """By layer, to six digits."""
    squares: dict[str, float] = {}
    for name, gradient in gradients.items():
        layer = name.partition("/")[0]
        if layer not in left_out:
            numbers = gradient_values(gradient)
            squares[layer] = squares.get(layer, 0.0) + float(np.vdot(numbers, numbers))
    return {layer: _six_digits(math.sqrt(square)) for layer, square in squares.items()}


def _six_digits(norm: float) -> float:
    return float(f"{norm:.6g}") if norm < MOST else MOST
