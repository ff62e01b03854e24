"""Layers of several inputs, their functions, and `Merge` and `merge` of Keras 1."""

from typing import Any

from hoiquy.keras.arguments import Argument, one_of
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.kinds import AXES, BOOLEAN, INTEGER
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn


class Add(Layer):
    """The sum of the inputs."""

    nn_class = nn.Add


class Subtract(Layer):
    """The first input minus the second."""

    nn_class = nn.Subtract


class Multiply(Layer):
    """The product of the inputs."""

    nn_class = nn.Multiply


class Average(Layer):
    """The mean of the inputs."""

    nn_class = nn.Average


class Maximum(Layer):
    """The largest of the inputs."""

    nn_class = nn.Maximum


class Minimum(Layer):
    """The smallest of the inputs."""

    nn_class = nn.Minimum


class Concatenate(Layer):
    """The inputs side by side along an axis."""

    arguments = (Argument("axis", -1, INTEGER, old=("concat_axis",)),)
    nn_class = nn.Concatenate
    moves_numbers_only = True


class Dot(Layer):
    """Products of the vectors of two inputs along their axes."""

    arguments = (
        Argument("axes", kind=AXES, old=("dot_axes",)),
        Argument("normalize", False, BOOLEAN),
    )
    nn_class = nn.Dot


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of the inputs."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The first input minus the second."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of the inputs."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of the inputs."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The largest of the inputs."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smallest of the inputs."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """The inputs side by side along an axis."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Products of the vectors of two inputs along their axes."""
    return Dot(axes=axes, **kwargs)(inputs)


_MODES = {
    "sum": Add, "mul": Multiply, "ave": Average, "max": Maximum, "concat": Concatenate, "dot": Dot,
    "cos": Dot,
}  # fmt: skip


def merge(inputs: Any, mode: Any = "sum", concat_axis: int = -1, dot_axes: Any = -1,
          name: str | None = None, **kwargs: Any) -> Any:  # fmt: skip
    """Keras 1's function: sum, mul, ave, max, concat, dot or cos of the inputs."""
    if callable(mode):
        raise NotSupportedError("merge: mode as a function is not supported; use a merging layer")
    one_of("merge", "mode", mode, list(_MODES))
    settings: dict[str, Any] = {"name": name}
    if mode == "concat":
        settings["axis"] = concat_axis
    elif mode in ("dot", "cos"):
        settings |= {"axes": dot_axes, "normalize": mode == "cos"}
    if kwargs.pop("output_shape", None) is not None or any(kwargs.values()):
        raise KerasError(f"merge has no argument {next(iter(kwargs), 'output_shape')!r}")
    return _MODES[mode](**settings)(inputs)


class Merge:
    """Keras 1's layer that joined Sequential models; stands here for its error only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotSupportedError(
            "Merge of Keras 1 is not supported: use Model(inputs, outputs) with concatenate, add "
            "or multiply"
        )
