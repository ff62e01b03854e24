"""The model: layers in a row, and a wide part beside them where the recipe has one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.adversarial import perturbed
from hoiquy.nn.kernels import Array, Gradient, Mask, gradient_values
from hoiquy.nn.layers import Backward, Layer, Wide
from hoiquy.nn.losses import Output

Indices = NDArray[np.int32]
RngForLayer = Callable[[int], Generator]


@dataclass(frozen=True)
class ShardResult:
    """What one shard of a batch gives: sums over its documents, and gradients."""

    loss_sum: float
    correct: int
    gradients: dict[str, Gradient]

    def mean_with(self, other: "ShardResult") -> "ShardResult":
        """The mean of two losses of the same documents; `correct` is the first one's."""
        gradients: dict[str, Gradient] = {}
        for name, gradient in self.gradients.items():
            mine, others = gradient_values(gradient), gradient_values(other.gradients[name])
            gradients[name] = (mine + others) / mine.dtype.type(2)
        return ShardResult((self.loss_sum + other.loss_sum) / 2, self.correct, gradients)

    def beside(self, other: "ShardResult") -> "ShardResult":
        """The sum of two losses of parts that share no parameter; `correct` is the first one's."""
        gradients = self.gradients | other.gradients
        return ShardResult(self.loss_sum + other.loss_sum, self.correct, gradients)


@dataclass(frozen=True)
class LossTargets:
    """What a shard's documents are to be answered by.

    targets: (rows, classes). class_weights: (classes,), what losses are multiplied by. losses: how
    many make the model's loss, which is their mean. output: the model's.
    """

    targets: Array
    class_weights: Array | None
    batch_size: int
    losses: int
    output: Output

    def loss_of(self, logits: Array) -> tuple[float, Array]:
        """This part of the loss, summed over the rows, and its gradient in the batch's mean."""
        losses, gradient = self.output.losses(logits, self.targets)
        if self.class_weights is not None:
            weights = self.class_weights[self.targets.argmax(axis=1)]
            losses, gradient = losses * weights, gradient * weights[:, None]
        share = gradient.dtype.type(self.batch_size * self.losses)
        return float(losses.sum(dtype=np.float64)) / self.losses, gradient / share

    def n_correct(self, logits: Array) -> int:
        """How many rows are right, by the rule of the model's output."""
        return int(self.output.is_correct(logits, self.targets).sum())


