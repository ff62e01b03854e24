"""`keras.initializations` of Keras 1: functions that make variables of a shape."""

from typing import Any

from hoiquy.keras import initializers
from hoiquy.keras.late import late

_FUNCTIONS = (
    "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity", "lecun_uniform",
    "normal", "one", "orthogonal", "uniform", "zero",
)  # fmt: skip
__all__ = ["get", *_FUNCTIONS]


class _Made:
    """A function shape → variable."""

    def __init__(self, initializer: Any) -> None:
        self._initializer = initializer

    def __call__(self, shape: Any, *args: Any, name: Any = None, **kwargs: Any) -> Any:
        """A variable; a scale and the order of axes have no effect."""
        return late("backend").variable(self._initializer(shape), name=name)


def get(identifier: Any, **kwargs: Any) -> Any:
    """The function of that name. Raises KerasError for an unknown one."""
    return identifier if callable(identifier) else _Made(initializers.get(identifier))


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return get(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
