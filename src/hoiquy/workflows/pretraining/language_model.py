"""The language model: an embedding and one recurrent layer, forwards or in both directions.

Each direction predicts the next word in its order: its state, projected to the embedding's width,
times the row of each word (tied weights, Press and Wolf 2017) plus a bias of that word. Training
uses sampled softmax (Jean et al. 2015, "On using very large target vocabulary"; Bengio and Senécal
2008); the perplexity is over all words.
"""

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.errors import RecipeError
from hoiquy.nn.initializers import GlorotUniform
from hoiquy.nn.kernels import Array, Gradient, kernels_for
from hoiquy.nn.layers import Dropout, Recurrent
from hoiquy.nn.layers.recurrent_inference import swapped
from hoiquy.nn.shards import one_blas_thread
from hoiquy.recipe.layer_sizes import check_size
from hoiquy.recipe.layer_tables import EmbeddingLayer, RecurrentLayer
from hoiquy.recipe.layers import RECURRENT
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import OUT_OF_VOCABULARY, PAD
from hoiquy.workflows.pretraining.negative_samples import NegativeSampler, never_predicted

EMBEDDINGS, OUTPUT_BIAS, PROJECTION = "embedding/embeddings", "output/bias", "projection"
FORWARD, BACKWARD = "forward", "backward"
_SPREAD = 0.1  # standard deviation of the initial embedding
_POSITIONS = 64  # scored over all words at once

Indices = NDArray[np.int32]


@dataclass(frozen=True)
class Sums:
    """Sums over the predicted words of some pieces, in one direction."""

    loss: float
    targets: int
    gradients: dict[str, Gradient] = field(default_factory=dict)


@dataclass(frozen=True)
class _Reading:
    """Pieces in one direction, time first, with their targets."""

    x: Indices  # (time, batch)
    places: NDArray[np.intp]  # (targets,), of the predicting states, in (time - 1) * batch
    targets: Indices  # (targets,), the next words


@dataclass
class LanguageModel:
    """Parameters by name, such as `forward/kernel`, and the layer of each direction."""

    parameters: dict[str, Array]
    layers: dict[str, Recurrent]  # by direction

    @property
    def directions(self) -> list[str]:
        return list(self.layers)

    def gradients(
        self,
        direction: str,
        indices: Indices,
        rng: Generator,
        words: NegativeSampler,
        dropout: float,
    ) -> Sums:
        """Sums of loss and gradients in one direction.

        indices: (batch, time), padded on the left. rng: for dropout and the negative samples, which
        all positions share.
        """
        reading, layer = _read(direction, indices), self.layers[direction]
        embeddings, bias = self.parameters[EMBEDDINGS], self.parameters[OUTPUT_BIAS]
        projection = self.parameters[f"{direction}/{PROJECTION}"]
        x, targets = reading.x, reading.targets
        drop = Dropout("dropout", rate=dropout)
        embedded, drop_backward = drop.forward(swapped(embeddings[x]), None, rng)
        hidden, backward = layer.forward(embedded, (x != PAD).T, None)
        hidden = swapped(hidden)
        states = _at(hidden, reading.places)
        projected = states @ projection

        drawn = words.draw(rng)
        of_drawn, of_targets = embeddings[drawn], embeddings[targets]
        corrected = bias - words.log_expected
        losses, d_targets, d_drawn = kernels_for(embeddings.dtype).sampled_softmax(
            np.einsum("ij,ij->i", projected, of_targets) + corrected[targets],
            projected @ of_drawn.T + corrected[drawn],
            targets,
            drawn,
        )
        d_projected = d_drawn @ of_drawn + d_targets[:, None] * of_targets
        d_bias = np.zeros_like(bias)
        np.add.at(d_bias, drawn, d_drawn.sum(axis=0))
        np.add.at(d_bias, targets, d_targets)

        d_hidden = np.zeros(hidden.shape, hidden.dtype)
        _flat(d_hidden)[reading.places] = d_projected @ projection.T
        d_embedded, of_layer = backward(swapped(d_hidden))
        assert d_embedded is not None
        # One array, as input and output embeddings are tied.
        add, rows = kernels_for(embeddings.dtype).embedding_backward, len(embeddings)
        d_embeddings = add(drawn[None], (d_drawn.T @ projected)[None], rows)
        add(targets[None], (d_targets[:, None] * projected)[None], rows, d_embeddings)
        d_looked_up, _ = drop_backward(d_embedded)
        assert d_looked_up is not None
        add(x, swapped(d_looked_up), rows, d_embeddings)
        gradients: dict[str, Gradient] = {
            EMBEDDINGS: d_embeddings,
            OUTPUT_BIAS: d_bias,
            f"{direction}/{PROJECTION}": states.T @ d_projected,
            **{f"{direction}/{name}": gradient for name, gradient in of_layer.items()},
        }
        return Sums(float(losses.sum(dtype=np.float64)), len(targets), gradients)

    def score(self, direction: str, indices: Indices) -> Sums:
        """The loss in one direction over all words, without dropout."""
        reading, layer = _read(direction, indices), self.layers[direction]
        embeddings, bias = self.parameters[EMBEDDINGS], self.parameters[OUTPUT_BIAS]
        hidden = layer.inference()(swapped(embeddings[reading.x]), (reading.x != PAD).T)
        hidden = swapped(hidden)
        projected = _at(hidden, reading.places) @ self.parameters[f"{direction}/{PROJECTION}"]
        bias = np.where(never_predicted(len(bias)), -np.inf, bias).astype(bias.dtype)
        loss = 0.0
        for begin in range(0, len(projected), _POSITIONS):
            some = slice(begin, begin + _POSITIONS)
            scores = projected[some] @ embeddings.T + bias
            scores -= scores.max(axis=1, keepdims=True)
            own = scores[np.arange(len(scores)), reading.targets[some]]
            totals = np.exp(scores, out=scores).sum(axis=1)
            loss += float((np.log(totals) - own).sum(dtype=np.float64))
        return Sums(loss, len(reading.targets))


