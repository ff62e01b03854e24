"""Dense, Embedding, Activation and Masking."""

from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.kinds import (
    ACTIVATION,
    BOOLEAN,
    CONSTRAINT,
    INITIALIZER,
    NUMBER,
    POSITIVE,
    RATE,
    REGULARIZER,
    UNITS,
    only,
)
from hoiquy.keras.late import late
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn

NO_LORA = only(None, "train the whole matrix")


class Dense(Layer):
    """activation(x W + b), of vectors or of every step of sequences."""

    arguments = (
        Argument("units", kind=UNITS, old=("output_dim",)),
        Argument("activation", None, ACTIVATION),
        Argument("use_bias", True, BOOLEAN, old=("bias",)),
        Argument("kernel_initializer", "glorot_uniform", INITIALIZER, old=("init",)),
        Argument("bias_initializer", "zeros", INITIALIZER),
        Argument("kernel_regularizer", None, REGULARIZER, old=("W_regularizer",)),
        Argument("bias_regularizer", None, REGULARIZER, old=("b_regularizer",)),
        Argument("kernel_constraint", None, CONSTRAINT, old=("W_constraint",)),
        Argument("bias_constraint", None, CONSTRAINT, old=("b_constraint",)),
        Argument("lora_rank", None, NO_LORA, field="", saved=False),
        Argument("lora_alpha", None, NO_LORA, field="", saved=False),
        Argument("quantization_config", None, NO_LORA, field="", saved=False),
    )
    nn_class = nn.Dense


class Embedding(Layer):
    """A trained vector for each index.

    dropout: as in Keras 1, the share of words that are zero in all texts of a batch.
    """

    arguments = (
        Argument("input_dim", kind=POSITIVE),
        Argument("output_dim", kind=POSITIVE),
        Argument(
            "embeddings_initializer", "uniform", INITIALIZER, old=("init",), field="initializer"
        ),
        Argument("embeddings_regularizer", None, REGULARIZER, old=("W_regularizer",)),
        Argument("embeddings_constraint", None, CONSTRAINT, old=("W_constraint",)),
        Argument("mask_zero", False, BOOLEAN),
        Argument("weights", None, field="", saved=False),
        Argument("lora_rank", None, NO_LORA, field="", saved=False),
        Argument("lora_alpha", None, NO_LORA, field="", saved=False),
        Argument("quantization_config", None, NO_LORA, field="", saved=False),
        Argument("dropout", 0.0, RATE, field="row_dropout", saved=False),
    )
    nn_class = nn.Embedding

    def check_settings(self) -> None:
        self.supports_masking = self._settings["mask_zero"]

    @property
    def takes_indices(self) -> bool:
        return True

    def get_config(self) -> dict[str, Any]:
        """The arguments; `dropout`, which only Keras 1 has, where it is not 0."""
        rate = self._settings["dropout"]
        return super().get_config() | ({"dropout": rate} if rate else {})

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where the indices are not 0, with `mask_zero`."""
        return late("ops").not_equal(inputs, 0) if self._settings["mask_zero"] else None

    def build(self, input_shape: Any = None) -> None:
        """Create the table; it does not depend on the input's shape."""
        super().build((None, None) if input_shape is None else input_shape)

    def set_weights(self, weights: Any) -> None:
        """Replace the table, also before the model is built."""
        self.build()
        super().set_weights(weights)

    def get_weights(self) -> list[Any]:
        """The table, also before the model is built."""
        self.build()
        return super().get_weights()


class Activation(Layer):
    """An activation function as a layer."""

    arguments = (Argument("activation", kind=ACTIVATION),)
    nn_class = nn.Activation


class Masking(Layer):
    """Masks the steps whose features all have one value."""

    arguments = (Argument("mask_value", 0.0, NUMBER),)
    nn_class = nn.Masking
    input_rank = 3

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Which steps have a feature of another value."""
        ops = late("ops")
        return ops.any(ops.not_equal(inputs, self._settings["mask_value"]), axis=-1)
