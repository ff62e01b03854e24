"""Tuples of inputs, targets and sample weights."""

from typing import Any

from hoiquy.keras.errors import KerasError


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return (x, y, sample_weight) or (x, y); without y, `x`, in a tuple if it is a sequence."""
    if y is None:
        return (x,) if isinstance(x, tuple | list) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return x, y and sample_weight of a batch; None where missing.

    Raises KerasError, a ValueError, if a tuple does not have one to three elements.
    """
    if not isinstance(data, tuple | list):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise KerasError(
            f"a batch has {len(data)} elements, expected x, (x,), (x, y) or (x, y, sample_weight)"
        )
    x, y, weight = (*data, None, None)[:3]
    return x, y, weight
