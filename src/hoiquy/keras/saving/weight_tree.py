"""Where Keras 3 keeps the arrays of each layer in a weights file.

A layer's place follows from its class and its order, not from its name: `layers/dense_1/vars/0` is
the first array of the second Dense of the model.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hoiquy.keras.layers.weights import Variable
from hoiquy.keras.names import snake_case


class WeightGroup(NamedTuple):
    """One group of arrays: its path without "/vars", the owner's name, and its variables."""

    path: str
    name: str
    variables: Sequence[Variable]


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
        own = [one.variable for one in layer.own_weights()]
        yield WeightGroup(path, layer.name, own)
        for place, held in layer.held_layers():
            yield from _groups_of_layer(held, f"{path}/{place}", seen)
        return
    if hasattr(layer, "layers"):
        yield from _groups_of_model(layer, path, seen)
        return
    kind, variables = type(layer).__name__, layer.weights
    if kind == "Bidirectional":
        yield WeightGroup(path, layer.name, ())
        half = len(variables) // 2
        inner = layer.layer
        for direction, part in (("forward", variables[:half]), ("backward", variables[half:])):
            place = f"{path}/{direction}_layer"
            yield from _recurrent(place, f"{direction}_{inner.name}", type(inner).__name__, part)
    elif kind == "TimeDistributed":
        yield WeightGroup(path, layer.name, ())
        yield from _groups_of_layer(layer.layer, f"{path}/layer", seen)
    elif kind in ("SimpleRNN", "LSTM", "GRU"):
        yield from _recurrent(path, layer.name, kind, variables)
    else:
        yield WeightGroup(path, layer.name, variables)


def _recurrent(
    path: str, name: str, kind: str, variables: Sequence[Variable]
) -> Iterator[WeightGroup]:
    """The arrays of a recurrent layer belong to its cell."""
    yield WeightGroup(path, name, ())
    yield WeightGroup(f"{path}/cell", f"{snake_case(kind)}_cell", variables)
