"""Where Keras 3 keeps the arrays of each layer in a weights file.

A layer's place follows from its class and its order, not from its name: `layers/dense_1/vars/0` is
the first array of the second Dense of the model.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hoiquy.keras.layers.weights import Variable
from hoiquy.keras.names import snake_case
from hoiquy.keras.vectorization.vocabulary import Vocabulary

INNER = "_lookup_layer"


class WeightGroup(NamedTuple):
    """One group of arrays: its path without "/vars", the owner's name, and its variables.

    vocabulary: of a preprocessing layer, which may have weights of its tokens.
    """

    path: str
    name: str
    variables: Sequence[Variable]
    vocabulary: Vocabulary | None = None


def weight_groups(model: Any) -> Iterator[WeightGroup]:
    """The groups of a built model, those without arrays included; shared layers once."""
    yield from _groups_of_model(model, "", set())


def _groups_of_model(model: Any, path: str, seen: set[int]) -> Iterator[WeightGroup]:
    yield WeightGroup(path, model.name, ())
    counts: Counter[str] = Counter()
    for layer in model.layers:
        kind = snake_case(type(layer).__name__)
        name = f"{kind}_{counts[kind]}" if counts[kind] else kind
        counts[kind] += 1
        if id(layer) not in seen:
            seen.add(id(layer))
            yield from _groups_of_layer(layer, f"{path}/layers/{name}".lstrip("/"), seen)


def _groups_of_layer(layer: Any, path: str, seen: set[int]) -> Iterator[WeightGroup]:
    if layer.runs_script_code:
        yield from _own_groups(layer, path)
        for place, held in layer.held_layers():
            yield from _groups_of_layer(held, f"{path}/{place}", seen)
        return
    if hasattr(layer, "layers"):
        yield from _groups_of_model(layer, path, seen)
        return
    kind, variables = type(layer).__name__, layer.weights
    vocabulary = getattr(layer, "vocabulary_of_layer", None)
    if vocabulary is not None:
        yield WeightGroup(path, layer.name, (), vocabulary)
        if kind == "TextVectorization":  # Keras has a StringLookup in it
            yield WeightGroup(f"{path}/{INNER}", "string_lookup", (), vocabulary)
    elif kind == "Bidirectional":
        yield WeightGroup(path, layer.name, ())
        half = len(variables) // 2
        inner = layer.layer
        for direction, part in (("forward", variables[:half]), ("backward", variables[half:])):
            place = f"{path}/{direction}_layer"
            yield from _recurrent(place, f"{direction}_{inner.name}", inner, part)
    elif kind == "TimeDistributed":
        yield WeightGroup(path, layer.name, ())
        yield from _groups_of_layer(layer.layer, f"{path}/layer", seen)
    elif kind == "MultiHeadAttention":
        yield WeightGroup(path, layer.name, ())
        for part in ("query", "key", "value", "attention_output"):
            own = [one for one in variables if one.path.split("/")[-2] == part]
            yield WeightGroup(f"{path}/{part.removeprefix('attention_')}_dense", part, own)
    elif kind == "RNN" and layer.is_stacked:
        yield from _stacked(path, layer)
    elif kind in ("SimpleRNN", "LSTM", "GRU", "RNN"):
        yield from _recurrent(path, layer.name, layer, variables)
    else:
        yield WeightGroup(path, layer.name, variables)


def _own_groups(layer: Any, path: str) -> Iterator[WeightGroup]:
    """The arrays of a class of the script; those of a built-in recurrent layer are its cell's."""
    own = [one.variable for one in layer.own_weights()]
    kind = snake_case(type(layer.built_in).__name__)
    if kind not in ("simple_rnn", "lstm", "gru"):
        yield WeightGroup(path, layer.name, own)
        return
    of_cell = {id(one.value) for one in layer.built_in.weights}
    yield WeightGroup(path, layer.name, [one for one in own if id(one.value) not in of_cell])
    inner = [one for one in own if id(one.value) in of_cell]
    yield WeightGroup(f"{path}/cell", f"{kind}_cell", inner)


def _recurrent(
    path: str, name: str, layer: Any, variables: Sequence[Variable]
) -> Iterator[WeightGroup]:
    """The arrays of a recurrent layer belong to its cell."""
    kind = snake_case(type(layer).__name__)
    yield WeightGroup(path, name, ())
    yield WeightGroup(
        f"{path}/cell", layer.cell.name if kind == "rnn" else f"{kind}_cell", variables
    )


def _stacked(path: str, layer: Any) -> Iterator[WeightGroup]:
    yield WeightGroup(path, layer.name, ())
    yield WeightGroup(f"{path}/cell", layer.cell.name, ())
    counts: Counter[str] = Counter()
    for cell in layer.cells:
        kind = snake_case(type(cell).__name__)
        name = f"{kind}_{counts[kind]}" if counts[kind] else kind
        counts[kind] += 1
        yield WeightGroup(f"{path}/cell/cells/{name}", cell.name, cell.weights)
