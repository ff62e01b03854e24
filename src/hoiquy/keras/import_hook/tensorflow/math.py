"""Functions of `tensorflow.math`, with TensorFlow's argument names."""

from hoiquy.keras import ops
from hoiquy.keras.import_hook.tensorflow import tensor_functions
from hoiquy.keras.import_hook.tensorflow.nn import l2_normalize, top_k
from hoiquy.keras.import_hook.tensorflow.tensor_functions import *  # noqa: F403
from hoiquy.keras.import_hook.tensorflow.tensor_functions import reduce_std, reduce_variance
from hoiquy.keras.values.operation import with_name

__all__ = [
    *(name for name in tensor_functions.__all__ if name[0].islower()), "count_nonzero",
    "cumprod", "divide_no_nan", "erf", "expm1", "floordiv", "floormod", "is_finite", "is_inf",
    "is_nan", "l2_normalize", "log", "log1p", "log_sigmoid", "log_softmax", "reciprocal",
    "reduce_euclidean_norm", "reduce_std", "reduce_variance", "rsqrt", "softplus", "top_k",
]  # fmt: skip

log_softmax, softplus = with_name(ops.log_softmax), with_name(ops.softplus)
log, log1p, expm1 = with_name(ops.log), with_name(ops.log1p), with_name(ops.expm1)
erf, rsqrt, reciprocal = with_name(ops.erf), with_name(ops.rsqrt), with_name(ops.reciprocal)
log_sigmoid, divide_no_nan = with_name(ops.log_sigmoid), with_name(ops.divide_no_nan)
floordiv, floormod = with_name(ops.floor_divide), with_name(ops.mod)
is_nan, is_inf, is_finite = with_name(ops.isnan), with_name(ops.isinf), with_name(ops.isfinite)
cumprod, count_nonzero = with_name(ops.cumprod), with_name(ops.count_nonzero)
reduce_euclidean_norm = tensor_functions.norm