@dataclass
class Model:
    """Layers from first to last. The last one gives logits; `output` makes probabilities of them.

    Where there is a wide part, its logits and those of the layers are averaged. In training each of
    the two has a loss of its own, and the model's is their mean: so the layers need not make do
    with what the wide part, which learns much faster, leaves over.
    """

    layers: list[Layer]
    input_type: Literal["indices", "values"]
    mask_zero: bool
    dtype: DTypeLike
    output: Output
    wide: Wide | None = None

    @property
    def all_layers(self) -> list[Layer]:
        """The layers, then the wide part if there is one."""
        return self.layers if self.wide is None else [*self.layers, self.wide]

    def branches(self) -> list["Model"]:
        """Each part as a model of its own, with the same arrays: the layers, then the wide part."""
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
    def penalties(self) -> dict[str, float]:
        """The l2 factor of each penalised parameter."""
        return {
            f"{layer.name}/{key}": l2
            for layer in self.all_layers
            for key, l2 in layer.penalties.items()
        }

    @property
    def parameter_count(self) -> int:
        return sum(layer.parameter_count for layer in self.all_layers)

    @property
    def unreachable_parameter_count(self) -> int:
        return sum(layer.unreachable_parameter_count for layer in self.all_layers)

    def penalty(self) -> float:
        """The l2 part of the loss: the sum of l2 * sum of squares, as Keras adds it."""
        parameters = self.parameters
        return sum(
            l2 * float(np.vdot(parameters[name], parameters[name]))
            for name, l2 in self.penalties.items()
        )

    def inputs(self, indices: Indices) -> tuple[Any, Mask | None]:
        """What the first layer reads, time first, and the mask; (batch, time) indices come in.

        With a mask, steps at either end that are padding in every row are left out. That changes
        no output: a masked step carries the state on, and pooling does not count it.
        """
        x: Any = np.ascontiguousarray(indices.T)
        if self.mask_zero:
            x = x[_counted_steps(x)]
            return x, x != 0
        return (x.astype(self.dtype)[:, :, None] if self.input_type == "values" else x), None

    def logits(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes), nothing dropped, nothing kept."""
        x, mask = self.inputs(indices)
        return self.average_branches(self._run(self.layers, 0, x, mask, None)[0], x)

    def average_branches(self, logits: Array, x: Any) -> Array:
        """The model's logits, given those of the layers and what `inputs` made of the documents."""
        if self.wide is None:
            return logits
        return (logits + self.wide.forward(x, None, None)[0]) / logits.dtype.type(2)

    def probabilities(self, indices: Indices) -> Array:
        """(batch, time) indices → (batch, classes); a softmax adds up to 1, sigmoids need not."""
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
        """Loss and gradients of one shard of a batch of `batch_size` documents.

        indices: (rows, time); targets: (rows, classes), one-hot or probabilities; class_weights:
        (classes,), which the losses are multiplied by. adversarial_epsilon: see `adversarial`; with
        it, the loss of the layers is the mean of two. The gradients are those of the batch's mean
        loss, without the l2 penalty, which belongs to no shard.
        """
        x, mask = self.inputs(indices)
        losses = 1 if self.wide is None else 2
        loss_targets = LossTargets(targets, class_weights, batch_size, losses, self.output)
        beside: Array | None = None
        of_wide: ShardResult | None = None
        if self.wide is not None:
            beside, backward_wide = self.wide.forward(x, mask, None)
            loss, d_wide = loss_targets.loss_of(beside)
            of_wide = ShardResult(loss, 0, _named(self.wide, backward_wide(d_wide)[1]))
        read = partial(
            self._loss_after_first, mask=mask, loss_targets=loss_targets,
            rng_for_layer=rng_for_layer, beside=beside,
        )  # fmt: skip
        rng = None if rng_for_layer is None else rng_for_layer(0)
        first = self.layers[0]
        embedded, backward = first.forward(x, mask, rng)
        result, d_embedded = read(embedded)
        if adversarial_epsilon > 0:
            moved = perturbed(embedded, d_embedded, mask, adversarial_epsilon)
            harder, d_moved = read(moved)
            result = result.mean_with(harder)
            d_embedded = (d_embedded + d_moved) / d_embedded.dtype.type(2)
        _, of_first = backward(d_embedded)
        result.gradients.update(_named(first, of_first))
        return result if of_wide is None else result.beside(of_wide)

    def _loss_after_first(
        self,
        y: Array,
        mask: Mask | None,
        loss_targets: LossTargets,
        rng_for_layer: RngForLayer | None,
        beside: Array | None,
    ) -> tuple[ShardResult, Array]:
        """What the layers behind the first make of its output, and the gradient of that output.

        beside: the logits of the wide part, which count for what is right.
        """
        logits, backwards = self._run(self.layers[1:], 1, y, mask, rng_for_layer)
        loss_sum, gradient = loss_targets.loss_of(logits)
        correct = loss_targets.n_correct(logits if beside is None else logits + beside)
        gradients: dict[str, Gradient] = {}
        for layer, backward in zip(reversed(self.layers[1:]), reversed(backwards), strict=True):
            d_x, of_layer = backward(gradient)
            assert d_x is not None
            gradient = d_x
            gradients |= _named(layer, of_layer)
        return ShardResult(loss_sum, correct, gradients), gradient

    def _run(
        self,
        layers: Sequence[Layer],
        begin: int,
        x: Any,
        mask: Mask | None,
        rng_for_layer: RngForLayer | None,
    ) -> tuple[Array, list[Backward]]:
        """Layers one after the other, numbered from `begin`; their output and ways back."""
        backwards = []
        for position, layer in enumerate(layers, begin):
            rng = None if rng_for_layer is None else rng_for_layer(position)
            x, backward = layer.forward(x, mask, rng)
            backwards.append(backward)
        return x, backwards


def _named(layer: Layer, gradients: Mapping[str, Gradient]) -> dict[str, Gradient]:
    return {f"{layer.name}/{key}": value for key, value in gradients.items()}


def _counted_steps(x: Indices) -> slice:
    """From the first to the last step of (time, batch) indices that is not all padding."""
    steps = np.flatnonzero(x.any(axis=1))
    if len(steps) == 0:
        return slice(0, 1)  # documents without a word still need a state
    return slice(int(steps[0]), int(steps[-1]) + 1)
