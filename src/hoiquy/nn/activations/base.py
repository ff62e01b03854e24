"""What an activation is."""

from collections.abc import Callable
from dataclasses import dataclass

from hoiquy.nn.kernels import Array


@dataclass(frozen=True)
class Activation:
    """An activation function with its gradient, as in Keras 3; the dtype is kept.

    name: Keras' name.
    function: x → y.
    gradient: (d_y, x, y) → d_x. Where the function has a corner, one of its two slopes.
    by_row: whether vectors of features are independent of each other.
    """

    name: str
    function: Callable[[Array], Array]
    gradient: Callable[[Array, Array, Array], Array]
    by_row: bool = True

    def __call__(self, x: Array) -> Array:
        return self.function(x)
