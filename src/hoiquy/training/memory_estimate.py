"""Estimate the memory of a training from its recipe.

Counted are the arrays of one shard per thread, all copies of the weights, and the words' input
products during scoring.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from numpy.random import Generator, Philox

from hoiquy.nn.kernels.select import Kind
from hoiquy.nn.layers import Embedding, Layer
from hoiquy.nn.layers import Shape as Sizes
from hoiquy.nn.shards import shard_rows, shard_slices
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.layer_tables import (
    EmbeddingLayer,
    LayerRecipe,
    OtherLayer,
    RecurrentLayer,
    SharedLayer,
)
from hoiquy.recipe.layers import input_shape, layer_of, taken
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.shard_plan import operations

LIBRARY_BYTES = 25_000_000  # of libraries loaded later, measured
# Numbers that a cell keeps per step and unit: its gates, its state, the LSTM's carry.
KEPT = {
    "fast": {"simple_rnn": 2, "gru": 5, "lstm": 6},
    "plain": {"simple_rnn": 2, "gru": 5, "lstm": 6},
}
GATES = {"simple_rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes by purpose."""

    libraries: int
    weights: int  # parameters, Adam's moments, the best weights if kept, the wide part's rates
    work: int  # arrays of the current shards
    gradients: int  # of shards not added yet, and packed weights
    scoring: int  # the words' input products
    saving: int  # a checkpoint as bytes, twice

    @property
    def total(self) -> int:
        """The most at any one time."""
        at_a_time = max(self.gradients, self.scoring, self.saving)
        return self.libraries + self.weights + self.work + at_a_time


@dataclass(frozen=True)
class Shape:
    """The features and parameters of a layer."""

    layer: LayerRecipe
    inputs: int
    outputs: int
    is_sequence: bool  # of outputs
    parameters: int


