"""The model: layers in a row, and the only builder from a recipe to layers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.errors import RecipeError
from hoiquy.kernels import Array, Mask
from hoiquy.keyed_random import Purpose, keyed_generator
from hoiquy.layers import (
    GRU,
    LSTM,
    Backward,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Layer,
    MaxPooling,
    MeanPooling,
    Recurrent,
    SimpleRNN,
)  # fmt: skip
from hoiquy.losses import binary_crossentropy, sigmoid
from hoiquy.parallel import one_blas_thread
from hoiquy.recipe import EmbeddingLayer, Recipe, RecurrentLayer
from hoiquy.text import FIRST_WORD

Indices = NDArray[np.int32]
RngForLayer = Callable[[int], Generator]

MOST_PARAMETERS = 2**29  # of one layer; the lab's largest has eleven million

RECURRENT: dict[str, type[Recurrent]] = {"simple_rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}


@dataclass(frozen=True)
class ShardResult:
    """What one shard of a batch gives: sums over its documents, and gradients."""

    loss_sum: float
    correct: int
    gradients: dict[str, Array]


@dataclass
class Model:
    """Layers from first to last. The last one gives logits: its sigmoid belongs to the loss."""

    layers: list[Layer]
    reads: Literal["indices", "values"]
    mask_zero: bool
    dtype: DTypeLike

    @property
    def parameters(self) -> dict[str, Array]:
        """Every trained array by its name, `layer/parameter`; changing one changes the model."""
        return {
            f"{layer.name}/{key}": array
            for layer in self.layers
            for key, array in layer.parameters.items()
        }

    @property
    def penalties(self) -> dict[str, float]:
        """The l2 factor of each penalised parameter."""
        return {
            f"{layer.name}/{key}": l2
            for layer in self.layers
            for key, l2 in layer.penalties.items()
        }

    @property
    def parameter_count(self) -> int:
        return sum(layer.parameter_count for layer in self.layers)

    @property
    def dead_parameter_count(self) -> int:
        return sum(layer.dead_parameter_count for layer in self.layers)

    def penalty(self) -> float:
        """The l2 part of the loss: the sum of l2 * sum of squares, as Keras adds it."""
        parameters = self.parameters
        return sum(
            l2 * float(np.vdot(parameters[name], parameters[name]))
            for name, l2 in self.penalties.items()
        )

    def inputs(self, indices: Indices) -> tuple[Any, Mask | None]:
        """What the first layer reads, time first, and the mask; (batch, time) indices come in.

        With a mask, steps at either end that are padding in every row are left out. That changes
        no output: a masked step carries the state on, and pooling does not count it.
        """
        x: Any = np.ascontiguousarray(indices.T)
        if self.mask_zero:
            x = x[_counted_steps(x)]
            return x, x != 0
        return (x.astype(self.dtype)[:, :, None] if self.reads == "values" else x), None

    def logits(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes), nothing dropped, nothing kept."""
        return self._forward(indices, None)[0]

    def probabilities(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes) sigmoid outputs, which need not add up to 1."""
        return sigmoid(self.logits(indices))

    def shard_gradients(
        self,
        indices: Indices,
        targets: Array,
        batch_size: int,
        rng_for_layer: RngForLayer | None,
        class_weights: Array | None = None,
    ) -> ShardResult:
        """Loss and gradients of one shard of a batch of `batch_size` documents.

        indices: (rows, time); targets: (rows, classes), one-hot; class_weights: (classes,), which
        the losses are multiplied by. The gradients are those of the batch's mean loss, without the
        l2 penalty, which belongs to no shard.
        """
        logits, backwards = self._forward(indices, rng_for_layer)
        losses, d_y = binary_crossentropy(logits, targets)
        if class_weights is not None:
            weights = class_weights[targets.argmax(axis=1)]
            losses, d_y = losses * weights, d_y * weights[:, None]
        right = sigmoid(logits).argmax(axis=1) == targets.argmax(axis=1)
        gradients: dict[str, Array] = {}
        gradient: Array | None = d_y / d_y.dtype.type(batch_size)
        for layer, backward in zip(reversed(self.layers), reversed(backwards), strict=True):
            assert gradient is not None
            gradient, of_layer = backward(gradient)
            gradients |= {f"{layer.name}/{key}": value for key, value in of_layer.items()}
        return ShardResult(float(losses.sum(dtype=np.float64)), int(right.sum()), gradients)

    def _forward(
        self, indices: Indices, rng_for_layer: RngForLayer | None
    ) -> tuple[Array, list[Backward]]:
        x, mask = self.inputs(indices)
        backwards = []
        for position, layer in enumerate(self.layers):
            rng = None if rng_for_layer is None else rng_for_layer(position)
            x, backward = layer.forward(x, mask, rng)
            backwards.append(backward)
        return x, backwards


def _counted_steps(x: Indices) -> slice:
    """From the first to the last step of (time, batch) indices that is not all padding."""
    steps = np.flatnonzero(x.any(axis=1))
    if len(steps) == 0:
        return slice(0, 1)  # documents without a word still need a state
    return slice(int(steps[0]), int(steps[-1]) + 1)


def layer_names(recipe: Recipe) -> list[str]:
    """Keras' names: the type, numbered from the second of its kind on (`lstm`, `lstm_1`)."""
    seen: Counter[str] = Counter()
    names = []
    for layer in recipe.model.layers:
        kind = "bidirectional" if getattr(layer, "bidirectional", False) else layer.type
        names.append(f"{kind}_{seen[kind]}" if seen[kind] else kind)
        seen[kind] += 1
    return names


