"""Functions of `tensorflow.linalg`, with TensorFlow's argument names."""

from hoiquy.keras.import_hook.tensorflow import tensor_functions
from hoiquy.keras.import_hook.tensorflow.nn import l2_normalize
from hoiquy.keras.import_hook.tensorflow.tensor_functions import (
    einsum,
    matmul,
    norm,
    tensordot,
)

__all__ = ["einsum", "eye", "l2_normalize", "matmul", "norm", "tensordot"]

eye = vars(tensor_functions)["eye"]
