"""The activations of recurrent layers: which of them the fast kernels compute."""

from hoiquy.nn.activations import activation_of
from hoiquy.nn.kernels import FAST_ACTIVATIONS, Activation


def resolved(activation: str | Activation) -> Activation:
    """The activation of a setting. Raises InputError."""
    return activation_of(activation) if isinstance(activation, str) else activation


def plain_activation(setting: str, activation: str | Activation) -> str | None:
    """A setting that only the plain kernels compute, None if the fast ones do, too."""
    return None if activation in FAST_ACTIVATIONS else named_setting(setting, activation)


def named_setting(setting: str, activation: str | Activation) -> str:
    """A setting as it is written in code."""
    name = activation if isinstance(activation, str) else getattr(activation, "name", activation)
    return f"{setting}={name!r}"
