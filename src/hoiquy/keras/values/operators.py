"""The operators of tensors, which are those of `keras.ops`."""

from typing import Any

import numpy as np

from hoiquy.keras.late import late


def _binary(name: str) -> Any:
    def operator(self: Any, other: Any) -> Any:
        return getattr(late("ops"), name)(self, other)

    return operator


def _reflected(name: str) -> Any:
    def operator(self: Any, other: Any) -> Any:
        return getattr(late("ops"), name)(other, self)

    return operator


def _unary(name: str) -> Any:
    def operator(self: Any) -> Any:
        return getattr(late("ops"), name)(self)

    return operator


class TensorOperators:
    """Arithmetic, order and indexing."""

    __add__, __radd__ = _binary("add"), _reflected("add")
    __sub__, __rsub__ = _binary("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _binary("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _binary("true_divide"), _reflected("true_divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide"), _reflected("floor_divide")
    __mod__, __rmod__ = _binary("mod"), _reflected("mod")
    __pow__, __rpow__ = _binary("power"), _reflected("power")
    __matmul__, __rmatmul__ = _binary("matmul"), _reflected("matmul")
    __and__, __rand__ = _binary("logical_and"), _reflected("logical_and")
    __or__, __ror__ = _binary("logical_or"), _reflected("logical_or")
    __xor__, __rxor__ = _binary("logical_xor"), _reflected("logical_xor")
    __lt__, __le__ = _binary("less"), _binary("less_equal")
    __gt__, __ge__ = _binary("greater"), _binary("greater_equal")
    __neg__, __abs__, __invert__ = _unary("negative"), _unary("absolute"), _unary("logical_not")

    def __getitem__(self, key: Any) -> Any:
        return late("ops.indexing").get_item(self, key)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        """NumPy's functions of single numbers, such as array * tensor, as those of `keras.ops`."""
        ops = late("ops")
        if method == "__call__" and not settings and ufunc.__name__ in ops.__all__:
            return getattr(ops, ufunc.__name__)(*inputs)
        arrays = [np.asarray(x) if isinstance(x, TensorOperators) else x for x in inputs]
        return getattr(ufunc, method)(*arrays, **settings)


def as_plain(values: Any) -> Any:
    """The numbers of a tensor in the code of a script; other values unchanged."""
    return values.array if isinstance(values, ComparedTensor) else values


def is_within_code(inputs: Any) -> bool:
    """Whether inputs hold a tensor of a script's layer or loss that is being computed."""
    parts = inputs if isinstance(inputs, list | tuple) else [inputs]
    return any(isinstance(part, ComparedTensor) for part in parts)


class ComparedTensor(TensorOperators):
    """Operators, and `==` and `!=` that compare numbers; it is hashed by its identity.

    array: the numbers.
    """

    array: Any

    def __eq__(self, other: Any) -> Any:
        return False if other is None else late("ops").equal(self, other)

    def __ne__(self, other: Any) -> Any:
        return True if other is None else late("ops").not_equal(self, other)

    __hash__ = object.__hash__
