"""The settings of `keras.backend`, and its functions on shapes and weights.

Its functions on tensors are in `backend_functions.py`, which is imported when one is used.
"""

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from hoiquy.keras import usage
from hoiquy.keras.errors import KerasError, MissingNameError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.names import reset_names
from hoiquy.keras.tensors import AnyArray, KerasTensor, Shape

_PACKAGE = "hoiquy.keras"
_EPSILON = 1e-7

_FUNCTIONS = (
    "abs", "all", "any", "arange", "argmax", "argmin", "batch_dot", "batch_flatten", "bias_add",
    "binary_crossentropy", "cast", "categorical_crossentropy", "clip", "concatenate", "constant",
    "conv1d", "cos", "cumprod", "cumsum", "dot", "dropout", "dtype", "elu", "equal", "exp",
    "expand_dims", "eye", "flatten", "foldl", "foldr", "function", "gather", "greater",
    "greater_equal", "hard_sigmoid", "identity", "in_test_phase", "in_top_k", "in_train_phase",
    "is_tensor", "l2_normalize", "less", "less_equal", "local_conv1d", "log", "log_softmax",
    "logsumexp", "map_fn", "max", "maximum", "mean", "min", "minimum", "moving_average_update",
    "not_equal", "one_hot", "ones", "ones_like", "permute_dimensions", "pow", "print_tensor",
    "prod", "random_bernoulli", "random_binomial", "random_normal", "random_normal_variable",
    "random_uniform", "random_uniform_variable", "relu", "repeat", "repeat_elements", "reshape",
    "reverse", "rnn", "round", "shape", "sigmoid", "sign", "sin", "slice", "softmax", "softplus",
    "softsign", "sparse_categorical_crossentropy", "sqrt", "square", "squeeze", "stack", "std",
    "stop_gradient", "sum", "switch", "tanh", "temporal_padding", "tile", "transpose",
    "truncated_normal", "update", "update_add", "update_sub", "var", "variable", "zeros",
    "zeros_like",
)  # fmt: skip
__all__ = [
    *_FUNCTIONS,
    "backend", "batch_get_value", "batch_set_value", "cast_to_floatx", "clear_session",
    "count_params", "epsilon", "eval", "floatx", "get_session", "get_value", "image_data_format",
    "int_shape",
    "is_keras_tensor", "learning_phase", "ndim", "set_epsilon", "set_floatx",
    "set_image_data_format", "set_learning_phase", "set_session", "set_value",
    "_get_available_gpus",
]  # fmt: skip


def backend() -> str:
    """The name of what computes."""
    return "hoiquy"


def clear_session(free_memory: bool = True) -> None:
    """Start the automatic names of layers again."""
    usage.record_used("backend.clear_session")
    reset_names()


def epsilon() -> float:
    """The small number that keeps logarithms and divisions finite."""
    return _EPSILON


def set_epsilon(value: float) -> None:
    """Accepts the only value. Raises NotSupportedError for another one."""
    if value != _EPSILON:
        raise NotSupportedError(f"set_epsilon({value}) is not supported, only {_EPSILON}")


def floatx() -> str:
    """The dtype of all computations."""
    return "float32"


def set_floatx(value: str) -> None:
    """Accepts the only dtype. Raises NotSupportedError for another one."""
    if value != "float32":
        raise NotSupportedError(f"set_floatx({value!r}) is not supported, only 'float32'")


def image_data_format() -> str:
    """Where features are in arrays."""
    return "channels_last"


def set_image_data_format(data_format: str) -> None:
    """Accepts the only order. Raises KerasError for another one."""
    if data_format != "channels_last":
        raise KerasError(f"set_image_data_format({data_format!r}): expected 'channels_last'")


def get_value(x: Any) -> Any:
    """The number or array of a weight or of `optimizer.lr`."""
    return x.numpy() if hasattr(x, "numpy") else x


def set_value(x: Any, value: Any) -> None:
    """Assign to a weight or to `optimizer.lr`. Raises KerasError for what holds no value."""
    if not hasattr(x, "assign"):
        raise KerasError(f"set_value got {type(x).__name__}, expected a weight or optimizer.lr")
    x.assign(value)


def eval(x: Any) -> Any:
    """As `get_value`. Raises NotSupportedError for a symbolic tensor."""
    if isinstance(x, KerasTensor):
        raise NotSupportedError("eval: a symbolic tensor has no values; use model.predict")
    return get_value(x)


def batch_get_value(tensors: Iterable[Any]) -> list[Any]:
    """The arrays of several weights."""
    return [get_value(each) for each in tensors]


def batch_set_value(tuples: Iterable[tuple[Any, Any]]) -> None:
    """Assign to several weights, given as pairs of weight and value."""
    for x, value in tuples:
        set_value(x, value)


def int_shape(x: Any) -> Shape | None:
    """The shape of a symbolic tensor, a weight or an array; None of anything else."""
    shape = getattr(x, "shape", None)
    return None if shape is None else tuple(shape)


def ndim(x: Any) -> int:
    """The number of axes of a symbolic tensor, a weight or an array."""
    return len(x.shape)


def count_params(x: Any) -> int:
    """The number of entries of a weight or an array."""
    return int(np.prod(x.shape))


def cast_to_floatx(x: Any) -> AnyArray:
    """An array of float32."""
    return np.asarray(x, np.float32)


def is_keras_tensor(x: Any) -> bool:
    """Whether something is a symbolic tensor."""
    return isinstance(x, KerasTensor)


def learning_phase() -> int:
    """1 in the code of a layer that trains, else 0."""
    if f"{_PACKAGE}.values.scope" not in sys.modules:
        return 0
    scope = late("values.scope").current_scope()
    return int(scope is not None and scope.training)


def get_session() -> Any:
    """A session of TensorFlow 1, which gives the values of tensors and weights."""
    return late("import_hook.tensorflow.version_1").Session()


def set_session(session: Any) -> None:
    """Without effect, as there are no sessions: their options are for TensorFlow 1 and GPUs."""
    usage.record_ignored("backend", "set_session", "there are no sessions")


def set_learning_phase(value: Any) -> None:
    """Has no effect: `fit` trains, `evaluate` and `predict` do not."""
    usage.record_ignored("backend", "set_learning_phase", "fit trains, predict does not")


def _get_available_gpus() -> list[str]:
    """Of Keras 2's `keras.backend.tensorflow_backend`: none, as hoiquy computes on the CPU."""
    return []


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(late("backend_functions"), name)
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    usage.record_raised(f"backend.{name}")
    raise MissingNameError(
        f"keras.backend.{name} is not supported; use the functions of keras.ops, and layers"
    )
