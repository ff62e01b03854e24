"""`keras.ops`: functions of arrays, of tensors of a model, and of tensors in a layer's code.

elementwise.py, comparisons.py, reductions.py, shapes.py, products.py, indexing.py, neural.py,
convolution.py, creation.py
"""

from hoiquy.keras.lazy import lazy_attributes

_MODULES = {
    "comparisons": (
        "equal", "greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal",
        "logical_and", "logical_not", "logical_or", "logical_xor", "not_equal",
    ),
    "convolution": ("conv",),
    "creation": (
        "arange", "array", "eye", "full", "full_like", "identity", "linspace", "ones", "ones_like",
        "tril", "triu", "zeros", "zeros_like",
    ),
    "elementwise": (
        "abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2",
        "arctanh", "cast", "ceil", "clip", "cos", "cosh", "divide", "divide_no_nan", "erf", "exp",
        "expm1", "floor", "floor_divide", "log", "log10", "log1p", "log2", "maximum", "minimum",
        "mod", "multiply", "nan_to_num", "negative", "power", "reciprocal", "round", "rsqrt",
        "sign", "sin", "sinh", "sqrt", "square", "stop_gradient", "subtract", "tan", "tanh",
        "true_divide", "where",
    ),
    "indexing": ("get_item", "one_hot", "slice", "take", "take_along_axis"),
    "neural": (
        "binary_crossentropy", "categorical_crossentropy", "celu", "elu", "gelu", "hard_shrink",
        "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "log_sigmoid",
        "log_softmax", "mish", "moments", "normalize", "relu", "relu6", "selu", "sigmoid", "silu",
        "soft_shrink", "softmax", "softplus", "softsign", "sparse_categorical_crossentropy",
        "squareplus", "swish", "tanh_shrink",
    ),
    "products": ("dot", "einsum", "inner", "matmul", "outer", "tensordot"),
    "reductions": (
        "all", "amax", "amin", "any", "argmax", "argmin", "argsort", "average", "count_nonzero",
        "cumprod", "cumsum", "logsumexp", "max", "mean", "median", "min", "norm", "prod", "sort",
        "std", "sum", "top_k", "var",
    ),
    "shapes": (
        "broadcast_to", "concatenate", "convert_to_numpy", "convert_to_tensor", "expand_dims",
        "flip", "hstack", "is_tensor", "ndim", "pad", "ravel", "repeat", "reshape", "roll", "shape",
        "size", "split", "squeeze", "stack", "swapaxes", "tile", "transpose", "unstack", "vstack",
    ),
}  # fmt: skip
_PLACES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}

__all__ = sorted(_PLACES)

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
