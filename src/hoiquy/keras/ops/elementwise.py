"""Functions of single numbers."""

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from hoiquy.keras.values import primitives
from hoiquy.keras.values.conversion import dtype_of, kept
from hoiquy.keras.values.operation import Operation, operation
from hoiquy.keras.values.primitives import chosen, stopped

__all__ = [
    "abs",
    "absolute",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cast",
    "ceil",
    "clip",
    "cos",
    "cosh",
    "divide",
    "divide_no_nan",
    "erf",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "log",
    "log1p",
    "log2",
    "log10",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "nan_to_num",
    "negative",
    "power",
    "reciprocal",
    "round",
    "rsqrt",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "stop_gradient",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "where",
]  # fmt: skip


def _unary(name: str, function: Callable[[Any], Any], kind: str = "") -> Operation:
    def compute(x: Any) -> Any:
        return function(x)

    compute.__name__ = name
    compute.__doc__ = f"`{name}` of each number, float32."
    return operation("x", name=kind, by_row=True)(compute)


def _binary(name: str, function: Callable[[Any, Any], Any], kind: str = "") -> Operation:
    def compute(x1: Any, x2: Any) -> Any:
        return function(x1, x2)

    compute.__name__ = name
    compute.__doc__ = f"`{name}` of pairs of numbers; axes of size 1 are repeated."
    return operation("x1", "x2", name=kind, by_row=True)(compute)


exp = _unary("exp", anp.exp)
expm1 = _unary("expm1", anp.expm1)
log = _unary("log", anp.log)
log1p = _unary("log1p", anp.log1p)
log2 = _unary("log2", anp.log2)
log10 = _unary("log10", anp.log10)
sqrt = _unary("sqrt", anp.sqrt)
square = _unary("square", lambda x: x * x)
rsqrt = _unary("rsqrt", lambda x: 1 / anp.sqrt(x))
reciprocal = _unary("reciprocal", lambda x: 1 / x)
absolute = _unary("absolute", anp.abs)
abs = _unary("abs", anp.abs, "Absolute")
negative = _unary("negative", anp.negative)
sign = _unary("sign", anp.sign)
floor = _unary("floor", anp.floor)
ceil = _unary("ceil", anp.ceil)
round = operation("x", by_row=True)(lambda x, decimals=0: anp.around(x, decimals))
sin, cos, tan = (_unary(name, getattr(anp, name)) for name in ("sin", "cos", "tan"))
sinh, cosh, tanh = (_unary(name, getattr(anp, name)) for name in ("sinh", "cosh", "tanh"))
arcsin, arccos, arctan = (
    _unary(name, getattr(anp, name)) for name in ("arcsin", "arccos", "arctan")
)
arcsinh, arccosh, arctanh = (
    _unary(name, getattr(anp, name)) for name in ("arcsinh", "arccosh", "arctanh")
)
erf = _unary("erf", primitives.erf)

add = _binary("add", anp.add)
subtract = _binary("subtract", anp.subtract)
multiply = _binary("multiply", anp.multiply)
divide = _binary("divide", anp.true_divide)
true_divide = _binary("true_divide", anp.true_divide)
floor_divide = _binary("floor_divide", anp.floor_divide)
mod = _binary("mod", anp.mod)
maximum = _binary("maximum", anp.maximum)
minimum = _binary("minimum", anp.minimum)
arctan2 = _binary("arctan2", anp.arctan2)
power = _binary("power", anp.power)


@operation("x1", "x2", by_row=True)
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """The quotient, 0 where the divisor is 0."""
    zero = np.equal(_numbers(x2), 0)
    return chosen(zero, 0.0 * x1, x1 / chosen(zero, anp.ones_like(_numbers(x2)), x2))


@operation("x", "x_min", "x_max", by_row=True, settings=("x_min", "x_max"))
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """Numbers within limits; the gradient passes at the limits themselves, as in TensorFlow."""
    numbers = _numbers(x)
    below, above = numbers < _numbers(x_min), numbers > _numbers(x_max)
    return chosen(above, x_max, chosen(below, x_min, x))


@operation("x", by_row=True, module="core")
def cast(x: Any, dtype: Any) -> Any:
    """Another dtype; from float to bool, whether a number is not 0."""
    return _cast(x, dtype)


@operation("x", by_row=True)
def nan_to_num(x: Any, nan: float = 0.0) -> Any:
    """Another number in place of NaN."""
    return chosen(np.isnan(_numbers(x)), nan, x)


@operation("x", by_row=True, module="core")
def stop_gradient(x: Any) -> Any:
    """The same numbers, as constants."""
    return stopped(x)


@operation("x1", "x2", plain=("condition",), by_row=True)
def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """x1 where the condition holds, else x2; without them, the places where it holds."""
    holds = _numbers(condition).astype(bool)
    if x1 is None:
        return np.argwhere(holds).astype(np.int64)
    return chosen(holds, x1, x2)


def _cast(x: Any, dtype: Any) -> Any:
    wanted = np.dtype(getattr(dtype, "name", dtype))
    if dtype_of(x) is None:
        x = np.asarray(x)
    return kept(x, wanted)


def _numbers(x: Any) -> Any:
    """The numbers, without what autograd follows."""
    return np.asarray(getval(x))
