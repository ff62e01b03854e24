"""Shapes as tuples that also have the methods of TensorFlow's."""

from typing import Any


class TensorShape(tuple[Any, ...]):
    """Sizes of axes; None for any size."""

    __slots__ = ()

    def as_list(self) -> list[Any]:
        """The sizes."""
        return list(self)

    @property
    def rank(self) -> int:
        return len(self)

    ndims = rank

    @property
    def dims(self) -> list[Any]:
        return list(self)

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return TensorShape(found) if isinstance(key, slice) else found
