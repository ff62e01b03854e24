"""The settings of `keras.backend`; its functions on tensors are not supported."""

from typing import Any

from hoiquy.keras import usage
from hoiquy.keras.errors import KerasError, MissingNameError, NotSupportedError
from hoiquy.keras.names import reset_names

_EPSILON = 1e-7

__all__ = [
    "backend", "clear_session", "epsilon", "floatx", "get_value", "image_data_format",
    "set_epsilon", "set_floatx", "set_image_data_format", "set_value",
]  # fmt: skip


def backend() -> str:
    """The name of what computes."""
    return "hoiquy"


def clear_session(free_memory: bool = True) -> None:
    """Start the automatic names of layers again."""
    usage.record_used("backend.clear_session")
    reset_names()


def epsilon() -> float:
    """The small number that keeps logarithms and divisions finite."""
    return _EPSILON


def set_epsilon(value: float) -> None:
    """Accepts the only value. Raises NotSupportedError for another one."""
    if value != _EPSILON:
        raise NotSupportedError(f"set_epsilon({value}) is not supported, only {_EPSILON}")


def floatx() -> str:
    """The dtype of all computations."""
    return "float32"


def set_floatx(value: str) -> None:
    """Accepts the only dtype. Raises NotSupportedError for another one."""
    if value != "float32":
        raise NotSupportedError(f"set_floatx({value!r}) is not supported, only 'float32'")


def image_data_format() -> str:
    """Where features are in arrays."""
    return "channels_last"


def set_image_data_format(data_format: str) -> None:
    """Accepts the only order. Raises KerasError for another one."""
    if data_format != "channels_last":
        raise KerasError(f"set_image_data_format({data_format!r}): expected 'channels_last'")


def get_value(x: Any) -> Any:
    """The number or array of a weight or of `optimizer.lr`."""
    return x.numpy() if hasattr(x, "numpy") else x


def set_value(x: Any, value: Any) -> None:
    """Assign to a weight or to `optimizer.lr`. Raises KerasError for what holds no value."""
    if not hasattr(x, "assign"):
        raise KerasError(f"set_value got {type(x).__name__}, expected a weight or optimizer.lr")
    x.assign(value)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    usage.record_raised(f"backend.{name}")
    raise MissingNameError(
        f"keras.backend.{name} is not supported: there are no tensors of a backend; use layers, "
        "losses and metrics by name"
    )
