"""Keras 3's activations by name; functions with settings make others of the same kind."""

from hoiquy.errors import InputError
from hoiquy.nn.activations.base import Activation
from hoiquy.nn.activations.piecewise import (
    PIECEWISE,
    hard_shrink,
    leaky_relu,
    relu,
    soft_shrink,
    threshold,
)
from hoiquy.nn.activations.rows import ROWS
from hoiquy.nn.activations.smooth import SMOOTH, celu, elu, gelu, squareplus

__all__ = [
    "ACTIVATIONS", "Activation", "activation_of", "celu", "elu", "gelu", "hard_shrink",
    "leaky_relu", "relu", "soft_shrink", "squareplus", "threshold",
]  # fmt: skip

_ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}

ACTIVATIONS: dict[str, Activation] = {one.name: one for one in (*PIECEWISE, *SMOOTH, *ROWS)}
ACTIVATIONS |= {alias: ACTIVATIONS[name] for alias, name in _ALIASES.items()}


def activation_of(name: str | Activation | None) -> Activation:
    """The activation of a name of Keras 3, or itself; None is linear. Raises InputError."""
    if isinstance(name, Activation):
        return name
    if name is None:
        return ACTIVATIONS["linear"]
    if name not in ACTIVATIONS:
        known = ", ".join(sorted(ACTIVATIONS))
        raise InputError(f"activation {name!r} is unknown; expected one of {known}")
    return ACTIVATIONS[name]
