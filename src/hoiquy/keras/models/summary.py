"""The table that `model.summary()` prints, as Keras 3 draws it."""

import re
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.weights import parameter_count
from hoiquy.keras.models.model import Model
from hoiquy.keras.models.sequential import Sequential
from hoiquy.keras.models.table import table
from hoiquy.keras.tensors import Node

_BYTES = 4  # of a float32
_HEADER = ("Layer (type)", "Output Shape", "Param #")
_OPTIONS = (
    "line_length", "positions", "print_fn", "expand_nested", "show_trainable", "layer_range",
)  # fmt: skip


def print_summary(
    model: Model, line_length: int | None, positions: Any, print_fn: Callable[..., Any] | None,
    **options: Any,
) -> None:  # fmt: skip
    """Print the table.

    Args:
        model: Its layers need not be built.
        line_length: The width in characters; by default that of the terminal, at most 88 or 108.
        positions: The ends of the columns as shares of the width.
        print_fn: Called once with the whole text, instead of printing it.
        **options: `expand_nested` lists layers of nested models too, `show_trainable` adds a
            column, `layer_range` gives regular expressions for the names of the first and the
            last layer to list.

    Raises:
        KerasError: No layer has a name of `layer_range`.
        KerasTypeError: An option is unknown.
    """
    expand, trainable = options.pop("expand_nested", False), options.pop("show_trainable", False)
    ends = options.pop("layer_range", None)
    for name in options:
        raise unknown_argument("summary", name, _OPTIONS)
    layers = model.operations if ends is None else _between(model.operations, ends)
    text = summary_text(model, line_length, positions, expand, trainable, layers)
    if print_fn is None:
        print(text)
    else:
        print_fn(text + "\n")


def summary_text(
    model: Model, line_length: int | None = None, positions: Any = None, expand: bool = False,
    trainable: bool = False, layers: Sequence[Layer] | None = None,
) -> str:  # fmt: skip
    """The table of all or some layers and the numbers of parameters under it. Raises KerasError."""
    in_a_row = isinstance(model, Sequential) and not model.joins_branches
    nodes = [] if in_a_row else model.network.nodes
    has_branches = _has_branches(model, nodes)
    header, ends = list(_HEADER), list(positions or [0.45, 0.80, 1.0])
    width, aligned = 88, "<<>"
    if has_branches:
        header.append("Connected to")
        aligned += "<"
        ends, width = list(positions or [0.3, 0.56, 0.74, 1.0]), 108
    if trainable:
        header.append("Trainable")
        aligned += "^"
        ends, width = [0.9 * end for end in ends] + [1.0], width + 12
    length = line_length or min(width, shutil.get_terminal_size().columns - 4)
    rows = [
        row
        for layer in (model.operations if layers is None else layers)
        for row in _rows(layer, nodes if has_branches else None, expand, trainable)
    ]
    lines = [f'Model: "{model.name}"', *table(header, rows, _widths(ends, length), aligned)]
    return "\n".join([*lines, *_totals(model)])


def _between(layers: Sequence[Layer], names: Any) -> Sequence[Layer]:
    """The layers between those whose names match two regular expressions, both included."""
    if not (isinstance(names, list | tuple) and [type(name) for name in names] == [str, str]):
        raise KerasError(f"summary: layer_range={names!r}, expected the names of two layers")
    places = []
    for name in names:
        found = [at for at, layer in enumerate(layers) if re.match(name, layer.name)]
        if not found:
            known = ", ".join(layer.name for layer in layers)
            raise KerasError(f"summary: layer_range: no layer is named {name!r}; there are {known}")
        places.append(found)
    first, last = places
    if min(first) > max(last):
        first, last = last, first
    return layers[min(first) : max(last) + 1]


def _widths(ends: Sequence[float], length: int) -> list[int]:
    """The inner widths of the columns, borders excluded, as the table of rich shrinks them."""
    places = [0, *(int(end * length) for end in ends)]
    widths = [end - begin + 2 for begin, end in pairwise(places)]
    if min(widths) < 6:
        raise KerasError(f"summary: line_length={length} is too narrow")
    excess = sum(widths) + len(widths) + 1 - length
    for i, width in enumerate(widths):
        reduced = min(width, round(excess / (len(widths) - i)))
        widths[i], excess = width - reduced, excess - reduced
    return widths


