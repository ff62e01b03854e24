"""The base class of all layers: parameters, and a forward pass that returns its backward pass."""

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
    (batch, features) after the time axis was reduced; an embedding takes indices (time, batch).
    mask is (time, batch), False at steps that do not count, or None. rng is None at inference:
    then nothing is dropped. `backward(d_y)` returns (d_x, gradients by parameter name) and may be
    called once. Inputs are not modified; the closure holds everything that backward needs.
    """

    name: str
    parameters: dict[str, Array] = field(default_factory=dict)
    penalties: dict[str, float] = field(default_factory=dict)  # l2 by parameter name
    wants_d_x: bool = True  # False for the first layer, whose input needs no gradient

    @property
    def type_name(self) -> str:
        """Keras' class name, for the summary."""
        return type(self).__name__

    @abstractmethod
    def output_features(self, features: int) -> int:
        """The last dimension of the output, given that of the input."""

    @property
    def keeps_time(self) -> bool:
        """True if the output has the time axis of the input."""
        return True

    @property
    def parameter_count(self) -> int:
        """The number of parameters, as Keras counts them."""
        return sum(parameter.size for parameter in self.parameters.values())

    @property
    def unreachable_parameter_count(self) -> int:
        """The number of parameters that no input can reach."""
        return 0

    @abstractmethod
    def forward(
        self, x: Array, mask: Mask | None, rng: Generator | None
    ) -> tuple[Array, Backward]: ...

    def inference(self) -> Callable[[Any, Mask | None], Array]:
        """A function (x, mask) → y for many calls with the present weights, without dropout.

        Whatever depends on the weights alone is computed once.
        """
        return lambda x, mask: self.forward(x, mask, None)[0]
