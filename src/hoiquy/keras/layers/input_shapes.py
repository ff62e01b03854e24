"""The input shape that a layer's arguments declare, in the spellings of Keras 1, 2 and 3."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError
from hoiquy.keras.shapes import as_shape
from hoiquy.keras.tensors import Shape


def declared_shape(owner: str, values: Mapping[str, Any], rank: int) -> Shape | None:
    """The shape, batch axis first, or None if no argument declares one.

    Args:
        owner: The layer's class, for errors.
        values: All arguments.
        rank: The rank of inputs, batch axis included, that `input_dim` means: 3 for sequences.

    Raises:
        KerasError: Two arguments disagree.
    """
    batch: int | None = values.get("batch_size")
    length: Any = values.get("input_length")
    if isinstance(length, list | tuple) and len(length) == 1:
        length = length[0]
    if values.get("batch_shape") is not None:
        shape = as_shape(values["batch_shape"], f"{owner}: batch_shape")
    elif values.get("input_shape") is not None:
        shape = (batch, *as_shape(values["input_shape"], f"{owner}: input_shape"))
    elif owner == "Embedding":
        return None if length is None else (batch, int(length))
    elif values.get("input_dim") is not None:
        features = int(values["input_dim"])
        steps = () if rank == 2 and length is None else (length,)
        return (batch, *steps, features)
    else:
        return None
    if length is not None and len(shape) > 1 and shape[1] not in (None, length):
        raise KerasError(f"{owner}: input_length={length} disagrees with the shape {shape}")
    return shape


def without_input_size(
    arguments: Sequence[Argument], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments of Keras 0, such as `Dense(input size, output size)`, as later ones."""
    has_units = bool(arguments) and arguments[0].name == "units"
    sizes = [one for one in args[:2] if isinstance(one, Integral) and not isinstance(one, bool)]
    if not has_units or len(sizes) < 2:
        return args, kwargs
    return args[1:], {"input_dim": args[0], **kwargs}
