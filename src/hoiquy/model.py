"""The model: layers in a row, and the only builder from a recipe to layers."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.adversarial import moved_against
from hoiquy.kernels import Array, Gradient, Mask, numbers_of
from hoiquy.keyed_random import Purpose, keyed_generator
from hoiquy.layer_sizes import check_size, embedding_rows
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
    NgramEmbedding,
    Recurrent,
    SimpleRNN,
)  # fmt: skip
from hoiquy.losses import binary_crossentropy, sigmoid
from hoiquy.parallel import one_blas_thread
from hoiquy.recipe import Recipe, RecurrentLayer
from hoiquy.text import Ngrams

Indices = NDArray[np.int32]
RngForLayer = Callable[[int], Generator]

RECURRENT: dict[str, type[Recurrent]] = {"simple_rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}


@dataclass(frozen=True)
class ShardResult:
    """What one shard of a batch gives: sums over its documents, and gradients."""

    loss_sum: float
    correct: int
    gradients: dict[str, Gradient]

    def mean_with(self, other: "ShardResult") -> "ShardResult":
        """The mean of two losses of the same documents; `correct` is the first one's."""
        gradients: dict[str, Gradient] = {}
        for name, gradient in self.gradients.items():
            mine, others = numbers_of(gradient), numbers_of(other.gradients[name])
            gradients[name] = (mine + others) / mine.dtype.type(2)
        return ShardResult((self.loss_sum + other.loss_sum) / 2, self.correct, gradients)


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
        x, mask = self.inputs(indices)
        return self._run(self.layers, 0, x, mask, None)[0]

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
        adversarial_epsilon: float = 0.0,
    ) -> ShardResult:
        """Loss and gradients of one shard of a batch of `batch_size` documents.

        indices: (rows, time); targets: (rows, classes), one-hot; class_weights: (classes,), which
        the losses are multiplied by. adversarial_epsilon: see `adversarial`; with it, the loss is
        the mean of two. The gradients are those of the batch's mean loss, without the l2 penalty,
        which belongs to no shard.
        """
        x, mask = self.inputs(indices)
        read = partial(
            self._loss_after_first, mask=mask, targets=targets, batch_size=batch_size,
            rng_for_layer=rng_for_layer, class_weights=class_weights,
        )  # fmt: skip
        rng = None if rng_for_layer is None else rng_for_layer(0)
        first = self.layers[0]
        embedded, backward = first.forward(x, mask, rng)
        result, d_embedded = read(embedded)
        if adversarial_epsilon > 0:
            moved = moved_against(embedded, d_embedded, mask, adversarial_epsilon)
            harder, d_moved = read(moved)
            result = result.mean_with(harder)
            d_embedded = (d_embedded + d_moved) / d_embedded.dtype.type(2)
        _, of_first = backward(d_embedded)
        result.gradients.update(_named(first, of_first))
        return result

    def _loss_after_first(
        self,
        y: Array,
        mask: Mask | None,
        targets: Array,
        batch_size: int,
        rng_for_layer: RngForLayer | None,
        class_weights: Array | None,
    ) -> tuple[ShardResult, Array]:
        """What the layers behind the first make of its output, and the gradient of that output."""
        logits, backwards = self._run(self.layers[1:], 1, y, mask, rng_for_layer)
        losses, gradient = binary_crossentropy(logits, targets)
        if class_weights is not None:
            weights = class_weights[targets.argmax(axis=1)]
            losses, gradient = losses * weights, gradient * weights[:, None]
        right = sigmoid(logits).argmax(axis=1) == targets.argmax(axis=1)
        gradient = gradient / gradient.dtype.type(batch_size)
        gradients: dict[str, Gradient] = {}
        for layer, backward in zip(reversed(self.layers[1:]), reversed(backwards), strict=True):
            d_x, of_layer = backward(gradient)
            assert d_x is not None
            gradient = d_x
            gradients |= _named(layer, of_layer)
        result = ShardResult(float(losses.sum(dtype=np.float64)), int(right.sum()), gradients)
        return result, gradient

    def _run(
        self,
        layers: Sequence[Layer],
        begin: int,
        x: Any,
        mask: Mask | None,
        rng_for_layer: RngForLayer | None,
    ) -> tuple[Array, list[Backward]]:
        """Layers one after the other, numbered from `begin`; their output and ways back."""
        backwards = []
        for position, layer in enumerate(layers, begin):
            rng = None if rng_for_layer is None else rng_for_layer(position)
            x, backward = layer.forward(x, mask, rng)
            backwards.append(backward)
        return x, backwards


def _named(layer: Layer, gradients: Mapping[str, Gradient]) -> dict[str, Gradient]:
    return {f"{layer.name}/{key}": value for key, value in gradients.items()}


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


def build_model(
    recipe: Recipe, *, vocabulary_size: int, classes: int, seed: int,
    dtype: DTypeLike = np.float32, ngrams: Ngrams | None = None,
) -> Model:  # fmt: skip
    """Build a recipe's model with fresh weights.

    vocabulary_size: number of words; see `embedding_rows`. ngrams: those of the
    vocabulary. Raises RecipeError as it does, and for a layer of more than MOST_PARAMETERS.
    """
    with one_blas_thread():
        layers = _build_layers(recipe, vocabulary_size, classes, seed, dtype, ngrams)
    layers[0].wants_d_x = False
    first = recipe.model.layers[0]
    masked = first.type == "embedding" and first.mask_zero
    return Model(layers, recipe.model.input, masked, dtype)


def _build_layers(
    recipe: Recipe, vocabulary_size: int, classes: int, seed: int, dtype: DTypeLike,
    ngrams: Ngrams | None,
) -> list[Layer]:  # fmt: skip
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
            words = Embedding.create(
                name, rows, reachable, table.units, rng, dtype, table.word_dropout,
                table.initial_limit,
            )  # fmt: skip
            layer = words
            if ngrams is not None:
                check_size(position, len(ngrams), table.units)
                layer = NgramEmbedding.with_ngrams(words, ngrams.indices)
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
