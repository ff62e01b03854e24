"""The layers of a recipe as layers of `hoiquy.nn`, without weights, and a check of their shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn import layers as nn
from hoiquy.nn.initializers import RandomUniform
from hoiquy.nn.layers import Layer, Shape
from hoiquy.nn.plain_data.kinds import LAYERS
from hoiquy.nn.plain_data.layers import make_layer, read_cell_activation, read_settings
from hoiquy.nn.regularizers import L1L2, Regularizer
from hoiquy.recipe.layer_tables import (
    DenseLayer,
    EmbeddingLayer,
    LayerRecipe,
    OtherLayer,
    PoolingLayer,
    RecurrentLayer,
    SharedLayer,
)
from hoiquy.recipe.model import ModelTable, Source

_POOLING: dict[str, type[Layer]] = {
    "max": nn.MaxPooling, "mean": nn.MeanPooling, "last+max+mean": nn.ConcatPooling,
}  # fmt: skip
RECURRENT: dict[str, type[nn.Recurrent]] = {
    "simple_rnn": nn.SimpleRNN, "lstm": nn.LSTM, "gru": nn.GRU,
}  # fmt: skip


def layer_of(table: LayerRecipe, name: str, *, classes: int, rows: int) -> Layer:
    """The layer of a table, without weights.

    Args:
        table: Not a shared one.
        name: Of the layer.
        classes: Outputs of the last layer.
        rows: Of an embedding.

    Raises:
        InputError: A setting does not fit the layer.
    """
    if isinstance(table, OtherLayer):
        return make_layer(table.type, name, table.settings, name)
    if isinstance(table, PoolingLayer):
        return _POOLING[table.over_time](name)
    if isinstance(table, RecurrentLayer):
        return _recurrent(table, name)
    assert not isinstance(table, SharedLayer)
    fields: dict[str, Any]
    penalties: dict[str, Regularizer] = {}
    if isinstance(table, EmbeddingLayer):
        fields = {
            "input_dim": rows, "output_dim": table.units, "mask_zero": table.mask_zero,
            "word_dropout": table.word_dropout,
            "initializer": RandomUniform(-table.initial_limit, table.initial_limit),
        }  # fmt: skip
    elif isinstance(table, DenseLayer):
        units = classes if table.units == "classes" else table.units
        fields = {"units": units, "activation": table.activation}
        penalties = {"kernel": L1L2(l2=table.l2)} if table.l2 else {}
    else:
        fields = {"rate": table.rate}
    return _with_settings(LAYERS[table.type], name, fields, penalties, table.settings)


# Layers that leave each feature where it is.
_KEEP_FEATURES = (
    nn.Activation,
    nn.BatchNormalization,
    nn.Dropout,
    nn.LayerNormalization,
    nn.SpatialDropout1D,
)


def _recurrent(table: RecurrentLayer, name: str) -> Layer:
    fields: dict[str, Any] = {
        "units": table.units, "return_sequences": table.return_sequences, "dropout": table.dropout,
    }  # fmt: skip
    if table.type == "simple_rnn":
        fields["activation"] = read_cell_activation(table.activation, name)
    l2 = {"kernel": table.kernel_l2, "recurrent_kernel": table.recurrent_l2}
    penalties: dict[str, Regularizer] = {k: L1L2(l2=one) for k, one in l2.items() if one > 0}
    layer = _with_settings(RECURRENT[table.type], name, fields, penalties, table.settings)
    assert isinstance(layer, nn.Recurrent)
    if not table.bidirectional:
        return layer
    both = nn.Bidirectional(
        name, forward_layer=layer,
        backward_layer=replace(layer, go_backwards=not layer.go_backwards),
        merge_mode=table.merge_mode or "concat", trainable=layer.trainable,
    )  # fmt: skip
    both.constraints = {
        prefix + key: each
        for prefix in ("forward/", "backward/")
        for key, each in layer.constraints.items()
    }
    return both


def _with_settings(
    kind: type[Layer], name: str, fields: Mapping[str, Any],
    penalties: Mapping[str, Regularizer], settings: Mapping[str, Any],
) -> Layer:  # fmt: skip
    values, by_parameter = read_settings(kind, settings, name)
    return kind(
        name,
        penalties={**penalties, **by_parameter.get("penalties", {})},
        constraints=dict(by_parameter.get("constraints", {})),
        **{**fields, **values},
    )


def input_shape(model: ModelTable, max_length: int) -> Shape:
    """The shape of the input; of a chain with any number of steps."""
    steps = None if model.is_chain else max_length
    return (None, steps, 1) if model.input == "values" else (None, steps)


def taken(sources: Sequence[Source], outputs: Sequence[Sequence[Any]], of_input: Any) -> list[Any]:
    """What belongs to the sources, given what belongs to the outputs of each layer and the input.

    Raises ShapeError for an output that a layer does not have.
    """
    found = []
    for position, output in sources:
        of_layer = [of_input] if position < 0 else outputs[position]
        if output >= len(of_layer):
            raise ShapeError(
                f"output {output} of a layer that has {len(of_layer)} outputs, counted from 0"
            )
        found.append(of_layer[output])
    return found


def backward_features(model: ModelTable, position: int, earlier: Sequence[Layer]) -> int:
    """How many features of the input of a layer, at the end, are of a layer that runs backward.

    Args:
        model: The recipe's.
        position: Of the layer.
        earlier: The layers before it, by position.

    Raises:
        InputError: Its input has such features elsewhere.
    """
    sources = model.sources()
    before = sources[position][0].position
    while before >= 0 and isinstance(earlier[before], _KEEP_FEATURES):
        before = sources[before][0].position
    layer = earlier[before] if before >= 0 else None
    if isinstance(layer, nn.Recurrent) and layer.go_backwards:
        raise InputError(
            f"over_time = 'last+max+mean' needs states from first to last, and {layer.name} has "
            f"go_backwards = true: set bidirectional = true instead"
        )
    if not isinstance(layer, nn.Bidirectional):
        return 0
    if layer.merge_mode != "concat" or layer.directions[0].go_backwards:
        raise InputError(
            f"over_time = 'last+max+mean' needs the states of both directions side by side: "
            f"leave merge_mode and go_backwards of {layer.name} at their defaults"
        )
    return layer.directions[1].units


def check_shapes(model: ModelTable, max_length: int) -> None:
    """Raise ValueError, naming the layer, unless each layer takes the shapes it gets."""
    shapes: list[tuple[Shape, ...]] = []
    layers: list[Layer] = []
    first = input_shape(model, max_length)
    for position, (name, table, sources) in enumerate(
        zip(model.names(), model.layers, model.sources(), strict=True)
    ):
        where = f"model.layers.{position} ({table.type})"
        try:
            if isinstance(table, SharedLayer):
                layer = layers[model.shared_with(table)]
            else:
                layer = layer_of(table, name, classes=2, rows=2)
            of_inputs = taken(sources, shapes, first)
            _check_indices(model, layer, sources)
            if isinstance(layer, nn.ConcatPooling):
                _set_backward_features(layer, table, backward_features(model, position, layers))
            shapes.append(layer.output_shapes(of_inputs))
        except InputError as error:
            raise ValueError(f"{where}: {error}{_advice(table)}") from error
        layers.append(layer)
    last = shapes[-1][0]
    if len(last) != 2:
        raise ValueError(
            f"model.layers.{len(layers) - 1} (dense): its output has the shape {last}, expected "
            f"(batch, classes): put flatten, a pooling layer or return_sequences = false before it"
        )


def _set_backward_features(layer: nn.ConcatPooling, table: LayerRecipe, features: int) -> None:
    """Raises ShapeError where calls of a shared layer need different numbers."""
    if isinstance(table, SharedLayer) and features != layer.backward_features:
        raise ShapeError("one input is bidirectional, another is not: give each a pooling layer")
    layer.backward_features = features


def _check_indices(model: ModelTable, layer: Layer, sources: Sequence[Source]) -> None:
    """Raise ShapeError unless embeddings, and only they, take indices."""
    positions = [source.position for source in sources]
    if isinstance(layer, nn.Embedding):
        if model.input != "indices" or positions != [-1]:
            raise ShapeError(
                'an embedding takes word indices: inputs = ["input"], with model.input = "indices"'
            )
    elif model.input == "indices" and -1 in positions:
        raise ShapeError(
            'takes word indices: put an embedding before it, or set model.input = "values"'
        )


def _advice(table: LayerRecipe) -> str:
    if table.inputs is None:
        return "; it takes the layer before it, unless inputs names others"
    return f"; its inputs are {', '.join(table.inputs)}"
