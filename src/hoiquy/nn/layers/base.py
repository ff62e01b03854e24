"""The base class of all layers: parameters, and calls that return their backward pass."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.errors import ShapeError
from hoiquy.nn.constraints import Constraint
from hoiquy.nn.initializers import Initializer
from hoiquy.nn.kernels import Array, Gradient, Mask
from hoiquy.nn.regularizers import Regularizer
from hoiquy.nn.whole_batch import WholeBatch

T = TypeVar("T")

Shape = tuple[int | None, ...]  # the batch axis first; None: any size
Gradients = dict[str, Gradient]
Backward = Callable[[Array], tuple[Array | None, Gradients]]
CallBackward = Callable[[Sequence[Array | None]], tuple[tuple[Array | None, ...], Gradients]]


class Context(NamedTuple):
    """What a call depends on beside its inputs.

    rng: of what is random in training; None at inference, where nothing is dropped.
    rows: the rows of the batch that the call computes.
    wants_d_inputs: whether the backward pass has to give the gradients of the inputs.
    wants_backward: False in prediction: the backward pass is not called and saves nothing.
    batch: shared with the other calls for shards of a batch; None: the call computes all of it.
    penalties: layers append the penalties of their outputs, which are added to the batch's loss;
        their backward passes add the gradients.
    """

    rng: Generator | None = None
    rows: slice = slice(None)
    wants_d_inputs: bool = True
    wants_backward: bool = True
    batch: WholeBatch | None = None
    penalties: list[float] | None = None

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """make(), but once for this key for all calls for shards of the batch."""
        return make() if self.batch is None else self.batch.once(key, make)

    def together(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of independent tasks, in order, on the threads that wait."""
        return [task() for task in tasks] if self.batch is None else self.batch.together(tasks)


class Call(NamedTuple):
    """One call of a layer.

    outputs, masks: one of each for every output.
    backward: (gradients of the outputs, None for zero) → (gradients of the inputs, gradients by
        parameter name); may be called once.
    """

    outputs: tuple[Array, ...]
    masks: tuple[Mask | None, ...]
    backward: CallBackward


