"""`[model]` of a recipe: the input, the layers and the linear branch."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from hoiquy.recipe.training import Table

Rate = Annotated[float, Field(ge=0, lt=1)]
Penalty = Annotated[float, Field(ge=0)]
Units = Annotated[int, Field(ge=1)]
# The `training.loss` for each activation of the last layer.
LOSSES = {"softmax": "categorical_crossentropy", "sigmoid": "binary_crossentropy"}


class EmbeddingLayer(Table):
    """A row of `units` numbers for each index; `rows` is "vocabulary" or a number."""

    type: Literal["embedding"]
    units: Units
    rows: Literal["vocabulary"] | Units = "vocabulary"
    mask_zero: bool = False
    word_dropout: Rate = 0.0  # share of words replaced by unknown in training
    initial_limit: Annotated[float, Field(ge=0, le=10)] = 0.05  # uniform within ± limit


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
    """Maximum or mean over time, without masked steps."""

    type: Literal["pooling"]
    over_time: Literal["max", "mean"] = "max"


class DenseLayer(Table):
    """Only the last layer may have a sigmoid or a softmax, and must."""

    type: Literal["dense"]
    units: Literal["classes"] | Units = "classes"
    activation: Literal["linear", "relu", "tanh", "sigmoid", "softmax"] = "linear"


RecurrentLayer = SimpleRnnLayer | LstmLayer | GruLayer
LayerRecipe = Annotated[
    EmbeddingLayer | DropoutLayer | RecurrentLayer | PoolingLayer | DenseLayer,
    Field(discriminator="type"),
]


class ModelTable(Table):
    """`[model]`: the input and the layers from first to last."""

    input: Literal["indices", "values"] = "indices"
    layers: Annotated[list[LayerRecipe], Field(min_length=1)]
    wide: bool = False  # adds a linear branch: one weight a word and n-gram

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
    """Raise ValueError unless each layer's input (indices, sequence, vector) fits."""
    shape = "indices" if model_input == "indices" else "sequence"
    for position, layer in enumerate(layers):
        expected, output_shape = _input_and_output(layer, shape)
        if shape != expected:
            raise ValueError(
                f"layers.{position} ({layer.type}) expects {_SHAPES[expected]} but gets "
                f"{_SHAPES[shape]}: {_ADVICE[shape, expected]}"
            )
        is_output = layer.type == "dense" and layer.activation in LOSSES
        if is_output and layer is not layers[-1]:
            raise ValueError(
                f"layers.{position} (dense): only the last layer may be a {layer.activation}"
            )
        shape = output_shape
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


def _input_and_output(layer: Any, shape: str) -> tuple[str, str]:
    if layer.type == "embedding":
        return "indices", "sequence"
    if layer.type == "dropout":
        shape = "sequence" if shape == "indices" else shape
        return shape, shape
    if layer.type == "dense":
        return "vector", "vector"
    if layer.type == "pooling":
        return "sequence", "vector"
    return "sequence", "sequence" if layer.return_sequences else "vector"