def build_language_model(recipe: Recipe, rows: int, dtype: DTypeLike = np.float32) -> LanguageModel:
    """A language model of `rows` words with initial weights by the recipe's seed.

    Raises RecipeError if the layers do not fit (see `layers_of`) or are far too large.
    """
    embedding, place, table = layers_of(recipe)
    check_size(0, rows, embedding.units)
    check_size(place, 4 * (embedding.units + table.units), table.units)  # an LSTM's

    rng = partial(keyed_generator, recipe.training.seed, Purpose.LANGUAGE_MODEL_WEIGHTS)
    embeddings = (_SPREAD * rng(0).standard_normal((rows, embedding.units))).astype(dtype)
    embeddings[PAD] = 0
    parameters: dict[str, Array] = {EMBEDDINGS: embeddings, OUTPUT_BIAS: np.zeros(rows, dtype)}
    layers: dict[str, Recurrent] = {}
    kind = RECURRENT[table.type]
    options: dict[str, Any] = {"return_sequences": True}
    if table.type == "simple_rnn":
        options["activation"] = table.activation
    directions = (FORWARD, BACKWARD) if table.bidirectional else (FORWARD,)
    with one_blas_thread():
        for part, direction in enumerate(directions, start=1):
            own = rng(part)
            of_layer = kind.initial_parameters(embedding.units, table.units, own, dtype)
            layers[direction] = kind(direction, of_layer, **options)
            parameters |= {f"{direction}/{name}": array for name, array in of_layer.items()}
            shape = (table.units, embedding.units)
            parameters[f"{direction}/{PROJECTION}"] = GlorotUniform()(shape, own, dtype)
    return LanguageModel(parameters, layers)


# Settings that change what a cell computes or which weights it has.
_OWN_CELL = ("activation", "recurrent_activation", "use_bias", "reset_after", "go_backwards")


def layers_of(recipe: Recipe) -> tuple[EmbeddingLayer, int, RecurrentLayer]:
    """The embedding, and the position and table of the first recurrent layer.

    Raises RecipeError unless the first layer is an embedding with mask_zero and one is recurrent.
    """
    layers = recipe.model.layers
    if not recipe.model.is_chain:
        raise RecipeError(
            f"the recipe {recipe.name} cannot be pretrained: its layers must be a chain of "
            f"embedding, dropout, recurrent, pooling and dense layers"
        )
    first = layers[0]
    if not isinstance(first, EmbeddingLayer) or not first.mask_zero:
        is_what = "an embedding without it" if first.type == "embedding" else f"a {first.type}"
        raise RecipeError(
            f"the recipe {recipe.name} cannot be pretrained: its first layer must be an embedding "
            f"with mask_zero = true, and is {is_what}"
        )
    for place, layer in enumerate(layers):
        if isinstance(layer, RecurrentLayer):
            changed = [key for key in _OWN_CELL if key in layer.settings]
            if changed:
                raise RecipeError(
                    f"the recipe {recipe.name} cannot be pretrained: its {layer.type} has "
                    f"{changed[0]}, which a language model has not"
                )
            return first, place, layer
    raise RecipeError(
        f"the recipe {recipe.name} cannot be pretrained: it has no recurrent layer (lstm, gru or "
        f"simple_rnn)"
    )


def perplexity(sums: Sums) -> float:
    """exp of the mean loss: the number of equally likely words with this loss."""
    return math.exp(min(sums.loss / max(sums.targets, 1), 700.0))


def _read(direction: str, indices: Indices) -> _Reading:
    x = indices[:, indices.any(axis=0)].T  # without columns of padding
    x = np.ascontiguousarray(x if direction == FORWARD else x[::-1])
    following = x[1:]
    predicted = (x[:-1] != PAD) & (following != PAD) & (following != OUT_OF_VOCABULARY)
    places = np.flatnonzero(predicted)
    return _Reading(x, places, following.reshape(-1)[places])


def _flat(hidden: Array) -> Array:
    """(time, batch, units) without the last step, as rows: a view."""
    return hidden[:-1].reshape(-1, hidden.shape[-1])


def _at(hidden: Array, places: NDArray[np.intp]) -> Array:
    return np.take(_flat(hidden), places, axis=0)