@dataclass
class Layer:
    """One layer of a model.

    Arrays are (batch, features) or (batch, time, features), indices (batch, time); memory may be
    time-first. Masks are (batch, time), False at steps that do not count. Inputs are not modified;
    the closure of a backward pass holds everything that it needs.

    A layer implements `call`, or `forward` if it has one input and one output.

    parameters: the trained arrays, in Keras' order.
    penalties: added to the loss, by parameter name.
    constraints: what a parameter is projected to after each update, by its name.
    state: arrays that are kept with the parameters but not trained.
    """

    name: str
    parameters: dict[str, Array] = field(default_factory=dict)
    penalties: dict[str, Regularizer] = field(default_factory=dict)
    constraints: dict[str, Constraint] = field(default_factory=dict)
    state: dict[str, Array] = field(default_factory=dict)
    trainable: bool = True

    @property
    def type_name(self) -> str:
        """Keras' class name, for the summary."""
        return type(self).__name__

    @property
    def parameter_count(self) -> int:
        """The number of parameters, as Keras counts them."""
        return sum(array.size for array in (*self.parameters.values(), *self.state.values()))

    @property
    def unreachable_parameter_count(self) -> int:
        """The number of parameters that no input can reach."""
        return 0

    @property
    def adds_to_loss(self) -> bool:
        """Whether it adds to the loss even where nothing takes its outputs."""
        return False

    @property
    def couples_rows(self) -> bool:
        """Whether the output of a row depends on other rows of the batch in training."""
        return False

    @property
    def couples_rows_at_inference(self) -> bool:
        """Whether it does so in prediction, too: see `graph.Node`."""
        return False

    @property
    def fixed_batch_size(self) -> int | None:
        """The only batch size that the layer takes, None if it takes any."""
        return None

    @property
    def trained_parameters(self) -> dict[str, Array]:
        """The parameters, unless the layer is frozen."""
        return self.parameters if self.trainable else {}

    @property
    def final_activation(self) -> str | None:
        """The activation with which the layer ends: see `logits_layer`."""
        return None

    def logits_layer(self) -> "Layer | None":
        """This layer without its final sigmoid or softmax; None if it does not end in one.

        It shares the arrays. Losses of probabilities are computed from logits where possible.
        """
        return None

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        """Create the parameters for inputs of these shapes. Raises ShapeError."""

    def add_parameter(
        self, key: str, shape: tuple[int, ...], initializer: Initializer, rng: Generator,
        dtype: DTypeLike, trained: bool = True,
    ) -> None:  # fmt: skip
        """Create a parameter or, not trained, an array of the state, unless there is one already.

        A layer may be given weights before it is built, and a shared layer is built several times.
        Raises ShapeError if the array that is there has another shape.
        """
        arrays = self.parameters if trained else self.state
        if key not in arrays:
            arrays[key] = initializer(shape, rng, dtype)
        elif arrays[key].shape != shape:
            raise ShapeError(
                f"{self.name}: {key} has shape {arrays[key].shape}, "
                f"the settings and the input need {shape}"
            )

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        """The shapes of the outputs; by default that of the only input. Raises ShapeError."""
        return tuple(shapes)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        """Compute the outputs; by default by `forward`."""
        y, backward_of_one = self.forward_within(context, inputs[0], masks[0])

        def backward(d_outputs: Sequence[Array | None]) -> tuple[tuple[Array | None], Gradients]:
            d_y = d_outputs[0]
            d_x, gradients = backward_of_one(np.zeros_like(y) if d_y is None else d_y)
            return (d_x,), gradients

        return Call((y,), (self.output_mask(inputs[0], masks[0]),), backward)

    def forward_within(
        self, context: Context, x: Array, mask: Mask | None
    ) -> tuple[Array, Backward]:
        """`forward` within a call, for layers that depend on more of its context."""
        return self.forward(x, mask, context.rng)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        """(y, backward) of one input; backward(d_y) → (d_x, gradients by parameter name)."""
        raise NotImplementedError(f"{self.type_name} has several inputs or outputs: use call")

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        """The mask of the output; by default that of the input."""
        return mask

    def inference(self) -> Callable[[Any, Mask | None], Array]:
        """A function (x, mask) → y for many calls with the present weights, without dropout.

        Whatever depends on the weights alone is computed once.
        """
        return lambda x, mask: self.call([x], [mask], Context()).outputs[0]

    def refuse_shape(self, shape: Sequence[int | None], expected: str) -> ShapeError:
        """The error for an input of the wrong shape."""
        return ShapeError(f"{self.name}: the input has shape {tuple(shape)}, expected {expected}")

    def known_sizes(self, shape: Shape, axes: Sequence[int]) -> tuple[int, ...]:
        """The sizes of an input along axes. Raises ShapeError if one is not known."""
        sizes = []
        for axis in axes:
            size = shape[axis]
            if size is None:
                raise self.refuse_shape(shape, f"a known size of axis {axis}")
            sizes.append(size)
        return tuple(sizes)

    def require_size(self, shape: Shape, axis: int, size: int) -> None:
        """Raise ShapeError where an axis has another size than the layer was built for."""
        if shape[axis] not in (None, size):
            where = "a last dimension" if axis in (-1, len(shape) - 1) else f"a size of axis {axis}"
            raise self.refuse_shape(shape, f"{where} of {size}")

    def refuse_shapes(self, shapes: Sequence[Shape], expected: str) -> ShapeError:
        """The error for inputs that do not fit together."""
        found = ", ".join(str(tuple(shape)) for shape in shapes)
        return ShapeError(f"{self.name}: the inputs have shapes {found}, expected {expected}")


def known_features(layer: Layer, shape: Shape) -> int:
    """The last dimension of an input, which a layer with weights must know. Raises ShapeError."""
    if len(shape) < 2 or shape[-1] is None:
        raise layer.refuse_shape(shape, "a known last dimension")
    return shape[-1]


def join_parts(whole: Layer, parts: Sequence[tuple[str, Layer]]) -> None:
    """Give a layer the parameters, penalties and constraints of layers within it, by prefix."""
    for of in ("parameters", "penalties", "constraints"):
        joined = {
            prefix + key: value
            for prefix, part in parts
            for key, value in getattr(part, of).items()
        }
        setattr(whole, of, joined)


def forward_by_call(
    layer: Layer, x: Array, mask: Mask | None, rng: Generator | None
) -> tuple[Array, Backward]:
    """`Layer.forward` for a layer that implements `call`: x alone goes in, the first output out."""
    call = layer.call([x], [mask], Context(rng))
    others = [None] * (len(call.outputs) - 1)

    def backward(d_y: Array) -> tuple[Array | None, Gradients]:
        (d_x,), gradients = call.backward([d_y, *others])
        return d_x, gradients

    return call.outputs[0], backward
