"""How much memory a training will take from here on, before anything of it is done.

It counts what grows with the recipe: the arrays of one shard for each thread, the weights as often
as they are there at once, and the words' input products while documents are scored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hoiquy.nn.kernels.select import Kind
from hoiquy.nn.shards import SHARD_ROWS, shard_slices
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.model import LayerRecipe, RecurrentLayer
from hoiquy.recipe.recipe import Recipe

LIBRARY_BYTES = 25_000_000  # what is read into memory between here and the end, measured
# Numbers that a cell keeps of each step and unit: its gates, its state, the LSTM's carry.
KEPT = {
    "fast": {"simple_rnn": 2, "gru": 5, "lstm": 6},
    "plain": {"simple_rnn": 1, "gru": 5, "lstm": 6},
}
GATES = {"simple_rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes by what they are for."""

    libraries: int
    weights: int  # parameters, Adam's moments, the best weights where kept, the wide part's rates
    work: int  # arrays of the shards under way, kept to be used again
    gradients: int  # of the shards that are not added up yet, and packed weights
    scoring: int  # the words' input products, while documents are scored
    saving: int  # a checkpoint as bytes, twice

    @property
    def total(self) -> int:
        """The most at any one time."""
        at_a_time = max(self.gradients, self.scoring, self.saving)
        return self.libraries + self.weights + self.work + at_a_time


@dataclass(frozen=True)
class Shape:
    """What one layer reads and gives, in features, and how many numbers it trains."""

    layer: LayerRecipe
    reads: int
    gives: int
    gives_time: bool  # a sequence, not a vector
    parameters: int


def estimate_memory(
    recipe: Recipe, vocabulary: int, classes: int, threads: int, kernels: Kind, ngrams: int = 0
) -> MemoryEstimate:
    """Estimate the memory of a training with our own engine, beside what the process has already.

    vocabulary, ngrams: how many words there are, and how many n-grams.
    The documents and the libraries read so far are not counted: they are there. Raises RecipeError
    if the recipe has too few rows for its words.
    """
    shapes = list(layer_shapes(recipe, vocabulary, classes))
    embedded = shapes[0].gives
    rates = classes * (shapes[0].parameters // embedded + ngrams) if recipe.model.wide else 0
    weights = 4 * (sum(shape.parameters for shape in shapes) + ngrams * embedded + rates)
    copies = 4 if recipe.training.early_stopping.restore_best else 3
    shards = len(shard_slices(recipe.training.batch_size))
    at_work = min(threads, shards)
    rows = min(recipe.training.batch_size, SHARD_ROWS)
    trained = sum(shape.parameters for shape in shapes if shape.layer.type != "embedding")
    # Results wait for their turn to be added up, and those of the step before are still there.
    waiting = 1 + min(shards, threads + 4)
    return MemoryEstimate(
        libraries=LIBRARY_BYTES,
        weights=copies * weights + 4 * rates,
        work=at_work * 4 * rows * _numbers_of_a_document(recipe, shapes, kernels)
        + waiting * 4 * (shapes[0].parameters if shapes[0].layer.type == "embedding" else 0),
        gradients=4 * trained * (waiting + 2 * at_work),
        scoring=0 if ngrams else _lookup_table(shapes, kernels),
        saving=2 * copies * weights,
    )


def layer_shapes(recipe: Recipe, vocabulary: int, classes: int) -> Iterator[Shape]:
    """The layers of a recipe, from first to last."""
    reads, time = 1, True
    for layer in recipe.model.layers:
        gives, parameters = reads, 0
        if layer.type == "embedding":
            gives = layer.units
            parameters = embedding_rows(recipe, layer, vocabulary)[1] * gives
        elif layer.type == "dense":
            gives = classes if layer.units == "classes" else layer.units
            parameters = (reads + 1) * gives
        elif layer.type == "pooling":
            time = False
        elif isinstance(layer, RecurrentLayer):
            directions, biases = 1 + layer.bidirectional, 1 + (layer.type == "gru")
            each = GATES[layer.type] * layer.units * (reads + layer.units + biases)
            parameters = directions * each
            gives, time = directions * layer.units, layer.return_sequences
        yield Shape(layer, reads, gives, time, parameters)
        reads = gives


def _numbers_of_a_document(recipe: Recipe, shapes: Sequence[Shape], kernels: Kind) -> int:
    """The most numbers at once of one document on its way through the layers and back."""
    steps = recipe.data.max_length
    kept, largest_way_back = 0, 0
    for shape in shapes:
        layer = shape.layer
        x, y = shape.reads * steps, shape.gives * (steps if shape.gives_time else 1)
        kept += y
        if layer.type == "dropout":
            kept += y // 2  # two bytes decide on a number
        elif isinstance(layer, RecurrentLayer):
            directions = 1 + layer.bidirectional
            kept += directions * KEPT[kernels][layer.type] * layer.units * steps
            way_back = x
            if kernels == "fast":  # blocked copies of what comes in and of the gradients
                kept += directions * x
                way_back += x + y
            largest_way_back = max(largest_way_back, directions * way_back)
    if recipe.training.adversarial_epsilon > 0:  # the words, moved, and both their gradients
        kept += 3 * shapes[0].gives * steps
    return kept + largest_way_back


def _lookup_table(shapes: Sequence[Shape], kernels: Kind) -> int:
    """Of each word what the first recurrent layer makes of it."""
    if kernels == "plain" or shapes[0].layer.type != "embedding":
        return 0
    reader = next(shape for shape in shapes[1:] if shape.layer.type != "dropout")
    if not isinstance(reader.layer, RecurrentLayer):
        return 0
    return 4 * shapes[0].parameters // shapes[0].gives * reader.gives * GATES[reader.layer.type]
