"""Functions of `tensorflow.math`, with TensorFlow's argument names."""

from hoiquy.keras import ops
from hoiquy.keras.import_hook.tensorflow import tensor_functions
from hoiquy.keras.import_hook.tensorflow.nn import l2_normalize, top_k
from hoiquy.keras.import_hook.tensorflow.tensor_functions import *  # noqa: F403
from hoiquy.keras.import_hook.tensorflow.tensor_functions import reduce_std, reduce_variance

__all__ = [
    *(name for name in tensor_functions.__all__ if name[0].islower()), "count_nonzero",
    "cumprod", "divide_no_nan", "erf", "expm1", "floordiv", "floormod", "is_finite", "is_inf",
    "is_nan", "l2_normalize", "log", "log1p", "log_sigmoid", "log_softmax", "reciprocal",
    "reduce_euclidean_norm", "reduce_std", "reduce_variance", "rsqrt", "softplus", "top_k",
]  # fmt: skip

_unnamed = tensor_functions._unnamed
log_softmax, softplus = _unnamed(ops.log_softmax), _unnamed(ops.softplus)
log, log1p, expm1 = _unnamed(ops.log), _unnamed(ops.log1p), _unnamed(ops.expm1)
erf, rsqrt, reciprocal = _unnamed(ops.erf), _unnamed(ops.rsqrt), _unnamed(ops.reciprocal)
log_sigmoid, divide_no_nan = _unnamed(ops.log_sigmoid), _unnamed(ops.divide_no_nan)
floordiv, floormod = _unnamed(ops.floor_divide), _unnamed(ops.mod)
is_nan, is_inf, is_finite = _unnamed(ops.isnan), _unnamed(ops.isinf), _unnamed(ops.isfinite)
cumprod, count_nonzero = _unnamed(ops.cumprod), _unnamed(ops.count_nonzero)
reduce_euclidean_norm = tensor_functions.norm
