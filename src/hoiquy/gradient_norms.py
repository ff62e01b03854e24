"""How large the gradient of each layer is: what shows whether it vanishes or explodes."""

import math

import numpy as np

from hoiquy.kernels import Array
from hoiquy.model import Model

MOST = float(np.finfo(np.float32).max)  # what is larger, or no number at all, counts as this


def gradient_norms(model: Model, gradients: dict[str, Array]) -> dict[str, float]:
    """The Euclidean norm of each layer's gradient, from the first layer to the last, six digits.

    gradients: of a batch's mean loss with penalty, by parameter. The penalty's part is taken out:
    it comes from no document, and would hide that nothing comes from them. Call it where BLAS
    keeps to one thread: the bits of a sum depend on how many it takes.
    """
    parameters, penalties = model.parameters, model.penalties
    squares: dict[str, float] = {}
    for name in parameters:
        gradient = gradients[name]
        if name in penalties:
            gradient = gradient - gradient.dtype.type(2 * penalties[name]) * parameters[name]
        layer = name.partition("/")[0]
        squares[layer] = squares.get(layer, 0.0) + float(np.vdot(gradient, gradient))
    return {layer: _six_digits(math.sqrt(square)) for layer, square in squares.items()}


def _six_digits(norm: float) -> float:
    return float(f"{norm:.6g}") if norm < MOST else MOST
