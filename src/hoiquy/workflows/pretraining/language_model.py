"""The language model: an embedding and recurrent layers, forwards or in both directions.

Each direction predicts the next word in its order: the state of its last layer, projected to the
embedding's width, times the row of each word (tied weights, Press and Wolf 2017) plus a bias of
that word. Training takes the softmax over candidate words; the perplexity is over all words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hoiquy.errors import RecipeError
from hoiquy.nn.initializers import GlorotUniform
from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import Recurrent
from hoiquy.nn.shards import one_blas_thread
from hoiquy.recipe.layer_sizes import check_size
from hoiquy.recipe.layer_tables import DropoutLayer, EmbeddingLayer, RecurrentLayer
from hoiquy.recipe.layers import RECURRENT
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import PAD

EMBEDDINGS, OUTPUT_BIAS, PROJECTION = "embedding/embeddings", "output/bias", "projection"
FORWARD, BACKWARD = "forward", "backward"
_SPREAD = 0.1  # standard deviation of the initial embedding

Words = NDArray[np.int32]


@dataclass
class LanguageModel:
    """Parameters by name, such as `forward/1/kernel`, and the layers of each direction.

    The layers are stateful: a piece begins with the states after the one before.
    """

    parameters: dict[str, Array]
    layers: dict[str, list[Recurrent]] = field(default_factory=dict)  # by direction

    @property
    def directions(self) -> list[str]:
        return list(self.layers)

    @property
    def states(self) -> dict[str, Array]:
        """The states that are carried on, (streams, units), by name."""
        return {
            f"state/{direction}/{place}/{number}": array
            for direction, layers in self.layers.items()
            for place, layer in enumerate(layers, start=1)
            for number, array in enumerate(layer.carried)
        }

    @property
    def arrays(self) -> dict[str, Array]:
        """What a checkpoint keeps: parameters and states."""
        return self.parameters | self.states

    @property
    def trained_parameters(self) -> dict[str, Array]:
        return self.parameters

    def reset_states(self) -> None:
        """Let the next piece begin with zeros."""
        for array in self.states.values():
            array[...] = 0

    def with_streams(self, count: int) -> "LanguageModel":
        """The same parameters with states of zeros for so many streams."""
        layers = {
            direction: [_stateful(layer, layer.parameters, count) for layer in of_direction]
            for direction, of_direction in self.layers.items()
        }
        return LanguageModel(self.parameters, layers)

    def names_of(self, direction: str) -> list[dict[str, str]]:
        """For each layer of a direction, the names of its parameters by those in the layer."""
        return [
            {key: f"{direction}/{place}/{key}" for key in layer.parameters}
            for place, layer in enumerate(self.layers[direction], start=1)
        ]


def build_language_model(
    recipe: Recipe, rows: int, streams: int, dtype: DTypeLike = np.float32
) -> LanguageModel:
    """A language model with initial weights by the recipe's seed.

    Args:
        recipe: Its layers are those of `layers_of`.
        rows: Of the embedding.
        streams: That are read side by side.
        dtype: Of all arrays.

    Raises:
        RecipeError: The layers do not fit (see `layers_of`) or are far too large.
    """
    embedding, tables = layers_of(recipe)
    check_size(0, rows, embedding.units)
    inputs = embedding.units
    for place, table in tables:
        check_size(place, 4 * (inputs + table.units), table.units)  # an LSTM's
        inputs = table.units

    rng = partial(keyed_generator, recipe.training.seed, Purpose.LANGUAGE_MODEL_WEIGHTS)
    embeddings = (_SPREAD * rng(0).standard_normal((rows, embedding.units))).astype(dtype)
    embeddings[PAD] = 0
    model = LanguageModel({EMBEDDINGS: embeddings, OUTPUT_BIAS: np.zeros(rows, dtype)})
    directions = (FORWARD, BACKWARD) if tables[0][1].bidirectional else (FORWARD,)
    with one_blas_thread():
        for part, direction in enumerate(directions, start=1):
            own, inputs = rng(part), embedding.units
            layers = model.layers[direction] = []
            for _, table in tables:
                kind = RECURRENT[table.type]
                of_layer = kind.initial_parameters(inputs, table.units, own, dtype)
                options: dict[str, Any] = {"return_sequences": True}
                if table.type == "simple_rnn":
                    options["activation"] = table.activation
                layer = kind(direction, of_layer, **options)
                layers.append(_stateful(layer, of_layer, streams))
                inputs = table.units
            for layer, names in zip(layers, model.names_of(direction), strict=True):
                model.parameters |= {names[key]: a for key, a in layer.parameters.items()}
            projection = GlorotUniform()((inputs, embedding.units), own, dtype)
            model.parameters[f"{direction}/{PROJECTION}"] = projection
    return model


# Settings that change what a cell computes or which weights it has.
_OWN_CELL = ("activation", "recurrent_activation", "use_bias", "reset_after", "go_backwards")


def layers_of(recipe: Recipe) -> tuple[EmbeddingLayer, list[tuple[int, RecurrentLayer]]]:
    """The embedding, and the positions and tables of the recurrent layers of a language model.

    These are the recipe's first recurrent layer and those that follow it, with nothing but dropout
    between them; of a layer in both directions the first alone, as those after it read the states
    of both.

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
    found = _stack(layers)
    if not found:
        raise RecipeError(
            f"the recipe {recipe.name} cannot be pretrained: it has no recurrent layer (lstm, gru "
            f"or simple_rnn)"
        )
    for _, layer in found:
        changed = [key for key in _OWN_CELL if key in layer.settings]
        if changed:
            raise RecipeError(
                f"the recipe {recipe.name} cannot be pretrained: its {layer.type} has "
                f"{changed[0]}, which a language model has not"
            )
    return first, found


def _stack(layers: Sequence[Any]) -> list[tuple[int, RecurrentLayer]]:
    found: list[tuple[int, RecurrentLayer]] = []
    for place, layer in enumerate(layers):
        if isinstance(layer, RecurrentLayer) and not (found and layer.bidirectional):
            found.append((place, layer))
            if layer.bidirectional:
                break
        elif found and not isinstance(layer, DropoutLayer):
            break
    return found


def perplexity(loss: float, targets: int) -> float:
    """exp of the mean loss: the number of equally likely words with this loss."""
    return math.exp(min(loss / max(targets, 1), 700.0))


def _stateful(layer: Recurrent, parameters: dict[str, Array], streams: int) -> Recurrent:
    dtype = parameters["kernel"].dtype
    carried = [np.zeros((streams, layer.units), dtype) for _ in range(layer.n_states)]
    return replace(layer, parameters=parameters, stateful=True, carried=carried)
