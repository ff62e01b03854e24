"""Loss and gradients of a piece of all streams; each direction of each shard is a task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array, Gradient, LookupGradient, add_gradients
from hoiquy.nn.layers import Recurrent
from hoiquy.nn.layers.base import Call, Context
from hoiquy.nn.layers.dropout import dropout_factors
from hoiquy.nn.layers.recurrent_inference import swapped
from hoiquy.nn.shards import ShardPool, shard_slices
from hoiquy.nn.whole_batch import WholeBatch
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.training.tables import with_tables
from hoiquy.workflows.pretraining.candidate_words import Candidates, all_words, never_predicted
from hoiquy.workflows.pretraining.language_model import (
    EMBEDDINGS,
    OUTPUT_BIAS,
    PROJECTION,
    LanguageModel,
    Words,
)
from hoiquy.workflows.pretraining.word_softmax import (
    CandidateRows,
    softmax_gradients,
    softmax_loss,
)

# Streams of a shard: enough rows for products, and several shards for the threads.
_FEWEST_STREAMS, _MOST_STREAMS = 8, 32

Places = NDArray[np.intp]
Pieces = Mapping[str, Words]  # by direction, (steps + 1, streams)


@dataclass(frozen=True)
class Sums:
    """Sums over the predicted words of some streams."""

    loss: float = 0.0
    targets: int = 0
    gradients: dict[str, Gradient] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Dropped:
    """What a step drops for all streams.

    layers: by direction, with recurrent kernels of which some weights are 0 (Merity et al. 2018).
    kernels: the factors of the recurrent kernels by parameter name.
    embeddings: (rows, 1) factors of the rows that are read, or None.
    rate: of the numbers that layers read, and of the last layer's states, one mask for a stream
        and piece (Gal and Ghahramani 2016).
    """

    layers: dict[str, list[Recurrent]]
    kernels: dict[str, Array]
    embeddings: Array | None
    rate: float

    @classmethod
    def draw(cls, model: LanguageModel, table: PretrainingTable, rng: Generator) -> "Dropped":
        """Draw by the rates of `[pretraining]`."""
        embeddings, kernels = model.parameters[EMBEDDINGS], dict[str, Array]()
        layers: dict[str, list[Recurrent]] = {}
        for direction, of_direction in model.layers.items():
            layers[direction] = []
            for layer, names in zip(of_direction, model.names_of(direction), strict=True):
                parameters = dict(layer.parameters)
                if table.weight_dropout:
                    kernel = parameters["recurrent_kernel"]
                    factors = dropout_factors(kernel.shape, table.weight_dropout, rng, kernel)
                    kernels[names["recurrent_kernel"]] = factors
                    parameters["recurrent_kernel"] = kernel * factors
                layers[direction].append(
                    replace(layer, parameters=parameters, dropout=table.dropout)
                )
        rows, rate = (len(embeddings), 1), table.embedding_dropout
        of_rows = dropout_factors(rows, rate, rng, embeddings) if rate else None
        return cls(layers, kernels, of_rows, table.dropout)


def piece_gradients(
    model: LanguageModel,
    pieces: Pieces,
    candidates: Candidates,
    dropped: Dropped,
    pool: ShardPool,
    rng: Callable[[int, int], Generator],
) -> Sums:
    """Summed loss and mean gradients of a piece; the model's states move on.

    rng: of a shard and direction.
    """
    parameters = model.parameters
    rows = CandidateRows.of(candidates, parameters[EMBEDDINGS], parameters[OUTPUT_BIAS])
    streams = next(iter(pieces.values())).shape[1]
    batch = WholeBatch(streams, pool, _shard_streams(streams))

    def run(shard: int, number: int, direction: str) -> Sums:
        of_shard = batch.slices[shard]
        context = Context(rng(shard, number), of_shard, batch=batch)
        return _gradients(model, direction, pieces[direction][:, of_shard], rows, dropped, context)

    tasks = [
        (shard, number, direction)
        for shard in range(batch.shards)
        for number, direction in enumerate(model.directions)
    ]
    loss, targets = 0.0, 0
    summed: dict[str, Gradient] = {}
    for sums in pool.starmap(run, tasks):
        loss, targets = loss + sums.loss, targets + sums.targets
        add_gradients(summed, sums.gradients)
    gradients = with_tables(summed, pool)
    for name, gradient in gradients.items():
        assert isinstance(gradient, np.ndarray)
        gradient *= gradient.dtype.type(1 / max(targets, 1))
        if name in dropped.kernels:
            gradient *= dropped.kernels[name]
    return Sums(loss, targets, gradients)


def all_rows(model: LanguageModel) -> CandidateRows:
    """Every word that is predicted, with its row of the output layer."""
    embeddings, bias = model.parameters[EMBEDDINGS], model.parameters[OUTPUT_BIAS]
    return CandidateRows.of(all_words(len(bias), bias.dtype), embeddings, bias)


def piece_loss(model: LanguageModel, pieces: Pieces, rows: CandidateRows, pool: ShardPool) -> Sums:
    """Summed loss of a piece without dropout; the model's states move on. rows: `all_rows`."""
    embeddings, bias = model.parameters[EMBEDDINGS], model.parameters[OUTPUT_BIAS]
    streams = next(iter(pieces.values())).shape[1]

    def run(direction: str, of_shard: slice) -> Sums:
        piece, context = (
            pieces[direction][:, of_shard],
            Context(rows=of_shard, wants_backward=False),
        )
        hidden, _ = _read(model.layers[direction], embeddings[piece[:-1]], context)
        states, targets, _ = _predicting(hidden, piece[1:], len(bias))
        projected = states @ model.parameters[f"{direction}/{PROJECTION}"]
        return Sums(softmax_loss(projected, targets, rows), len(targets))

    shards = shard_slices(streams, _shard_streams(streams))
    tasks = [(direction, shard) for direction in model.directions for shard in shards]
    parts = list(pool.starmap(run, tasks))
    return Sums(sum(part.loss for part in parts), sum(part.targets for part in parts))