def embedding_rows(recipe: Recipe, table: EmbeddingLayer, vocabulary_size: int) -> tuple[int, int]:
    """The height of an embedding as the recipe counts it, and how many of its rows are reachable.

    rows = "vocabulary" is a row for every word, as in the lab, where num_words lies far below it;
    a small vocabulary needs more, since the first word has index FIRST_WORD. Raises RecipeError
    if the recipe asks for fewer rows than there are indices.
    """
    reachable = min(recipe.text.num_words, vocabulary_size + FIRST_WORD)
    if table.rows == "vocabulary":
        return max(vocabulary_size, reachable), reachable
    if table.rows < reachable:
        raise RecipeError(
            f"model.layers: the embedding has rows = {table.rows}, but indices go up to "
            f"{reachable - 1}: set rows to {reachable} or more, or text.num_words to {table.rows}"
        )
    return table.rows, reachable


def build_model(
    recipe: Recipe, *, vocabulary_size: int, classes: int, seed: int, dtype: DTypeLike = np.float32
) -> Model:
    """Build a recipe's model with fresh weights.

    vocabulary_size: number of words; see `embedding_rows`. Raises RecipeError as it does, and for a
    layer of more than MOST_PARAMETERS.
    """
    with one_blas_thread():
        layers = _build_layers(recipe, vocabulary_size, classes, seed, dtype)
    layers[0].wants_d_x = False
    first = recipe.model.layers[0]
    masked = first.type == "embedding" and first.mask_zero
    return Model(layers, recipe.model.input, masked, dtype)


def _build_layers(
    recipe: Recipe, vocabulary_size: int, classes: int, seed: int, dtype: DTypeLike
) -> list[Layer]:
    layers: list[Layer] = []
    features = 1
    for position, (name, table) in enumerate(
        zip(layer_names(recipe), recipe.model.layers, strict=True)
    ):
        rng = keyed_generator(seed, Purpose.INITIAL_WEIGHTS, position)
        layer: Layer
        if table.type == "embedding":
            rows, reachable = embedding_rows(recipe, table, vocabulary_size)
            check_size(position, min(rows, reachable), table.units)
            layer = Embedding.create(name, rows, reachable, table.units, rng, dtype)
        elif table.type == "dropout":
            layer = Dropout(name, rate=table.rate)
        elif table.type == "pooling":
            layer = (MaxPooling if table.over_time == "max" else MeanPooling)(name)
        elif table.type == "dense":
            units = classes if table.units == "classes" else table.units
            check_size(position, features, units)
            layer = Dense.create(name, features, units, table.activation, rng, dtype)
        else:
            check_size(position, 4 * (features + table.units), table.units)  # an LSTM's
            layer = _build_recurrent(name, table, features, rng, dtype)
        features = layer.output_features(features)
        layers.append(layer)
    return layers


def check_size(position: int, rows: int, columns: int) -> None:
    """Refuse, before memory is taken, a layer that no recipe means to have."""
    if rows * columns > MOST_PARAMETERS:
        raise RecipeError(
            f"model.layers.{position}: {rows * columns:,} parameters, expected at most "
            f"{MOST_PARAMETERS:,}: take fewer units"
        )


def _build_recurrent(
    name: str, table: RecurrentLayer, inputs: int, rng: Generator, dtype: DTypeLike
) -> Layer:
    kind = RECURRENT[table.type]
    options: dict[str, Any] = {
        "return_sequences": table.return_sequences,
        "dropout": table.dropout,
    }
    if table.type == "simple_rnn":
        options["activation"] = table.activation
    l2 = {"kernel": table.kernel_l2, "recurrent_kernel": table.recurrent_l2}
    penalties = {key: factor for key, factor in l2.items() if factor > 0}

    def one_direction() -> Recurrent:
        parameters = kind.initial_parameters(inputs, table.units, rng, dtype)
        return kind(name, parameters, dict(penalties), **options)

    if not table.bidirectional:
        return one_direction()
    return Bidirectional.create(name, one_direction(), one_direction())
