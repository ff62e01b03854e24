"""The model: a chain of layers and, where the recipe has one, a wide branch beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.adversarial import perturbed
from hoiquy.nn.kernels import Array, Gradient, Mask, gradient_values
from hoiquy.nn.layers import Backward, Layer, Wide
from hoiquy.nn.losses import Output
from hoiquy.nn.regularizers import Regularizer

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
    batch_size: documents in the whole batch.
    n_branches: the model's loss is the mean of the losses of so many branches.
    output: the model's output.
    """

    targets: Array
    class_weights: Array | None
    batch_size: int
    n_branches: int
    output: Output

    def of_branch(self, logits: Array) -> tuple[float, Array]:
        """The branch's share of the loss, summed over the rows, and the gradient of the mean."""
        losses, gradient = self.output.losses(logits, self.targets)
        if self.class_weights is not None:
            weights = self.class_weights[self.targets.argmax(axis=1)]
            losses, gradient = losses * weights, gradient * weights[:, None]
        divisor = gradient.dtype.type(self.batch_size * self.n_branches)
        return float(losses.sum(dtype=np.float64)) / self.n_branches, gradient / divisor

    def n_correct(self, logits: Array) -> int:
        """How many rows the logits of the whole model predict correctly."""
        return int(self.output.is_correct(logits, self.targets).sum())


@dataclass(frozen=True)
class _Pass:
    """What every training pass through the layers of one shard shares.

    wide_logits: (rows, classes) of the wide branch, None without one; they count for `correct`.
    """

    mask: Mask | None
    loss: ShardLoss
    rng_for_layer: RngForLayer | None
    wide_logits: Array | None

    def rng(self, layer: int) -> Generator | None:
        return None if self.rng_for_layer is None else self.rng_for_layer(layer)


