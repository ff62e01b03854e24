"""Build a model from a recipe."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.errors import RecipeError
from hoiquy.nn.graph import Graph
from hoiquy.nn.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Layer,
    MaxPooling,
    MeanPooling,
    NgramEmbedding,
    Recurrent,
    Shape,
    SimpleRNN,
    Wide,
)
from hoiquy.nn.losses import MULTILABEL, OUTPUTS, Output
from hoiquy.nn.model import Model
from hoiquy.nn.regularizers import L1L2
from hoiquy.nn.shards import one_blas_thread
from hoiquy.recipe.layer_sizes import check_size, embedding_rows
from hoiquy.recipe.model import RecurrentLayer
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import Ngrams

RECURRENT: dict[str, type[Recurrent]] = {"simple_rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}


def layer_names(recipe: Recipe) -> list[str]:
    """Keras' names: the type, numbered from the second of its kind on (`lstm`, `lstm_1`)."""
    seen: Counter[str] = Counter()
    names = []
    for layer in recipe.model.layers:
        kind = "bidirectional" if getattr(layer, "bidirectional", False) else layer.type
        names.append(f"{kind}_{seen[kind]}" if seen[kind] else kind)
        seen[kind] += 1
    return names


def build_model(
    recipe: Recipe, *, vocabulary_size: int, classes: int, seed: int,
    dtype: DTypeLike = np.float32, ngrams: Ngrams | None = None, multilabel: bool = False,
) -> Model:  # fmt: skip
    """Build a recipe's model with initial weights.

    Args:
        recipe: the recipe.
        vocabulary_size: number of words; see `embedding_rows`.
        classes: number of classes.
        seed: of the weights.
        dtype: of the weights.
        ngrams: those of the vocabulary.
        multilabel: whether a document may have several labels.

    Raises:
        RecipeError: as `embedding_rows` and `Recipe.for_labels`, and for too large a layer.
    """
    output = _output_of(recipe, multilabel)
    with one_blas_thread():
        layers = _build_layers(recipe, vocabulary_size, classes, seed, dtype, ngrams)
    embedding, wide = layers[0], None
    masked = isinstance(embedding, Embedding) and embedding.mask_zero
    if recipe.model.wide and isinstance(embedding, Embedding):  # the recipe ensures the latter
        wide = Wide.for_embedding("wide", embedding, classes)
    graph = Graph.chain(_input_shape(recipe), layers)
    return Model(graph, recipe.model.input, masked, dtype, output, wide)


def _output_of(recipe: Recipe, multilabel: bool) -> Output:
    if not multilabel:
        return OUTPUTS[recipe.model.output]
    if recipe.model.output == "softmax":
        raise RecipeError(
            f"the recipe {recipe.name!r} ends in a softmax, which gives a document one label: "
            f"several labels need a sigmoid"
        )
    return MULTILABEL


def _build_layers(
    recipe: Recipe, vocabulary_size: int, classes: int, seed: int, dtype: DTypeLike,
    ngrams: Ngrams | None,
) -> list[Layer]:  # fmt: skip
    layers: list[Layer] = []
    shape = _input_shape(recipe)
    for position, (name, table) in enumerate(
        zip(layer_names(recipe), recipe.model.layers, strict=True)
    ):
        rng = keyed_generator(seed, Purpose.INITIAL_WEIGHTS, position)
        layer: Layer
        if table.type == "embedding":
            rows, reachable = embedding_rows(recipe, table, vocabulary_size)
            check_size(position, min(rows, reachable), table.units)
            words = Embedding.create(
                name, rows, reachable, table.units, rng, dtype, table.word_dropout,
                table.initial_limit,
            )  # fmt: skip
            layer = words
            if ngrams is not None:
                check_size(position, len(ngrams), table.units)
                layer = NgramEmbedding.with_ngrams(words, ngrams.indices)
            layer.mask_zero = table.mask_zero
        elif table.type == "dropout":
            layer = Dropout(name, rate=table.rate)
        elif table.type == "pooling":
            layer = (MaxPooling if table.over_time == "max" else MeanPooling)(name)
        elif table.type == "dense":
            units = classes if table.units == "classes" else table.units
            features = _features(shape)
            check_size(position, features, units)
            layer = Dense.create(name, features, units, table.activation, rng, dtype)
            layer = layer.logits_layer() or layer  # the model computes the probabilities
        else:
            features = _features(shape)
            check_size(position, 4 * (features + table.units), table.units)  # an LSTM's
            layer = _build_recurrent(name, table, features, rng, dtype)
        (shape,) = layer.output_shapes([shape])
        layers.append(layer)
    return layers


def _build_recurrent(
    name: str, table: RecurrentLayer, inputs: int, rng: Generator, dtype: DTypeLike
) -> Layer:
    kind = RECURRENT[table.type]
    options: dict[str, Any] = {"return_sequences": table.return_sequences, "dropout": table.dropout}
    if table.type == "simple_rnn":
        options["activation"] = table.activation
    l2 = {"kernel": table.kernel_l2, "recurrent_kernel": table.recurrent_l2}
    penalties = {key: L1L2(l2=factor) for key, factor in l2.items() if factor > 0}

    def one_direction() -> Recurrent:
        parameters = kind.initial_parameters(inputs, table.units, rng, dtype)
        return kind(name, parameters, dict(penalties), **options)

    if not table.bidirectional:
        return one_direction()
    return Bidirectional.create(name, one_direction(), one_direction())


def _input_shape(recipe: Recipe) -> Shape:
    return (None, None, 1) if recipe.model.input == "values" else (None, None)


def _features(shape: Shape) -> int:
    """The last dimension, which the recipe's checks ensure is known."""
    assert shape[-1] is not None
    return shape[-1]
