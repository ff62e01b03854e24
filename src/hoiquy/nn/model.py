"""The model of a recipe: a graph of layers and, where it has one, a wide branch beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.adversarial import perturbed
from hoiquy.nn.graph import Graph, by_layer
from hoiquy.nn.kernels import Array, Gradient, Mask, gradient_values
from hoiquy.nn.layers import Context, Layer, Wide
from hoiquy.nn.losses import Output
from hoiquy.nn.regularizers import Regularizer
from hoiquy.nn.whole_batch import WholeBatch

Indices = NDArray[np.int32]
RngForLayer = Callable[[int], Generator]


@dataclass(frozen=True)
class ShardResult:
    """Loss and number of correct predictions, summed over a shard, and the gradients."""

    loss_sum: float
    correct: int
    gradients: dict[str, Gradient]


@dataclass(frozen=True)
class ShardLoss:
    """The loss of one branch of a model on one shard of a batch.

    targets: (rows, classes), one-hot or probabilities.
    class_weights: (classes,), by which the losses of the documents are multiplied.
    batch: the whole batch.
    n_branches: the model's loss is the mean of the losses of so many branches.
    output: the model's output.
    """

    targets: Array
    class_weights: Array | None
    batch: WholeBatch
    n_branches: int
    output: Output

    def of_branch(self, logits: Array) -> tuple[float, Array]:
        """The branch's share of the loss, summed over the rows, and the gradient of the mean."""
        losses, gradient = self.output.losses(logits, self.targets)
        if self.class_weights is not None:
            weights = self.class_weights[self.targets.argmax(axis=1)]
            losses, gradient = losses * weights, gradient * weights[:, None]
        divisor = gradient.dtype.type(self.batch.rows * self.n_branches)
        return float(losses.sum(dtype=np.float64)) / self.n_branches, gradient / divisor

    def n_correct(self, logits: Array) -> int:
        """How many rows the logits of the whole model predict correctly."""
        return int(self.output.is_correct(logits, self.targets).sum())


@dataclass(frozen=True)
class _Pass:
    """What every training pass through the layers of one shard shares.

    wide_logits: (rows, classes) of the wide branch, None without one; they count for `correct`.
    """

    loss: ShardLoss
    rng_for_layer: RngForLayer | None
    wide_logits: Array | None


