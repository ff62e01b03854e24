"""Functions of `tensorflow` of arrays and texts, and of the tensors of models and layers.

Those of arrays give what TensorFlow gives; of tensors of a model, or in the code of a layer or a
loss, those of `keras.ops` count.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from hoiquy.keras import ops
from hoiquy.keras.import_hook.tensorflow import concrete, tensor_functions
from hoiquy.keras.structures import flatten
from hoiquy.keras.tensors import KerasTensor
from hoiquy.keras.values.scope import current_scope
from hoiquy.keras.values.value import Value

_BOTH = (
    "argmax", "cast", "concat", "constant", "convert_to_tensor", "expand_dims", "one_hot",
    "reshape", "shape", "squeeze", "stack",
)  # fmt: skip
__all__ = [*_BOTH, "is_tensor"]


def _of_either(name: str) -> Callable[..., Any]:
    of_arrays, of_tensors = getattr(concrete, name), getattr(tensor_functions, name)

    @wraps(of_arrays)
    def call(*args: Any, **kwargs: Any) -> Any:
        leaves = flatten([list(args), kwargs])
        followed = any(isinstance(leaf, KerasTensor | Value) for leaf in leaves)
        if followed or current_scope() is not None:
            return of_tensors(*args, **kwargs)
        return of_arrays(*args, **kwargs)

    return call


globals().update({name: _of_either(name) for name in _BOTH})


def is_tensor(x: object) -> bool:
    """Whether it is a tensor: of a model, of a layer's code, of arrays or texts."""
    return bool(concrete.is_tensor(x) or ops.is_tensor(x))