def _shard_streams(streams: int) -> int:
    """The streams of a shard: half of all, within limits."""
    return min(max(-(-streams // 2), _FEWEST_STREAMS), _MOST_STREAMS)


def _gradients(
    model: LanguageModel, direction: str, piece: Words, rows: CandidateRows, dropped: Dropped,
    context: Context,
) -> Sums:  # fmt: skip
    """Of one direction in some streams, sums."""
    embeddings, bias = model.parameters[EMBEDDINGS], model.parameters[OUTPUT_BIAS]
    projection, layers = model.parameters[f"{direction}/{PROJECTION}"], dropped.layers[direction]
    x, factors = piece[:-1], dropped.embeddings
    embedded = embeddings[x]
    if factors is not None:
        embedded *= factors[x]
    hidden, calls = _read(layers, embedded, context)
    kept = _kept(hidden, dropped.rate, context)
    states, targets, places = _predicting(hidden * kept, piece[1:], len(bias))
    projected = states @ projection
    loss, d = softmax_gradients(projected, targets, rows, embeddings, bias)

    d_hidden = np.zeros(hidden.shape, hidden.dtype)
    d_hidden.reshape(-1, hidden.shape[-1])[places] = d.projected @ projection.T
    d_hidden *= kept
    gradients: dict[str, Gradient] = {f"{direction}/{PROJECTION}": states.T @ d.projected}
    d_inputs: Array | None = swapped(d_hidden)
    for call, names in zip(calls[::-1], model.names_of(direction)[::-1], strict=True):
        (d_inputs, *_), of_layer = call.backward([d_inputs])
        gradients |= {names[key]: gradient for key, gradient in of_layer.items()}
    assert d_inputs is not None
    d_embedded = swapped(d_inputs)
    if factors is not None:
        d_embedded = d_embedded * factors[x]
    words, others = rows.candidates.words, targets[d.others]
    # One table, as input and output embeddings are tied.
    parts = [
        (words[None], d.candidates[None]),
        (others[None], (d.others_scores[:, None] * projected[d.others])[None]),
        (x, d_embedded),
    ]
    d_bias = np.zeros_like(bias)
    d_bias[words] = d.candidates_bias
    np.add.at(d_bias, others, d.others_scores)
    gradients |= {EMBEDDINGS: LookupGradient(len(bias), parts), OUTPUT_BIAS: d_bias}
    return Sums(loss, len(targets), gradients)


def _read(layers: list[Recurrent], embedded: Array, context: Context) -> tuple[Array, list[Call]]:
    """The states of the last layer, (steps, streams, units), and the calls of all layers."""
    hidden, calls = swapped(embedded), list[Call]()
    for layer in layers:
        calls.append(layer.call([hidden], [None], context))
        hidden = calls[-1].outputs[0]
    return swapped(hidden), calls


def _kept(hidden: Array, rate: float, context: Context) -> Array:
    """(streams, units) factors of the last layer's states."""
    shape = hidden.shape[1:]
    if not rate or context.rng is None:
        return np.ones(shape, hidden.dtype)
    return dropout_factors(shape, rate, context.rng, hidden)


def _predicting(hidden: Array, following: Words, rows: int) -> tuple[Array, Words, Places]:
    """The states that predict a word, (targets, units), the words and the places of the states."""
    places = np.flatnonzero(~never_predicted(rows)[following])
    states = np.take(hidden.reshape(-1, hidden.shape[-1]), places, axis=0)
    return states, following.reshape(-1)[places], places