@dataclass
class Model:
    """A graph from indices to logits, which `output` turns into probabilities.

    With a wide branch, the logits of both branches are averaged. In training each branch has its
    own loss and the model's loss is their mean: otherwise the layers would only learn what the wide
    branch, which learns much faster, leaves over.

    graph: the layers branch, with one input and one output.
    input_type: what the input is: word indices, or their values as numbers.
    mask_zero: whether the embedding masks padding.
    dtype: of all parameters and activations.
    output: the output layer's probabilities and loss.
    wide: the wide branch, if there is one.
    is_chain: whether the layers are embedding, dropout, recurrent, pooling and dense layers, one
        after another: then padding may be skipped.
    """

    graph: Graph
    input_type: Literal["indices", "values"]
    mask_zero: bool
    dtype: DTypeLike
    output: Output
    wide: Wide | None = None
    is_chain: bool = True

    @property
    def layers(self) -> list[Layer]:
        """The layers of the graph, in the order of its nodes."""
        return self.graph.layers

    @property
    def all_layers(self) -> list[Layer]:
        """The layers, then the wide branch if there is one."""
        return self.layers if self.wide is None else [*self.layers, self.wide]

    def branches(self) -> list["Model"]:
        """Each branch as a model that shares the arrays: the layers, then the wide branch."""
        layers = replace(self, wide=None)
        if self.wide is None:
            return [layers]
        return [layers, replace(layers, graph=Graph.chain(self.graph.input_shapes[0], [self.wide]))]

    @property
    def parameters(self) -> dict[str, Array]:
        """Every trained array by its name, `layer/parameter`; changing one changes the model."""
        return by_layer(self.all_layers, lambda layer: layer.parameters)

    @property
    def trained_parameters(self) -> dict[str, Array]:
        """The parameters of the layers that are not frozen."""
        return by_layer(self.all_layers, lambda layer: layer.trained_parameters)

    @property
    def arrays(self) -> dict[str, Array]:
        """The parameters, and the arrays that are kept but not trained: what a run saves."""
        return self.parameters | self.graph.state

    @property
    def penalties(self) -> dict[str, Regularizer]:
        """The penalty of each penalised parameter that is not frozen."""
        trained = self.trained_parameters
        penalties = by_layer(self.all_layers, lambda layer: layer.penalties)
        return {name: one for name, one in penalties.items() if name in trained}

    @property
    def parameter_count(self) -> int:
        """The number of parameters, as Keras counts them."""
        return sum(layer.parameter_count for layer in self.all_layers)

    @property
    def unreachable_parameter_count(self) -> int:
        """How many of them are not stored, as no index reaches them."""
        return sum(layer.unreachable_parameter_count for layer in self.all_layers)

    def penalty(self) -> float:
        """The penalties' part of the loss, as in Keras."""
        parameters = self.parameters
        return sum(one.penalty(parameters[name]) for name, one in self.penalties.items())

    def inputs(self, indices: Indices) -> tuple[Any, Mask | None]:
        """(batch, time) indices → the graph's input, time first in memory, and its mask.

        With a mask, steps at either end that are padding in every row are left out. That changes
        no output: a masked step carries the state over, and pooling does not count it.
        """
        x: Any = np.ascontiguousarray(indices.T).T
        if self.mask_zero:
            x = x[:, _counted_steps(x)]
            return x, x != 0
        return (x.astype(self.dtype)[:, :, None] if self.input_type == "values" else x), None

    def logits(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes), without dropout."""
        x, _ = self.inputs(indices)
        return self.average_branches(self.graph.forward([x]).outputs[0], x)

    def average_branches(self, logits: Array, x: Any) -> Array:
        """The model's logits, given those of the layers; x: as `inputs` returns it."""
        if self.wide is None:
            return logits
        return (logits + self.wide.forward(x, None, None)[0]) / logits.dtype.type(2)

    def probabilities(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes); those of a softmax sum to 1."""
        return self.output.probabilities(self.logits(indices))

    def shard_gradients(
        self,
        indices: Indices,
        targets: Array,
        batch: WholeBatch,
        rng_for_layer: RngForLayer | None,
        class_weights: Array | None = None,
        adversarial_epsilon: float = 0.0,
    ) -> ShardResult:
        """Loss and gradients of one shard of a batch.

        Args:
            indices: (rows, time) word indices.
            targets: (rows, classes), one-hot or probabilities.
            batch: The whole batch.
            rng_for_layer: The generator of each layer's dropout, by position; None drops nothing.
            class_weights: (classes,), by which the losses are multiplied.
            adversarial_epsilon: See `adversarial`; above 0, the loss of the layers branch is the
                mean of the loss of the documents and that of the perturbed documents.

        Returns:
            Sums over the shard, and its share of the gradients of the batch's mean loss, without
            the l2 penalty, which is added once per batch.
        """
        x, mask = self.inputs(indices)
        loss = ShardLoss(targets, class_weights, batch, len(self.branches()), self.output)
        if self.wide is None:
            shared = _Pass(loss, rng_for_layer, wide_logits=None)
            return self._layers_gradients(x, shared, adversarial_epsilon)
        wide_logits, backward = self.wide.forward(x, mask, None)
        wide_loss, d_logits = loss.of_branch(wide_logits)
        wide_gradients = _named(self.wide, backward(d_logits)[1])
        shared = _Pass(loss, rng_for_layer, wide_logits)
        result = self._layers_gradients(x, shared, adversarial_epsilon)
        return ShardResult(
            result.loss_sum + wide_loss, result.correct, result.gradients | wide_gradients
        )

    def _layers_gradients(self, x: Any, shared: _Pass, adversarial_epsilon: float) -> ShardResult:
        """Loss and gradients of the layers branch, which may be trained adversarially."""
        if adversarial_epsilon == 0:
            return _graph_gradients(self.graph, x, None, shared, first_position=0)[0]
        first, after_first = self.graph.nodes[0].layer, self.graph.after_first()
        rng = None if shared.rng_for_layer is None else shared.rng_for_layer(0)
        call = first.call([x], [None], Context(rng, wants_d_inputs=False, batch=shared.loss.batch))
        embedded, mask = call.outputs[0], call.masks[0]
        result, d_embedded = _graph_gradients(after_first, embedded, mask, shared, 1)
        assert d_embedded is not None
        moved = perturbed(embedded, d_embedded, mask, adversarial_epsilon)
        adversarial, d_moved = _graph_gradients(after_first, moved, mask, shared, 1)
        result = _mean_result(result, adversarial)
        assert d_moved is not None
        d_embedded = (d_embedded + d_moved) / d_embedded.dtype.type(2)
        result.gradients.update(_named(first, call.backward([d_embedded])[1]))
        return result


def _graph_gradients(
    graph: Graph, x: Any, mask: Mask | None, shared: _Pass, first_position: int
) -> tuple[ShardResult, Array | None]:
    """Loss and gradients of a graph with one input, and the gradient of the input.

    first_position: that of the first node in the model's graph; if it is 0, the input gets no
        gradient.
    """
    rng_for_layer = shared.rng_for_layer
    rng_for_node = rng_for_layer and partial(_from_position, rng_for_layer, first_position)
    batch = shared.loss.batch
    context = Context(wants_d_inputs=first_position > 0, batch=batch)
    forward = graph.forward([x], rng_for_node, context=context, masks=[mask])
    logits = forward.outputs[0]
    loss_sum, d_logits = shared.loss.of_branch(logits)
    loss_sum += batch.rows * sum(forward.penalties)  # of outputs: they are of the mean loss
    wide = shared.wide_logits
    correct = shared.loss.n_correct(logits if wide is None else logits + wide)
    (d_x,), gradients = graph.backward(forward, [d_logits])
    return ShardResult(loss_sum, correct, gradients), d_x


def _from_position(rng_for_layer: RngForLayer, first_position: int, node: int) -> Generator:
    return rng_for_layer(first_position + node)


def _mean_result(one: ShardResult, other: ShardResult) -> ShardResult:
    """The mean loss and gradients of two passes over the same documents; `correct` of the first."""
    gradients: dict[str, Gradient] = {}
    for name, gradient in one.gradients.items():
        values, other_values = gradient_values(gradient), gradient_values(other.gradients[name])
        gradients[name] = (values + other_values) / values.dtype.type(2)
    return ShardResult((one.loss_sum + other.loss_sum) / 2, one.correct, gradients)


def _named(layer: Layer, gradients: Mapping[str, Gradient]) -> dict[str, Gradient]:
    return {f"{layer.name}/{key}": value for key, value in gradients.items()}


def _counted_steps(x: Indices) -> slice:
    """From the first to the last step of (batch, time) indices that is not all padding."""
    steps = np.flatnonzero(x.any(axis=0))
    if len(steps) == 0:
        return slice(0, 1)  # documents without a word still need a state
    return slice(int(steps[0]), int(steps[-1]) + 1)