@dataclass
class Model:
    """Layers from first to last; `output` turns the logits of the last one into probabilities.

    With a wide branch, the logits of both branches are averaged. In training each branch has its
    own loss and the model's loss is their mean: otherwise the layers would only learn what the wide
    branch, which learns much faster, leaves over.

    layers: the layers branch.
    input_type: what the first layer takes: word indices, or their values as numbers.
    mask_zero: whether padding is masked.
    dtype: of all parameters and activations.
    output: the output layer's probabilities and loss.
    wide: the wide branch, if there is one.
    """

    layers: list[Layer]
    input_type: Literal["indices", "values"]
    mask_zero: bool
    dtype: DTypeLike
    output: Output
    wide: Wide | None = None

    @property
    def all_layers(self) -> list[Layer]:
        """The layers, then the wide branch if there is one."""
        return self.layers if self.wide is None else [*self.layers, self.wide]

    def branches(self) -> list["Model"]:
        """Each branch as a model that shares the arrays: the layers, then the wide branch."""
        layers = replace(self, wide=None)
        return [layers] if self.wide is None else [layers, replace(layers, layers=[self.wide])]

    @property
    def parameters(self) -> dict[str, Array]:
        """Every trained array by its name, `layer/parameter`; changing one changes the model."""
        return {
            f"{layer.name}/{key}": array
            for layer in self.all_layers
            for key, array in layer.parameters.items()
        }

    @property
    def penalties(self) -> dict[str, Regularizer]:
        """The penalty of each penalised parameter."""
        return {
            f"{layer.name}/{key}": regularizer
            for layer in self.all_layers
            for key, regularizer in layer.penalties.items()
        }

    @property
    def parameter_count(self) -> int:
        return sum(layer.parameter_count for layer in self.all_layers)

    @property
    def unreachable_parameter_count(self) -> int:
        return sum(layer.unreachable_parameter_count for layer in self.all_layers)

    def penalty(self) -> float:
        """The penalties' part of the loss, as in Keras."""
        parameters = self.parameters
        return sum(one.penalty(parameters[name]) for name, one in self.penalties.items())

    def inputs(self, indices: Indices) -> tuple[Any, Mask | None]:
        """(batch, time) indices → the first layer's input, time first in memory, and the mask.

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
        x, mask = self.inputs(indices)
        return self.average_branches(self._run(self.layers, 0, x, mask, None)[0], x)

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
        batch_size: int,
        rng_for_layer: RngForLayer | None,
        class_weights: Array | None = None,
        adversarial_epsilon: float = 0.0,
    ) -> ShardResult:
        """Loss and gradients of one shard of a batch.

        Args:
            indices: (rows, time) word indices.
            targets: (rows, classes), one-hot or probabilities.
            batch_size: Documents in the whole batch.
            rng_for_layer: The generator of each layer's dropout, by position; None drops nothing.
            class_weights: (classes,), by which the losses are multiplied.
            adversarial_epsilon: See `adversarial`; above 0, the loss of the layers branch is the
                mean of the loss of the documents and that of the perturbed documents.

        Returns:
            Sums over the shard, and its share of the gradients of the batch's mean loss, without
            the l2 penalty, which is added once per batch.
        """
        x, mask = self.inputs(indices)
        loss = ShardLoss(targets, class_weights, batch_size, len(self.branches()), self.output)
        if self.wide is None:
            shared = _Pass(mask, loss, rng_for_layer, wide_logits=None)
            return self._layers_gradients(x, shared, adversarial_epsilon)
        wide_logits, backward = self.wide.forward(x, mask, None)
        wide_loss, d_logits = loss.of_branch(wide_logits)
        wide_gradients = _named(self.wide, backward(d_logits)[1])
        shared = _Pass(mask, loss, rng_for_layer, wide_logits)
        result = self._layers_gradients(x, shared, adversarial_epsilon)
        return ShardResult(
            result.loss_sum + wide_loss, result.correct, result.gradients | wide_gradients
        )

    def _layers_gradients(self, x: Any, shared: _Pass, adversarial_epsilon: float) -> ShardResult:
        """Loss and gradients of the layers branch, which may be trained adversarially."""
        first = self.layers[0]
        embedded, backward = first.forward(x, shared.mask, shared.rng(0))
        result, d_embedded = self._gradients_after_first(embedded, shared)
        if adversarial_epsilon > 0:
            moved = perturbed(embedded, d_embedded, shared.mask, adversarial_epsilon)
            adversarial, d_moved = self._gradients_after_first(moved, shared)
            result = _mean_result(result, adversarial)
            d_embedded = (d_embedded + d_moved) / d_embedded.dtype.type(2)
        result.gradients.update(_named(first, backward(d_embedded)[1]))
        return result

    def _gradients_after_first(self, y: Array, shared: _Pass) -> tuple[ShardResult, Array]:
        """Loss and gradients of the layers after the first, and the gradient of y, its output."""
        layers = self.layers[1:]
        logits, backwards = self._run(layers, 1, y, shared.mask, shared.rng_for_layer)
        loss_sum, d_y = shared.loss.of_branch(logits)
        wide = shared.wide_logits
        correct = shared.loss.n_correct(logits if wide is None else logits + wide)
        gradients: dict[str, Gradient] = {}
        for layer, backward in zip(reversed(layers), reversed(backwards), strict=True):
            d_x, layer_gradients = backward(d_y)
            assert d_x is not None
            d_y = d_x
            gradients |= _named(layer, layer_gradients)
        return ShardResult(loss_sum, correct, gradients), d_y

    def _run(
        self,
        layers: Sequence[Layer],
        first_position: int,
        x: Any,
        mask: Mask | None,
        rng_for_layer: RngForLayer | None,
    ) -> tuple[Array, list[Backward]]:
        """Run consecutive layers; return the output and the backward pass of each."""
        backwards = []
        for position, layer in enumerate(layers, first_position):
            rng = None if rng_for_layer is None else rng_for_layer(position)
            x, backward = layer.forward(x, mask, rng)
            backwards.append(backward)
        return x, backwards


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
