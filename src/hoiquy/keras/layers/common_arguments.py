"""The arguments of all layers."""

from hoiquy.keras.arguments import Argument
from hoiquy.keras.kinds import BOOLEAN, POSITIVE, REGULARIZER, optional

COMMON = (
    Argument("name", None),
    Argument("trainable", True, BOOLEAN),
    Argument("dtype", None),
    Argument("activity_regularizer", None, REGULARIZER),
    Argument("input_shape", None),
    Argument("batch_shape", None, old=("batch_input_shape",)),
    Argument("batch_size", None, optional(POSITIVE)),
    Argument("input_dim", None, optional(POSITIVE)),
    Argument("input_length", None),
    Argument("weights", None),
)
IGNORED = {"autocast": "all layers compute in float32"}
