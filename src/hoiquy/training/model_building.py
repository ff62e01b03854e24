"""Build a model from a recipe."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.errors import RecipeError
from hoiquy.nn.graph import Graph, Node, Tensor
from hoiquy.nn.layers import ConcatPooling, Embedding, Layer, NgramEmbedding, Shape, Wide
from hoiquy.nn.losses import MULTILABEL, OUTPUTS, Output
from hoiquy.nn.model import Model
from hoiquy.nn.shards import one_blas_thread
from hoiquy.recipe.layer_sizes import check_size, embedding_rows
from hoiquy.recipe.layer_tables import EmbeddingLayer, RecurrentLayer, SharedLayer
from hoiquy.recipe.layers import backward_features, input_shape, layer_of, taken
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import Ngrams


def layer_names(recipe: Recipe) -> list[str]:
    """The names of the layers: Keras', unless the recipe gives others."""
    return recipe.model.names()


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
    output = output.with_label_smoothing(recipe.training.label_smoothing)
    sizes = _Sizes(recipe, vocabulary_size, classes)
    with one_blas_thread():
        graph = _build_graph(sizes, seed, dtype, ngrams)
    embedding, wide = graph.layers[0], None
    is_chain = recipe.model.is_chain
    masked = is_chain and isinstance(embedding, Embedding) and embedding.mask_zero
    if recipe.model.wide and isinstance(embedding, Embedding):  # the recipe ensures the latter
        wide = Wide.for_embedding("wide", embedding, classes)
    return Model(graph, recipe.model.input, masked, dtype, output, wide, is_chain)


def _output_of(recipe: Recipe, multilabel: bool) -> Output:
    if not multilabel:
        return OUTPUTS[recipe.model.output]
    if recipe.model.output == "softmax":
        raise RecipeError(
            f"the recipe {recipe.name!r} ends in a softmax, which gives a document one label: "
            f"several labels need a sigmoid"
        )
    return MULTILABEL


@dataclass(frozen=True)
class _Sizes:
    """A recipe, the number of words and that of classes."""

    recipe: Recipe
    vocabulary_size: int
    classes: int

    def rows(self, table: EmbeddingLayer) -> tuple[int, int]:
        """Rows of an embedding, and how many of them indices can reach."""
        return embedding_rows(self.recipe, table, self.vocabulary_size)


def _build_graph(sizes: _Sizes, seed: int, dtype: DTypeLike, ngrams: Ngrams | None) -> Graph:
    """The layers with initial weights, and their connections."""
    model = sizes.recipe.model
    first = input_shape(model, sizes.recipe.data.max_length)
    shapes: list[tuple[Shape, ...]] = []
    nodes: list[Node] = []
    for position, (name, table, sources) in enumerate(
        zip(model.names(), model.layers, model.sources(), strict=True)
    ):
        of_inputs: list[Shape] = taken(sources, shapes, first)
        if isinstance(table, SharedLayer):
            layer = nodes[model.shared_with(table)].layer
        else:
            rng = keyed_generator(seed, Purpose.INITIAL_WEIGHTS, position)
            layer = _built_layer(sizes, position, name, of_inputs, rng, dtype)
            if isinstance(layer, ConcatPooling):
                earlier = [node.layer for node in nodes]
                layer.backward_features = backward_features(model, position, earlier)
            if ngrams is not None and position == 0 and isinstance(layer, Embedding):
                check_size(position, len(ngrams), layer.output_dim)
                layer = NgramEmbedding.with_ngrams(layer, ngrams.indices)
        if position == len(model.layers) - 1:
            layer = layer.logits_layer() or layer  # the model computes the probabilities
        shapes.append(layer.output_shapes(of_inputs))
        nodes.append(Node(layer, tuple(Tensor(*source) for source in sources)))
    return Graph([first], nodes, [Tensor(len(nodes) - 1, 0)])


def _built_layer(
    sizes: _Sizes, position: int, name: str, shapes: list[Shape], rng: Generator, dtype: DTypeLike
) -> Layer:
    """A layer with initial weights. Raises RecipeError for too many of them."""
    table = sizes.recipe.model.layers[position]
    rows, reachable = sizes.rows(table) if isinstance(table, EmbeddingLayer) else (0, 0)
    layer = layer_of(table, name, classes=sizes.classes, rows=rows)
    if isinstance(layer, Embedding):
        stored = min(rows, reachable)
        check_size(position, stored, layer.output_dim)
        layer.add_parameter("embeddings", (stored, layer.output_dim), layer.initializer, rng, dtype)
        return layer
    units = getattr(table, "units", None)
    if units is not None and shapes[0][-1] is not None:
        features, count = shapes[0][-1], sizes.classes if units == "classes" else units
        if isinstance(table, RecurrentLayer):
            check_size(position, 4 * (features + count), count)  # an LSTM's
        elif isinstance(count, int):
            check_size(position, features, count)
    layer.build(shapes, rng, dtype)
    return layer
