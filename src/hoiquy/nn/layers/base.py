"""What a layer is: parameters, and a forward pass that returns its own backward pass."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numpy.random import Generator

from hoiquy.nn.kernels import Array, Gradient, Mask

Gradients = dict[str, Gradient]
Backward = Callable[[Array], tuple[Array | None, Gradients]]


@dataclass
class Layer(ABC):
    """One layer of a model.

    `forward(x, mask, rng)` returns (y, backward). x is (time, batch, features), or
    (batch, features) once time is gone; an embedding takes indices (time, batch). mask is
    (time, batch), False at steps that do not count, or None. rng is None at inference: then
    nothing is dropped. `backward(d_y)` returns (d_x, gradients by parameter name), once. Inputs
    are not modified, and all that is saved lives in the closure.
    """

    name: str
    parameters: dict[str, Array] = field(default_factory=dict)
    penalties: dict[str, float] = field(default_factory=dict)  # l2 by parameter name
    wants_d_x: bool = True  # False for the first layer: nobody needs its input's gradient

    @property
    def type_name(self) -> str:
        """The name that a summary shows; Keras' class name."""
        return type(self).__name__

    @abstractmethod
    def output_features(self, features: int) -> int:
        """The last dimension of the output, given that of the input."""

    @property
    def keeps_time(self) -> bool:
        """True if a sequence comes out where a sequence goes in."""
        return True

    @property
    def parameter_count(self) -> int:
        """How many numbers the layer has, as Keras counts them."""
        return sum(parameter.size for parameter in self.parameters.values())

    @property
    def unreachable_parameter_count(self) -> int:
        """How many of them no input can ever reach."""
        return 0

    @abstractmethod
    def forward(
        self, x: Array, mask: Mask | None, rng: Generator | None
    ) -> tuple[Array, Backward]: ...

    def inference(self) -> Callable[[Any, Mask | None], Array]:
        """The layer as a function (x, mask) → y for many calls with these weights.

        Nothing is dropped, nothing kept; what can be computed once is.
        """
        return lambda x, mask: self.forward(x, mask, None)[0]
