"""A graph of layers as `[[model.layers]]` of a recipe."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hoiquy.errors import InputError
from hoiquy.nn import layers as nn
from hoiquy.nn.graph import Graph, GraphLayer, Node, Tensor
from hoiquy.nn.layers import Layer
from hoiquy.nn.plain_data.layers import layer_table
from hoiquy.recipe.layer_tables import INPUT, SHARED

_RECURRENT = ("simple_rnn", "lstm", "gru")
Tables = list[dict[str, Any]]


def chain_tables(nodes: Sequence[Node]) -> Tables | None:
    """The tables of layers one after another that are those of the built-in recipes.

    None for any other graph; a recipe may still refuse the order of the layers.
    """
    masked = any(isinstance(node.layer, nn.Embedding) and node.layer.mask_zero for node in nodes)
    tables: Tables = []
    for position, node in enumerate(nodes):
        if node.inputs != (Tensor(position - 1, 0),):
            return None
        table = _known_table(node.layer, masked)
        if table is None:
            return None
        tables.append(table)
    once = len({id(node.layer) for node in nodes}) == len(nodes)
    return tables if once else None


def graph_tables(nodes: Sequence[Node]) -> Tables:
    """The tables of any graph, with names and inputs.

    Raises InputError for a layer that no table can describe.
    """
    names = _names(nodes)
    tables: Tables = []
    first_call: dict[int, str] = {}
    for name, node in zip(names, nodes, strict=True):
        inputs = [_written(tensor, names) for tensor in node.inputs]
        earlier = first_call.setdefault(id(node.layer), name)
        if earlier != name:
            table: dict[str, Any] = {"type": SHARED, "layer": earlier}
        else:
            table = _table(node.layer)
        tables.append({"type": table.pop("type"), "name": name, "inputs": inputs, **table})
    return tables


def flat_nodes(graph: Graph) -> list[Node]:
    """The nodes with those of nested graphs in their place; the last one gives the only output.

    Raises InputError if another node gives it.
    """
    nodes, outputs = _flattened(graph, [Tensor(-1, i) for i in range(len(graph.input_shapes))], [])
    if len(outputs) != 1 or outputs[0] != Tensor(len(nodes) - 1, 0):
        raise InputError("the output of the model is not the output of its last layer")
    return nodes


def _flattened(
    graph: Graph, inputs: Sequence[Tensor], nodes: list[Node]
) -> tuple[list[Node], list[Tensor]]:
    places: list[list[Tensor]] = []

    def placed(tensors: Sequence[Tensor]) -> list[Tensor]:
        return [inputs[i] if node < 0 else places[node][i] for node, i in tensors]

    for node in graph.nodes:
        if isinstance(node.layer, GraphLayer) and node.training is None:
            places.append(_flattened(node.layer.graph, placed(node.inputs), nodes)[1])
            continue
        if node.training is not None:
            raise InputError(f"{node.layer.name} is called with training={node.training}")
        nodes.append(Node(node.layer, tuple(placed(node.inputs))))
        places.append([Tensor(len(nodes) - 1, i) for i in range(_MOST_OUTPUTS)])
    return nodes, placed(graph.outputs)


_MOST_OUTPUTS = 8  # of a layer: a bidirectional LSTM with states and outputs apart has six


def _names(nodes: Sequence[Node]) -> list[str]:
    """A name for each node: that of its layer, numbered where it is taken."""
    taken: Counter[str] = Counter([INPUT])
    names = []
    for node in nodes:
        name = base = node.layer.name.replace("/", "_").replace(":", "_")
        while taken[name]:
            taken[base] += 1
            name = f"{base}_{taken[base] - 1}"
        taken[name] += 1
        names.append(name)
    return names


def _written(tensor: Tensor, names: Sequence[str]) -> str:
    if tensor.node < 0:
        return INPUT
    return f"{names[tensor.node]}:{tensor.output}" if tensor.output else names[tensor.node]


def _table(layer: Layer) -> dict[str, Any]:
    """The table of a layer in a graph."""
    known = _known_table(layer, masked=True)
    if known is not None and not known.get("bidirectional"):
        return known
    return layer_table(layer)


def _known_table(layer: Layer, masked: bool) -> dict[str, Any] | None:
    """The table of a layer of the built-in recipes; None for another one."""
    if isinstance(layer, nn.MaxPooling | nn.MeanPooling):
        if layer.keepdims or (masked and isinstance(layer, nn.MaxPooling) and not layer.uses_mask):
            return None
        return {"type": "pooling",
                "over_time": "max" if isinstance(layer, nn.MaxPooling) else "mean"}  # fmt: skip
    if isinstance(layer, nn.Bidirectional):
        table = layer_table(layer)
        inner = table.pop("layer")
        settings = set(table) - {"type", "merge_mode"}
        if settings or table.get("merge_mode") == "none" or inner.get("go_backwards"):
            return None
        return {**_recurrent(inner), "bidirectional": True,
                **{key: table[key] for key in table if key == "merge_mode"}}  # fmt: skip
    if (
        not isinstance(layer, nn.Embedding | nn.Dense | nn.Recurrent)
        and type(layer) is not nn.Dropout
    ):
        return None
    table = layer_table(layer)
    if isinstance(layer, nn.Embedding):
        return _embedding(table)
    if table["type"] in _RECURRENT:
        return _recurrent(table)
    if table["type"] == "dropout":
        table.setdefault("rate", 0.5)
        return table if table["rate"] < 1 else None
    return _with_l2(table, {"kernel_regularizer": "l2"})


def _embedding(table: dict[str, Any]) -> dict[str, Any]:
    units, rows = table.pop("output_dim"), table.pop("input_dim")
    table |= {"units": units, "rows": rows}
    initializer = table.get("embeddings_initializer")
    if isinstance(initializer, dict) and initializer["type"] == "random_uniform":
        low, high = initializer.get("minval", -0.05), initializer.get("maxval", 0.05)
        if low == -high and 0 <= high <= 10:
            del table["embeddings_initializer"]
            table["initial_limit"] = high
    return table


def _recurrent(table: dict[str, Any]) -> dict[str, Any]:
    table.pop("implementation", None)
    return _with_l2(
        table, {"kernel_regularizer": "kernel_l2", "recurrent_regularizer": "recurrent_l2"}
    )


def _with_l2(table: dict[str, Any], short: dict[str, str]) -> dict[str, Any]:
    """Penalties that are only l2 under their short names."""
    for name, key in short.items():
        penalty = table.get(name)
        if isinstance(penalty, dict) and set(penalty) == {"type", "l2"}:
            del table[name]
            table[key] = penalty["l2"]
    return table
