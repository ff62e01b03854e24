"""The layers between symbolic inputs and outputs, in Keras' order, and their nn graph."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.input_layer import InputLayer
from hoiquy.keras.seed import next_seed
from hoiquy.keras.tensors import KerasTensor, Node, Shape
from hoiquy.nn.graph import Graph, Tensor
from hoiquy.nn.graph import Node as GraphNode


@dataclass
class Network:
    """Symbolic inputs and outputs, and what lies between them.

    nodes: the calls of layers, those of inputs included; the deepest first, and at one depth in
        Keras' order, in which a layer that is called twice moves its averages.
    layers: each layer once, in the order of Keras 3, which is that of a model's weights.
    """

    inputs: list[KerasTensor]
    outputs: list[KerasTensor]
    nodes: list[Node] = field(init=False)
    depths: dict[int, int] = field(init=False)
    layers: list[Layer] = field(init=False)

    def __post_init__(self) -> None:
        order = _Traversal(self.inputs)
        for tensor in self.outputs:
            order.visit(tensor)
        self.depths, layer_depths = _depths(order.nodes)
        for tensor in self.inputs:
            node = tensor.node
            if isinstance(node.layer, InputLayer) and id(node.layer) not in order.first_visit:
                order.nodes.append(node)  # an input that no output depends on
                order.layers.append(node.layer)
                order.first_visit[id(node.layer)] = -1
                self.depths[id(node)] = layer_depths[id(node.layer)] = 0
        by_id = {id(node): node for node in order.nodes}
        self.nodes = [by_id[key] for key in sorted(self.depths, key=lambda key: -self.depths[key])]
        self.layers = sorted(
            order.layers, key=lambda each: (-layer_depths[id(each)], order.first_visit[id(each)])
        )
        self._check()

    def _check(self) -> None:
        """Raise KerasError for unconnected tensors and for repeated names."""
        known = {id(tensor) for tensor in self.inputs}
        for node in self.nodes:
            for tensor in node.inputs:
                if id(tensor) not in known:
                    raise KerasError(
                        f"the outputs depend on {tensor.node.layer.name}, which the inputs of the "
                        "model do not reach: add its Input to inputs"
                    )
            if node.inputs:
                known |= {id(tensor) for tensor in node.outputs}
        for tensor in self.outputs:
            if id(tensor) not in known:
                raise KerasError(
                    f"the output of {tensor.node.layer.name} does not depend on the inputs of the "
                    "model: add its Input to inputs"
                )
        names = [layer.name for layer in self.layers]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise KerasError(
                f"the name {repeated[0]!r} is used by {names.count(repeated[0])} layers: give each "
                "layer another name"
            )

    def graph(self, input_shapes: Sequence[Shape] | None = None) -> Graph:
        """The graph of `hoiquy.nn`, which shares the layers' arrays."""
        places = {id(tensor): Tensor(-1, i) for i, tensor in enumerate(self.inputs)}
        nodes: list[GraphNode] = []
        for layer in self.layers:
            layer.nn_layer.name = layer.name  # scripts rename layers by layer._name
        for node in self.nodes:
            if not node.inputs:
                continue
            inputs = tuple(places[id(tensor)] for tensor in node.inputs)
            training = node.options.get("training")
            nodes.append(GraphNode(node.layer.nn_layer, inputs, training))
            if node.layer.penalty_layer is not None:
                outputs = tuple(Tensor(len(nodes) - 1, output.index) for output in node.outputs)
                nodes.append(GraphNode(node.layer.penalty_layer, outputs))
            for output in node.outputs:
                places.setdefault(id(output), Tensor(len(nodes) - 1, output.index))
        shapes = input_shapes or [(None, *tensor.shape[1:]) for tensor in self.inputs]
        last = [places[id(tensor)] for tensor in self.outputs]
        return Graph(list(shapes), nodes, last, next_seed)

    def consumers(self, tensor: KerasTensor) -> list[Node]:
        """The nodes that take a tensor."""
        return [node for node in self.nodes if any(each is tensor for each in node.inputs)]


class _Traversal:
    """Depth-first order from outputs to inputs; `nodes` has every node after its parents."""

    def __init__(self, inputs: Sequence[KerasTensor]) -> None:
        self._inputs = {id(tensor) for tensor in inputs}
        self._finished: set[int] = set()
        self.nodes: list[Node] = []
        self.layers: list[Layer] = []
        self.first_visit: dict[int, int] = {}

    def visit(self, tensor: KerasTensor) -> None:
        """Add the node of a tensor, after all that it depends on. Deep graphs need no recursion."""
        pending = [(tensor, False)]
        while pending:
            current, is_done = pending.pop()
            node = current.node
            if id(node) in self._finished:
                continue
            if node.inputs and id(current) in self._inputs:
                continue  # what gave this input is outside of the model
            if is_done:
                self._finished.add(id(node))
                self.nodes.append(node)
                continue
            if id(node.layer) not in self.first_visit:
                self.first_visit[id(node.layer)] = len(self.first_visit)
                self.layers.append(node.layer)
            pending.append((current, True))
            pending += [(each, False) for each in reversed(node.inputs)]


def _depths(nodes: Sequence[Node]) -> tuple[dict[int, int], dict[int, int]]:
    """The distance of every node and of every layer to the last one, by id, in Keras' order."""
    known = {id(node) for node in nodes}
    of_nodes: dict[int, int] = {}
    of_layers: dict[int, int] = {}
    for node in reversed(nodes):
        depth = max(of_nodes.get(id(node), 0), of_layers.get(id(node.layer), 0))
        of_nodes[id(node)] = of_layers[id(node.layer)] = depth
        for parent in node.parents:
            if id(parent) in known:
                of_nodes[id(parent)] = max(depth + 1, of_nodes.get(id(parent), 0))
    return of_nodes, of_layers
