"""A network as a graph of layers: several inputs and outputs, shared layers, nested graphs.

A graph computes the rows of a batch and returns what its backward pass needs, as a layer does;
`GraphLayer` makes a layer of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from hoiquy.errors import ShapeError
from hoiquy.nn.call_rng import RngForNode, fresh_seed, generators, rng_of_call
from hoiquy.nn.constraints import Constraint
from hoiquy.nn.kernels import Array, Gradient, Mask, add_gradients
from hoiquy.nn.layers import Call, Context, Gradients, Layer, Shape
from hoiquy.nn.regularizers import Regularizer

T = TypeVar("T")
INFERENCE = Context()


class Tensor(NamedTuple):
    """An output of a node, or with node = -1 an input of the graph."""

    node: int
    output: int


@dataclass(frozen=True)
class Node:
    """One call of a layer. Several nodes may call the same layer.

    training: whether the call computes as in training, whatever the graph does; None: as the graph.
    """

    layer: Layer
    inputs: tuple[Tensor, ...]
    training: bool | None = None


class Pass(NamedTuple):
    """One forward pass: outputs and masks as of a `Call`.

    calls: of the nodes.
    penalties: of the outputs of layers, which are added to the loss.
    """

    outputs: tuple[Array, ...]
    masks: tuple[Mask | None, ...]
    calls: list[Call]
    wants_d_inputs: bool
    penalties: list[float]


@dataclass
class Graph:
    """Layers and how their outputs are connected.

    input_shapes: of the inputs, the batch axis (None) first.
    nodes: each follows the nodes whose outputs it takes.
    outputs: those of the graph.
    seeds: gives the seed of each call that is one in training although the graph is not.
    layers: each layer once, in the order of the nodes.
    """

    input_shapes: list[Shape]
    nodes: list[Node]
    outputs: list[Tensor]
    seeds: Callable[[], int] = fresh_seed
    layers: list[Layer] = field(init=False)

    def __post_init__(self) -> None:
        self.layers = list({id(node.layer): node.layer for node in self.nodes}.values())
        names = [layer.name for layer in self.layers]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ShapeError(f"two layers have the name {repeated[0]!r}: give each another name")

    @classmethod
    def chain(cls, input_shape: Shape, layers: Sequence[Layer]) -> "Graph":
        """Layers one after another, each with one input and one output."""
        nodes = [Node(layer, (Tensor(before, 0),)) for before, layer in enumerate(layers, -1)]
        return cls([input_shape], nodes, [Tensor(len(nodes) - 1, 0)])

    def after_first(self) -> "Graph":
        """The graph that takes the output of the first node instead of the input.

        Raises ShapeError if another node takes the input, too.
        """
        if any(tensor.node < 0 for node in self.nodes[1:] for tensor in node.inputs):
            raise ShapeError("only the first layer may take the input of this graph")

        def moved(tensors: Sequence[Tensor]) -> list[Tensor]:
            return [Tensor(node - 1, output) for node, output in tensors]

        nodes = [replace(node, inputs=tuple(moved(node.inputs))) for node in self.nodes[1:]]
        shapes = self.nodes[0].layer.output_shapes(self.input_shapes)
        return Graph(list(shapes), nodes, moved(self.outputs), self.seeds)

    @property
    def parameters(self) -> dict[str, Array]:
        """Every array that can be trained by `layer/parameter`, frozen ones included."""
        return by_layer(self.layers, lambda layer: layer.parameters)

    @property
    def trained_parameters(self) -> dict[str, Array]:
        """The parameters that are not frozen."""
        return by_layer(self.layers, lambda layer: layer.trained_parameters)

    @property
    def state(self) -> dict[str, Array]:
        """The arrays that are kept but not trained, by `layer/array`."""
        return by_layer(self.layers, lambda layer: layer.state)

    @property
    def penalties(self) -> dict[str, Regularizer]:
        """The penalty of each penalised parameter, frozen ones included."""
        return by_layer(self.layers, lambda layer: layer.penalties)

    @property
    def constraints(self) -> dict[str, Constraint]:
        """What each constrained parameter is projected to after an update."""
        return by_layer(self.layers, lambda layer: layer.constraints)

    @property
    def couples_rows(self) -> bool:
        """Whether the outputs of a row depend on other rows of the batch in training."""
        return any(layer.couples_rows for layer in self.layers)

    @property
    def couples_rows_at_inference(self) -> bool:
        """Whether they do so in prediction, too, as a call is always one in training."""
        return any(
            node.layer.couples_rows if node.training else node.layer.couples_rows_at_inference
            for node in self.nodes
        )

    @property
    def fixed_batch_size(self) -> int | None:
        """The only batch size that the graph takes, as it holds stateful layers; None for any."""
        sizes = (layer.fixed_batch_size for layer in self.layers)
        return next((size for size in sizes if size is not None), None)

    def output_shapes(self) -> list[Shape]:
        """The shapes of the outputs. Raises ShapeError."""
        shapes: list[Sequence[Shape]] = []
        for node in self.nodes:
            shapes.append(node.layer.output_shapes(_take(node.inputs, shapes, self.input_shapes)))
        return _take(self.outputs, shapes, self.input_shapes)

    def forward(
        self,
        inputs: Sequence[Array],
        rng_for_node: RngForNode | None = None,
        *,
        context: Context = INFERENCE,
        masks: Sequence[Mask | None] = (),
    ) -> Pass:
        """Compute the outputs of some rows.

        Args:
            inputs: As `input_shapes`.
            rng_for_node: The generator of what is random in the call of each node, by position;
                None at inference.
            context: Of the graph; its generator does not count.
            masks: Of the inputs; none by default.
        """
        input_masks = masks or [None] * len(inputs)
        needs_gradient = self._needs_gradient(context.wants_d_inputs)
        penalties: list[float] = []
        outputs: list[Sequence[Array]] = []
        output_masks: list[Sequence[Mask | None]] = []
        calls: list[Call] = []
        for position, node in enumerate(self.nodes):
            call = node.layer.call(
                _take(node.inputs, outputs, inputs),
                _take(node.inputs, output_masks, input_masks),
                context._replace(
                    rng=rng_of_call(self, position, rng_for_node, context),
                    wants_d_inputs=any(needs_gradient[tensor.node] for tensor in node.inputs),
                    penalties=penalties,
                ),
            )
            calls.append(call)
            outputs.append(call.outputs)
            output_masks.append(call.masks)
        return Pass(
            tuple(_take(self.outputs, outputs, inputs)),
            tuple(_take(self.outputs, output_masks, input_masks)),
            calls,
            context.wants_d_inputs,
            penalties,
        )

    def backward(
        self, forward: Pass, d_outputs: Sequence[Array | None]
    ) -> tuple[tuple[Array | None, ...], Gradients]:
        """The backward pass, to be called once: gradients of the inputs and of the parameters.

        d_outputs: gradients of the outputs, None where an output does not count.
        """
        sums: dict[Tensor, Array] = {}
        _add(sums, self.outputs, d_outputs)
        needs_gradient = self._needs_gradient(forward.wants_d_inputs)
        gradients: dict[str, Gradient] = {}
        for position in reversed(range(len(self.nodes))):
            node, call = self.nodes[position], forward.calls[position]
            d_node = [sums.pop(Tensor(position, i), None) for i in range(len(call.outputs))]
            counts = node.layer.adds_to_loss or any(d is not None for d in d_node)
            if needs_gradient[position] and counts:
                d_inputs, of_layer = call.backward(d_node)
                trained = {
                    f"{node.layer.name}/{key}": of_layer[key]
                    for key in node.layer.trained_parameters
                    if key in of_layer
                }
                add_gradients(gradients, trained)
                _add(sums, node.inputs, d_inputs)
        return tuple(sums.get(Tensor(-1, i)) for i in range(len(self.input_shapes))), gradients

    def _needs_gradient(self, of_inputs: bool) -> dict[int, bool]:
        """Whether the outputs of each node need a gradient, and under -1 the inputs."""
        needs = {-1: of_inputs}
        for position, node in enumerate(self.nodes):
            needs[position] = bool(node.layer.trained_parameters) or any(
                needs[tensor.node] for tensor in node.inputs
            )
        return needs


@dataclass
class GraphLayer(Layer):
    """A graph as a layer of another one; it shares the arrays."""

    graph: Graph = field(default_factory=lambda: Graph([], [], []))

    @classmethod
    def of(cls, name: str, graph: Graph) -> "GraphLayer":
        """The layer of a built graph."""
        return cls(
            name, graph.parameters, graph.penalties, graph.constraints, graph.state, graph=graph
        )

    @property
    def trained_parameters(self) -> dict[str, Array]:
        return self.graph.trained_parameters if self.trainable else {}

    @property
    def couples_rows(self) -> bool:
        return self.graph.couples_rows

    @property
    def couples_rows_at_inference(self) -> bool:
        return self.graph.couples_rows_at_inference

    @property
    def fixed_batch_size(self) -> int | None:
        return self.graph.fixed_batch_size

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return tuple(Graph(list(shapes), self.graph.nodes, self.graph.outputs).output_shapes())

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        forward = self.graph.forward(
            inputs,
            None if context.rng is None else generators(context.rng),
            context=context,
            masks=masks,
        )
        if context.penalties is not None:
            context.penalties.extend(forward.penalties)
        return Call(forward.outputs, forward.masks, lambda d: self.graph.backward(forward, d))


def by_layer(layers: Sequence[Layer], entries: Callable[[Layer], Mapping[str, T]]) -> dict[str, T]:
    """The entries of every layer, such as its parameters, by `layer/key`."""
    return {
        f"{layer.name}/{key}": value for layer in layers for key, value in entries(layer).items()
    }


def _take(tensors: Sequence[Tensor], nodes: Sequence[Sequence[T]], inputs: Sequence[T]) -> list[T]:
    """What belongs to the tensors, given what belongs to the outputs of the nodes and to inputs."""
    return [inputs[i] if node < 0 else nodes[node][i] for node, i in tensors]


def _add(
    sums: dict[Tensor, Array], tensors: Sequence[Tensor], gradients: Sequence[Array | None]
) -> None:
    """Add gradients to those of their tensors, in new arrays: layers may share theirs."""
    for tensor, gradient in zip(tensors, gradients, strict=True):
        if gradient is not None:
            sums[tensor] = sums[tensor] + gradient if tensor in sums else gradient
