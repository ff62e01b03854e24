"""`[[model.layers]]` of a recipe: a table for each layer.

The layers of the built-in recipes have tables with their usual settings; each also takes the other
settings of its layer in `hoiquy.nn`, by Keras' names. All other layers have an `OtherLayer`.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from hoiquy.errors import InputError
from hoiquy.recipe.training import Table
from hoiquy.recipe.validation_errors import UnknownSettingError

Rate = Annotated[float, Field(ge=0, lt=1)]
Penalty = Annotated[float, Field(ge=0)]
Units = Annotated[int, Field(ge=1)]
ActivationName = Literal[
    "linear", "relu", "tanh", "sigmoid", "softmax", "celu", "elu", "exponential", "gelu", "glu",
    "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu",
    "log_sigmoid", "log_softmax", "mish", "relu6", "selu", "silu", "soft_shrink", "softplus",
    "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh_shrink",
]  # fmt: skip
MergeMode = Literal["concat", "sum", "mul", "ave"]
Text = Annotated[str, Field(min_length=1)]

INPUT = "input"  # the name of the model's input among the `inputs` of a layer
SHARED = "shared"
_BUILT_IN = {"implementation"}  # settings without effect on a result of a recipe


class LayerTable(Table):
    """The base of all layers.

    name: by default the type, numbered from the second of its kind on (`lstm`, `lstm_1`).
    inputs: names of the layers whose outputs this one takes, "input" for the model's input,
        "NAME:1" for the second output of a layer; by default the layer before.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    name: Text | None = None
    inputs: Annotated[list[Text], Field(min_length=1)] | None = None

    # Settings of the layer in nn that the table has under its own names, or must not have.
    replaced: ClassVar[tuple[str, ...]] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """The settings beside those of the table, by Keras' names."""
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _settings_are_valid(self) -> "LayerTable":
        if self.name is not None and (self.name == INPUT or set(self.name) & set("/:")):
            raise ValueError(f"name = {self.name!r}: expected another one, without / and :")
        settings = self.settings
        if not settings:
            return self
        from hoiquy.nn.plain_data.kinds import LAYERS
        from hoiquy.nn.plain_data.layers import make_layer, settings_of

        known: list[str] = []
        if self.type in LAYERS and self.type != "pooling":
            left_out = (*self.replaced, *_BUILT_IN)
            known = [name for name in settings_of(LAYERS[self.type]) if name not in left_out]
        for key in settings:
            if key not in known:
                own = dict.fromkeys([*type(self).model_fields, *known])
                raise UnknownSettingError(key, own)
        try:
            make_layer(self.type, self.type, settings, "")
        except InputError as error:
            raise ValueError(str(error).removeprefix(".")) from error
        return self

    @model_serializer(mode="wrap")
    def _without_none(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}


class EmbeddingLayer(LayerTable):
    """A row of `units` numbers for each index; `rows` is "vocabulary" or a number."""

    type: Literal["embedding"]
    units: Units
    rows: Literal["vocabulary"] | Units = "vocabulary"
    mask_zero: bool = False
    word_dropout: Rate = 0.0  # share of words replaced by unknown in training
    initial_limit: Annotated[float, Field(ge=0, le=10)] = 0.05  # uniform within ± limit

    replaced = ("input_dim", "output_dim")


class DropoutLayer(LayerTable):
    type: Literal["dropout"]
    rate: Rate


class _RecurrentLayer(LayerTable):
    units: Units
    return_sequences: bool = False
    dropout: Rate = 0.0
    kernel_l2: Penalty = 0.0
    recurrent_l2: Penalty = 0.0
    bidirectional: bool = False
    merge_mode: MergeMode | None = None  # of both directions; None: concat

    @model_validator(mode="after")
    def _directions_fit(self) -> "_RecurrentLayer":
        if self.merge_mode is not None and not self.bidirectional:
            raise ValueError(f"merge_mode = {self.merge_mode!r}: needs bidirectional = true")
        for key, own in (("kernel", self.kernel_l2), ("recurrent", self.recurrent_l2)):
            if own and f"{key}_regularizer" in self.settings:
                raise ValueError(f"{key}_l2 and {key}_regularizer: expected one of them")
        return self


class SimpleRnnLayer(_RecurrentLayer):
    type: Literal["simple_rnn"]
    activation: ActivationName = "tanh"


class LstmLayer(_RecurrentLayer):
    type: Literal["lstm"]


class GruLayer(_RecurrentLayer):
    type: Literal["gru"]


class PoolingLayer(LayerTable):
    """Over time, without masked steps: maximum, mean, or the last state and both of them."""

    type: Literal["pooling"]
    over_time: Literal["max", "mean", "last+max+mean"] = "max"


class DenseLayer(LayerTable):
    """The last layer must have a sigmoid or a softmax."""

    type: Literal["dense"]
    units: Literal["classes"] | Units = "classes"
    activation: ActivationName = "linear"
    l2: Penalty | None = None  # of the kernel

    @model_validator(mode="after")
    def _one_penalty(self) -> "DenseLayer":
        if self.l2 and "kernel_regularizer" in self.settings:
            raise ValueError("l2 and kernel_regularizer: expected one of them")
        return self


class SharedLayer(LayerTable):
    """Another call of a layer, with its weights, on other inputs."""

    type: Literal["shared"]
    layer: Text


class OtherLayer(LayerTable):
    """A layer of `hoiquy.nn`, by Keras' name in snake case, with Keras' argument names."""

    type: Literal[
        "activation", "activity_regularization", "add", "additive_attention", "alpha_dropout",
        "attention", "average", "average_pooling1d", "batch_normalization", "bidirectional",
        "concatenate", "conv1d", "cropping1d", "depthwise_conv1d", "dot", "elu", "flatten",
        "gaussian_dropout", "gaussian_noise", "global_average_pooling1d", "global_max_pooling1d",
        "layer_normalization", "leaky_relu", "masking", "max_pooling1d", "maximum", "minimum",
        "multiply", "permute", "prelu", "relu", "repeat_vector", "reshape", "separable_conv1d",
        "softmax", "spatial_dropout1d", "subtract", "thresholded_relu", "time_distributed",
        "unit_normalization", "up_sampling1d", "zero_padding1d",
    ]  # fmt: skip


RecurrentLayer = SimpleRnnLayer | LstmLayer | GruLayer
KnownLayer = EmbeddingLayer | DropoutLayer | RecurrentLayer | PoolingLayer | DenseLayer
LayerRecipe = Annotated[KnownLayer | SharedLayer | OtherLayer, Field(discriminator="type")]
