"""One function for arrays, for values and for symbolic tensors."""

import inspect
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

import numpy as np

from hoiquy.keras import usage
from hoiquy.keras.late import late
from hoiquy.keras.structures import flatten
from hoiquy.keras.tensors import EagerTensor, KerasTensor
from hoiquy.keras.values.conversion import as_data, common_float, data_of, kept, narrowed
from hoiquy.keras.values.primitives import guarded
from hoiquy.keras.values.scope import current_scope
from hoiquy.keras.values.value import Value, is_followed


class Operation:
    """A function of `keras.ops`.

    Of symbolic tensors it becomes a layer of the model; of values, within a layer or a loss of the
    script, autograd follows it; of arrays it gives an array.

    name: the class of Keras that configurations name, such as "Mean".
    module: where Keras has the class: "numpy", "nn", "core", "math".
    by_row: whether each row of the result depends only on this row of the tensors.
    settings: the arguments that belong to the class of Keras, not to its call.
    """

    def __init__(
        self, function: Callable[..., Any], tensors: Sequence[str], plain: Sequence[str],
        name: str, module: str, by_row: Any, settings: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.__name__ = function.__name__
        update_wrapper(self, function)
        self.function, self.name, self.module, self.by_row = function, name, module, by_row
        self._tensors, self._plain = tuple(tensors), tuple(plain)
        self.signature = inspect.signature(function)
        others = [one for one in self.signature.parameters if one not in (*tensors, *plain)]
        self.settings = tuple(others if settings is None else settings)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves = flatten([list(args), kwargs])
        if any(isinstance(leaf, KerasTensor) for leaf in leaves):
            return late("layers.operation_layer").call_operation(self, args, kwargs)
        result = self.computed(args, kwargs)
        followed = any(isinstance(leaf, Value) for leaf in leaves)
        if current_scope() is None and not followed:
            usage.record_used(f"ops.{self.__name__}")
            return _mapped(_as_eager, result)
        return _mapped(Value, result)

    def computed(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """The result for arrays and values, as data."""
        arguments = self.signature.bind(*args, **kwargs)
        bound = arguments.arguments
        given = [bound[name] for name in self._tensors if name in bound]
        common = common_float(
            part for one in given for part in (one if isinstance(one, list | tuple) else [one])
        )
        for name, item in bound.items():
            if name in self._tensors:
                if self.signature.parameters[name].annotation is list:
                    bound[name] = [_prepared(part, common) for part in item]
                else:
                    bound[name] = _prepared(item, common)
            elif name in self._plain:
                bound[name] = as_data(item)
            else:
                bound[name] = _plain(item)
        with np.errstate(all="ignore"):
            return narrowed(self.function(*arguments.args, **arguments.kwargs), common)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


def operation(
    *tensors: str, plain: Sequence[str] = (), name: str = "", module: str = "numpy",
    by_row: Any = False, settings: Sequence[str] | None = None,
) -> Callable[[Callable[..., Any]], Operation]:  # fmt: skip
    """Make an `Operation` of a function of arrays.

    Args:
        *tensors: The arguments that are tensors, computed in one float dtype. One that is annotated
            with `list` is a list of them.
        plain: Those that are arrays of another kind, such as indices and conditions.
        name: As of `Operation`; by default the function's name in capitals: "reduce_max" →
            "ReduceMax".
        module: As of `Operation`.
        by_row: Whether rows are independent; a function of the arguments may say so.
        settings: As of `Operation`; by default the arguments that are neither tensors nor plain.
    """

    def decorate(function: Callable[..., Any]) -> Operation:
        kind = name or "".join(part.capitalize() for part in function.__name__.split("_"))
        return Operation(function, tensors or ("x",), plain, kind, module, by_row, settings)

    return decorate


def with_name(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which also takes `name`, without effect, as Keras 2 and TensorFlow have it."""

    def call(*args: Any, name: Any = None, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    call.__name__, call.__doc__ = function.__name__, function.__doc__
    return call


def _prepared(item: Any, dtype: Any) -> Any:
    """The data of a tensor in the common dtype; its gradient has this dtype, too."""
    data = kept(as_data(item), dtype)
    return guarded(data) if is_followed(data) else data


def _plain(item: Any) -> Any:
    """Settings, such as axes and shapes, in which values are whole numbers."""
    if isinstance(item, list | tuple):
        return type(item)(_plain(part) for part in item) if type(item) in (list, tuple) else item
    if isinstance(item, Value):
        array = item.array
        return array.item() if array.ndim == 0 else array
    return data_of(item)


def _as_eager(data: Any) -> EagerTensor:
    return np.asarray(data).view(EagerTensor)


def _mapped(wrap: Callable[[Any], Any], result: Any) -> Any:
    if isinstance(result, list | tuple):
        return type(result)(_mapped(wrap, part) for part in result)
    return wrap(result)