def estimate_memory(
    recipe: Recipe, vocabulary: int, classes: int, threads: int, kernels: Kind, ngrams: int = 0
) -> MemoryEstimate:
    """Estimate the memory of a training with hoiquy's engine, beyond what the process already uses.

    Args:
        recipe: to train.
        vocabulary: number of words.
        classes: number of classes.
        threads: of the process.
        kernels: "fast" or "plain".
        ngrams: number of n-grams.

    Raises:
        RecipeError: the embedding has too few rows for its words.
    """
    shapes = list(layer_shapes(recipe, vocabulary, classes))
    embedded = shapes[0].outputs
    rates = classes * (shapes[0].parameters // embedded + ngrams) if recipe.model.wide else 0
    weights = 4 * (sum(shape.parameters for shape in shapes) + ngrams * embedded + rates)
    copies = 4 if recipe.training.early_stopping.restore_best else 3
    trained = sum(shape.parameters for shape in shapes if shape.layer.type != "embedding")
    batch = recipe.training.batch_size
    rows = min(batch, shard_rows(batch, _step_work(recipe, shapes), trained))
    shards = len(shard_slices(batch, rows))
    at_work = min(threads, shards)
    # Sums that wait for their neighbours, and the gradients of the previous step.
    waiting = 1 + min(shards, at_work + shards.bit_length() - 1)
    looked_up = 0
    if shapes[0].layer.type == "embedding":  # one table, and the gradients of looked-up rows
        places = batch * recipe.data.max_length
        looked_up = shapes[0].parameters + places * embedded
    return MemoryEstimate(
        libraries=LIBRARY_BYTES,
        weights=copies * weights + 4 * rates,
        work=4 * (at_work * rows * _numbers_of_a_document(recipe, shapes, kernels) + looked_up),
        gradients=4 * trained * (waiting + 2 * at_work + 2),
        scoring=0 if ngrams else _lookup_table(shapes, kernels),
        saving=2 * copies * weights,
    )


def _step_work(recipe: Recipe, shapes: Sequence[Shape]) -> float:
    """As `shard_plan.step_work`."""
    of_rows = sum(shape.parameters for shape in shapes if shape.layer.type == "dense")
    of_both = sum(shape.parameters for shape in shapes if shape.layer.type != "embedding")
    steps = recipe.data.max_length
    return operations(recipe.training.batch_size, steps, of_both - of_rows, of_rows)


def layer_shapes(recipe: Recipe, vocabulary: int, classes: int) -> Iterator[Shape]:
    """The layers of a recipe, from first to last."""
    if not recipe.model.is_chain:
        yield from _graph_shapes(recipe, vocabulary, classes)
        return
    inputs, is_sequence = 1, True
    for layer in recipe.model.layers:
        outputs, parameters = inputs, 0
        if layer.type == "embedding":
            outputs = layer.units
            parameters = embedding_rows(recipe, layer, vocabulary)[1] * outputs
        elif layer.type == "dense":
            outputs = classes if layer.units == "classes" else layer.units
            parameters = (inputs + 1) * outputs
        elif layer.type == "pooling":
            outputs, is_sequence = inputs * (1 + layer.over_time.count("+")), False
        elif isinstance(layer, RecurrentLayer):
            directions, biases = 1 + layer.bidirectional, 1 + (layer.type == "gru")
            each = GATES[layer.type] * layer.units * (inputs + layer.units + biases)
            parameters = directions * each
            outputs, is_sequence = directions * layer.units, layer.return_sequences
        yield Shape(layer, inputs, outputs, is_sequence, parameters)
        inputs = outputs


def _graph_shapes(recipe: Recipe, vocabulary: int, classes: int) -> Iterator[Shape]:
    """As `layer_shapes` for any graph; the weights of one layer at a time are created to count."""
    model = recipe.model
    first = input_shape(model, recipe.data.max_length)
    shapes: list[tuple[Sizes, ...]] = []
    layers: list[Layer] = []
    for name, table, sources in zip(model.names(), model.layers, model.sources(), strict=True):
        of_inputs: list[Sizes] = taken(sources, shapes, first)
        if isinstance(table, SharedLayer):
            layer, parameters = layers[model.shared_with(table)], 0
        else:
            rows = 1
            if isinstance(table, EmbeddingLayer):
                rows = embedding_rows(recipe, table, vocabulary)[1]
            layer = layer_of(table, name, classes=classes, rows=rows)
            if not isinstance(layer, Embedding):
                layer.build(of_inputs, Generator(Philox(0)))
            parameters = layer.parameter_count
            layer.parameters = {}
        shapes.append(layer.output_shapes(of_inputs))
        layers.append(layer)
        inputs, outputs = (sizes[0][-1] or 1 for sizes in (of_inputs, shapes[-1]))
        yield Shape(table, inputs, outputs, len(shapes[-1][0]) > 2, parameters)


def _numbers_of_a_document(recipe: Recipe, shapes: Sequence[Shape], kernels: Kind) -> int:
    """The most numbers at once for one document, forwards and backwards."""
    steps = recipe.data.max_length
    kept, largest_backward = 0, 0
    for shape in shapes:
        layer = shape.layer
        x, y = shape.inputs * steps, shape.outputs * (steps if shape.is_sequence else 1)
        kept += y
        if layer.type == "dropout":
            kept += y // 2  # two random bytes per number
        elif isinstance(layer, OtherLayer | SharedLayer):
            kept += 2 * (x + y)
        elif isinstance(layer, RecurrentLayer):
            directions = 1 + layer.bidirectional
            kept += directions * KEPT[kernels][layer.type] * layer.units * steps
            backward = x
            if kernels == "fast":  # blocked copies of inputs and gradients
                kept += directions * x
                backward += x + y
            largest_backward = max(largest_backward, directions * backward)
    if recipe.training.adversarial_epsilon > 0:  # perturbed embeddings and two gradients
        kept += 3 * shapes[0].outputs * steps
    return kept + largest_backward


def _lookup_table(shapes: Sequence[Shape], kernels: Kind) -> int:
    """The first recurrent layer's input product of each word, in bytes."""
    is_chain = all(not isinstance(one.layer, OtherLayer | SharedLayer) for one in shapes)
    if kernels == "plain" or shapes[0].layer.type != "embedding" or not is_chain:
        return 0
    second = next(shape for shape in shapes[1:] if shape.layer.type != "dropout")
    if not isinstance(second.layer, RecurrentLayer):
        return 0
    words = 4 * shapes[0].parameters // shapes[0].outputs
    return words * second.outputs * GATES[second.layer.type]
