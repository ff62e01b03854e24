"""Layers of several inputs, their functions, and `Merge` and `merge` of Keras 1."""

from typing import Any

from hoiquy.keras.arguments import Argument, one_of, unknown_argument
from hoiquy.keras.errors import KerasTypeError
from hoiquy.keras.kinds import AXES, BOOLEAN, INTEGER
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.lambda_layer import Lambda
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
    "sum": Add, "mul": Multiply, "ave": Average, "max": Maximum, "concat": Concatenate,
    "join": Concatenate, "dot": Dot, "cos": Dot,
}  # fmt: skip


def merge(inputs: Any, mode: Any = "sum", concat_axis: int = -1, dot_axes: Any = -1,
          name: str | None = None, **kwargs: Any) -> Any:  # fmt: skip
    """Keras 1's function: sum, mul, ave, max, concat, dot or cos of the inputs, or a function.

    Args:
        inputs: Two or more tensors.
        mode: One of these names, or a function of the list of tensors.
        concat_axis: Of "concat".
        dot_axes: Of "dot" and "cos".
        name: Of the layer.
        **kwargs: `output_shape`, `output_mask` and `arguments` of a function.

    Raises:
        KerasError: There is no such mode.
        KerasTypeError: An argument is unknown.
    """
    return Merge(None, mode, concat_axis, dot_axes, name=name, **kwargs)(inputs)


class Merge:
    """Keras 1's merging layer, and what joins models at the start of a `Sequential`."""

    def __new__(cls, layers: Any = None, mode: Any = "sum", concat_axis: int = -1,
                dot_axes: Any = -1, name: str | None = None, **kwargs: Any) -> Any:  # fmt: skip
        """The layer of this mode, or a model of several branches.

        Args:
            layers: The branches, which are models or layers that declare their input shape; None
                for a layer that is called on a list of tensors.
            mode: As in `merge`.
            concat_axis: As in `merge`.
            dot_axes: As in `merge`.
            name: Of the layer.
            **kwargs: As in `merge`; `node_indices` and `tensor_indices` have no effect.

        Returns:
            A layer; of branches a model, which takes the inputs of all of them, each once.

        Raises:
            KerasError: There is no such mode, or the input shape of a branch is unknown.
            KerasTypeError: An argument is unknown.
        """
        kwargs.pop("node_indices", None), kwargs.pop("tensor_indices", None)
        layer = _layer_of(mode, concat_axis, dot_axes, name, kwargs)
        if not layers:
            return layer
        branches = [_branch(each) for each in layers]
        inputs = list({id(each): each for branch in branches for each in branch.inputs}.values())
        return late("models.model").Functional(inputs, layer([each.output for each in branches]))


def _layer_of(
    mode: Any, concat_axis: int, dot_axes: Any, name: str | None, further: dict[str, Any]
) -> Layer:
    """The merging layer of a mode of Keras 1."""
    known = {key: further.pop(key, None) for key in ("output_shape", "output_mask", "arguments")}
    for key in further:
        raise unknown_argument("Merge", key, [*known, "mode", "concat_axis", "dot_axes", "name"])
    if callable(mode):
        return Lambda(
            mode, known["output_shape"], known["output_mask"], known["arguments"], name=name
        )
    one_of("merge", "mode", mode, list(_MODES))
    settings: dict[str, Any] = {"name": name}
    if mode in ("concat", "join"):
        settings["axis"] = concat_axis
    elif mode in ("dot", "cos"):
        settings |= {"axes": _flat(dot_axes), "normalize": mode == "cos"}
    return _MODES[mode](**settings)


def _flat(axes: Any) -> Any:
    """Axes as a number or two of them: early releases took ([1], [1])."""
    if isinstance(axes, int):
        return axes
    return [one[0] if isinstance(one, list | tuple) and len(one) == 1 else one for one in axes]


def _branch(layer: Any) -> Any:
    """A built model of one branch."""
    if not isinstance(layer, Layer):
        kind = type(layer).__name__
        raise KerasTypeError(f"Merge got {kind} in its list, expected models or layers")
    is_model = isinstance(layer, late("models.model").Model)
    branch = layer if is_model else late("models.sequential").Sequential([layer])
    first = branch.layers[0] if not branch.built and branch.layers else None
    if type(first).__name__ == "Embedding":  # of sequences of any length
        branch.build((None, None))
    return branch