def _has_branches(model: Model, nodes: Sequence[Node]) -> bool:
    """Whether the layers are more than a chain."""
    if not nodes:
        return False
    depths = [model.network.depths[id(node)] for node in nodes]
    if len(set(depths)) < len(depths) or any(len(node.inputs) > 1 for node in nodes):
        return True
    layers = [id(node.layer) for node in nodes]
    return len(set(layers)) < len(layers)


def _rows(
    layer: Layer, nodes: Sequence[Node] | None, expand: bool, trainable: bool, level: int = 0
) -> list[list[str]]:
    prefix = "   " * level + "└ " if level else ""
    params = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
    row = [f"{prefix}{layer.name} ({type(layer).__name__})", _shape(layer), params]
    if nodes is not None:
        row.append(_connections(layer, nodes))
    if trainable:
        row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
    rows = [row]
    if expand and isinstance(layer, Model):
        for inner in layer.operations:
            rows += _rows(inner, nodes, expand, trainable, level + 1)
    return rows


def _shape(layer: Layer) -> str:
    """The shapes of the outputs of the last call."""
    if not layer.inbound_nodes:
        if not layer.built:
            return "?"
        if isinstance(layer, Model):
            return str(layer.output_shape)
        with_shape = layer.compute_output_shape(layer.build_shapes)
        return str(with_shape)
    shapes = [tensor.shape for tensor in layer.inbound_nodes[-1].outputs]
    if len(shapes) == 1:
        return _written(shapes[0])
    return "[" + ", ".join(_written(shape) for shape in shapes) + "]"


def _written(shape: Sequence[int | None]) -> str:
    return f"({', '.join(map(str, shape))})"


def _connections(layer: Layer, nodes: Sequence[Node]) -> str:
    known = {id(node) for node in nodes}
    names = []
    for node in layer.inbound_nodes:
        if id(node) in known:
            for tensor in node.inputs:
                source = tensor._keras_history
                names.append(f"{source.operation.name}[{source.node_index}][{source.tensor_index}]")
    return ", ".join(names) or "-"


def _totals(model: Model) -> list[str]:
    trained = parameter_count(model.trainable_weights) if model.built else _built(model, True)
    kept = parameter_count(model.non_trainable_weights) if model.built else _built(model, False)
    optimizer = _optimizer_size(model)
    numbers, size = optimizer or (0, 0)
    total = trained + kept + numbers
    lines = [
        f" Total params: {total:,} ({readable_size((trained + kept) * _BYTES + size)})",
        f" Trainable params: {trained:,} ({readable_size(trained * _BYTES)})",
        f" Non-trainable params: {kept:,} ({readable_size(kept * _BYTES)})",
    ]
    if optimizer is not None:
        lines.append(f" Optimizer params: {numbers:,} ({readable_size(size)})")
    return lines


def _built(model: Model, trainable: bool) -> int:
    """The parameters of the layers that are built already."""
    variables = [variable for layer in model.layers for variable in layer.weights]
    return parameter_count([each for each in variables if each.trainable == trainable])


def _optimizer_size(model: Model) -> tuple[int, int] | None:
    """Numbers and bytes of the state of an optimizer that has trained."""
    optimizer = None if model.optimizer is None else model.optimizer.nn
    if optimizer is None or not optimizer.step:
        return None
    numbers = sum(array.size for arrays in optimizer.slots.values() for array in arrays.values())
    scalars = 1 if callable(optimizer.learning_rate) else 2  # the step, 64 bits, and the rate
    return numbers + scalars, (numbers + scalars - 1) * _BYTES + 8


def readable_size(size: float) -> str:
    """Bytes with a unit: 2048 → "2.00 KB"."""
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    for unit in units[:-1]:
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} {units[-1]}"
