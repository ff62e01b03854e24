"""`[model]` of a recipe: what the first layer reads, the layers, and what stands beside them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from hoiquy.recipe.training import Table

Rate = Annotated[float, Field(ge=0, lt=1)]
Penalty = Annotated[float, Field(ge=0)]
Units = Annotated[int, Field(ge=1)]
# The activations that the last layer may have, and the `training.loss` that belongs to each.
LOSSES = {"softmax": "categorical_crossentropy", "sigmoid": "binary_crossentropy"}


class EmbeddingLayer(Table):
    """A row of `units` numbers for each word; `rows` is the height that the summary reports."""

    type: Literal["embedding"]
    units: Units
    rows: Literal["vocabulary"] | Units = "vocabulary"
    mask_zero: bool = False
    word_dropout: Rate = 0.0  # words that read as unknown ones, while training
    initial_limit: Annotated[float, Field(ge=0, le=10)] = 0.05  # rows begin uniform within ± it


class DropoutLayer(Table):
    type: Literal["dropout"]
    rate: Rate


class _RecurrentLayer(Table):
    units: Units
    return_sequences: bool = False
    dropout: Rate = 0.0
    kernel_l2: Penalty = 0.0
    recurrent_l2: Penalty = 0.0
    bidirectional: bool = False


class SimpleRnnLayer(_RecurrentLayer):
    type: Literal["simple_rnn"]
    activation: Literal["relu", "tanh"] = "tanh"


class LstmLayer(_RecurrentLayer):
    type: Literal["lstm"]


class GruLayer(_RecurrentLayer):
    type: Literal["gru"]


class PoolingLayer(Table):
    """Maximum or mean over time; masked steps do not count."""

    type: Literal["pooling"]
    over_time: Literal["max", "mean"] = "max"


class DenseLayer(Table):
    """The last layer is one with a sigmoid or a softmax; no other layer may have these."""

    type: Literal["dense"]
    units: Literal["classes"] | Units = "classes"
    activation: Literal["linear", "relu", "tanh", "sigmoid", "softmax"] = "linear"


RecurrentLayer = SimpleRnnLayer | LstmLayer | GruLayer
LayerRecipe = Annotated[
    EmbeddingLayer | DropoutLayer | RecurrentLayer | PoolingLayer | DenseLayer,
    Field(discriminator="type"),
]


class ModelTable(Table):
    """`[model]`: what the first layer reads, and the layers from first to last."""

    input: Literal["indices", "values"] = "indices"
    layers: Annotated[list[LayerRecipe], Field(min_length=1)]
    wide: bool = False  # a weight for each word and n-gram, added up beside the layers

    @property
    def output(self) -> Literal["sigmoid", "softmax"]:
        """The activation of the last layer."""
        last = self.layers[-1]
        assert isinstance(last, DenseLayer)
        return "softmax" if last.activation == "softmax" else "sigmoid"

    @model_validator(mode="after")
    def _layers_fit_together(self) -> "ModelTable":
        _check_order(self.input, self.layers)
        if self.wide and self.input != "indices":
            raise ValueError("wide: needs an embedding as the first layer")
        return self


def _check_order(model_input: str, layers: Sequence[Any]) -> None:
    """Raise ValueError unless each layer gets what it reads: indices, a sequence or a vector."""
    shape = "indices" if model_input == "indices" else "sequence"
    for position, layer in enumerate(layers):
        reads, gives = _reads_and_gives(layer, shape)
        if shape != reads:
            raise ValueError(
                f"layers.{position} ({layer.type}) reads {_SHAPES[reads]} but gets "
                f"{_SHAPES[shape]}: "
                f"{_ADVICE[shape, reads]}"
            )
        output = layer.type == "dense" and layer.activation in LOSSES
        if output and layer is not layers[-1]:
            raise ValueError(
                f"layers.{position} (dense): only the last layer may be a {layer.activation}"
            )
        shape = gives
    last = layers[-1]
    if last.type != "dense" or last.units != "classes" or last.activation not in LOSSES:
        raise ValueError(
            'the last layer must be dense with units = "classes" and activation = "softmax" or '
            'activation = "sigmoid"'
        )


_SHAPES = {"indices": "indices", "sequence": "a sequence", "vector": "a vector"}

_ADVICE = {
    ("indices", "sequence"): "put an embedding first, or set model.input = 'values'",
    ("indices", "vector"): "put an embedding and a recurrent layer before it",
    ("sequence", "vector"): "put return_sequences = false before it, or a pooling layer",
    ("sequence", "indices"): "an embedding must be the first layer, with model.input = 'indices'",
    ("vector", "sequence"): "set return_sequences = true on the recurrent layer before it",
    ("vector", "indices"): "an embedding must be the first layer",
}


def _reads_and_gives(layer: Any, shape: str) -> tuple[str, str]:
    if layer.type == "embedding":
        return "indices", "sequence"
    if layer.type == "dropout":
        reads = "sequence" if shape == "indices" else shape
        return reads, reads
    if layer.type == "dense":
        return "vector", "vector"
    if layer.type == "pooling":
        return "sequence", "vector"
    return "sequence", "sequence" if layer.return_sequences else "vector"
