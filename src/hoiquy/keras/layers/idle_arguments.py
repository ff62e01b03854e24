"""Arguments in the configurations of layers that only other releases of Keras have."""

from typing import Any

_WITHOUT_EFFECT: tuple[Any, ...] = (None, False, "channels_last", "float32")
_SHAPES = ("query_shape", "value_shape", "key_shape")  # of MultiHeadAttention in Keras 2


def is_idle(name: str, value: Any) -> bool:
    """Whether the argument changes nothing; initializers do not once there are weights."""
    is_one_group = name == "groups" and value == 1
    is_known = name in _SHAPES or name.endswith("_initializer")
    return value in _WITHOUT_EFFECT or is_known or is_one_group
