"""The base class of recurrent layers: settings, parameters, states, and calls of a kernel."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.errors import ShapeError
from hoiquy.nn.initializers import GlorotUniform, Initializer, Orthogonal, Zeros
from hoiquy.nn.kernels import (
    Activation,
    Array,
    Mask,
    RecurrentKernel,
    RecurrentWeights,
    State,
    fast_recurrent,
    kernel_kind,
)
from hoiquy.nn.kernels.plain.cell import PlainCell
from hoiquy.nn.kernels.plain.recurrent import PlainRecurrent
from hoiquy.nn.layers.base import (
    Backward,
    Call,
    Context,
    Gradients,
    Layer,
    Shape,
    forward_by_call,
    known_features,
)
from hoiquy.nn.layers.recurrent_activations import plain_activation
from hoiquy.nn.layers.recurrent_dropout import DropoutRates, Factors
from hoiquy.nn.layers.recurrent_inference import (
    RecurrentInference,
    reversed_mask,
    swapped,
    swapped_mask,
    zeroed,
)
from hoiquy.nn.layers.split_rows import training_kernel

T = TypeVar("T")


@dataclass
class Recurrent(Layer):
    """The base class of recurrent layers; a subclass names its cell and its number of gates.

    Inputs are x (batch, time, features) and, optionally, the initial states (batch, units). Outputs
    are y and, with `return_state`, the states after the last step. At a masked step the states are
    carried over, and y repeats the hidden state before it.

    units: by default those of the given parameters.
    activation: Keras' name, or an activation with settings, which only plain kernels compute.
    dropout, recurrent_dropout: the rates of dropped inputs and states, with one mask for a whole
        sequence; see `recurrent_dropout.py`.
    implementation: Keras' argument; 1 lets each gate drop other inputs.
    return_sequences: y is (batch, time, units) instead of (batch, units), in the order in which the
        steps are computed.
    go_backwards: the last step is computed first.
    stateful: a call begins with the states after the previous one, row by row, until
        `reset_states`; `build` needs the batch size.
    zero_output_for_mask: y is 0 at masked steps.
    masked_with_states: initial states leave the mask in force; in Keras 3 every step then counts,
        and the mask only passes on to what follows.
    carried: the states of a stateful layer, (batch, units) each.
    """

    units: int = 0
    activation: str | Activation = "tanh"
    use_bias: bool = True
    kernel_initializer: Initializer = field(default_factory=GlorotUniform)
    recurrent_initializer: Initializer = field(default_factory=Orthogonal)
    bias_initializer: Initializer = field(default_factory=Zeros)
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    implementation: int = 2
    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    stateful: bool = False
    zero_output_for_mask: bool = False
    masked_with_states: bool = True
    carried: list[Array] = field(default_factory=list, repr=False)

    gates: ClassVar[int]
    cell_name: ClassVar[str]  # of the fast kernel, for a layer without a `plain_reason`
    n_states: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self.units and self.parameters:
            self.units = self.weights.units

    def plain_reason(self) -> str | None:
        """The setting that only the plain kernels compute, None if there is none."""
        return plain_activation("activation", self.activation)

    @abstractmethod
    def plain_cell(self) -> PlainCell:
        """The plain cell with the activations of this layer."""

    @classmethod
    def initial_parameters(
        cls, inputs: int, units: int, rng: Generator, dtype: DTypeLike
    ) -> dict[str, Array]:
        """Glorot-uniform kernel, orthogonal recurrent kernel, Keras' default bias."""
        layer = cls("", units=units)
        layer.build([(None, None, inputs)], rng, dtype)
        return layer.parameters

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        """Create the parameters and, if stateful, the states. Raises ShapeError."""
        self.output_shapes(shapes)
        features, columns = known_features(self, shapes[0]), self.gates * self.units
        self.parameters = {
            "kernel": self.kernel_initializer((features, columns), rng, dtype),
            "recurrent_kernel": self.recurrent_initializer((self.units, columns), rng, dtype),
        }
        if self.use_bias:
            self.parameters["bias"] = self.initial_bias(rng, dtype)
        if self.stateful:
            batch = shapes[0][0]
            if batch is None:
                raise self.refuse_shape(shapes[0], "a fixed batch size, since it is stateful")
            self.carried = [np.zeros((batch, self.units), dtype) for _ in range(self.n_states)]

    def initial_bias(self, rng: Generator, dtype: DTypeLike) -> Array:
        return self.bias_initializer(self.bias_shape, rng, dtype)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    @property
    def weights(self) -> RecurrentWeights:
        """The parameters; a bias of zeros for a layer that has none."""
        kernel, recurrent = self.parameters["kernel"], self.parameters["recurrent_kernel"]
        bias = self.parameters.get("bias")
        if bias is None:
            bias = np.zeros(self.bias_shape, kernel.dtype)
        return RecurrentWeights(kernel, recurrent, bias)

    @property
    def fixed_batch_size(self) -> int | None:
        return len(self.carried[0]) if self.carried else None

    def reset_states(self) -> None:
        """Let the next call of a stateful layer begin with zeros."""
        for array in self.carried:
            array[...] = 0

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if not shapes or len(shapes[0]) != 3:
            raise self.refuse_shape(shapes[0] if shapes else (), "(batch, time, features)")
        if "kernel" in self.parameters:
            self.require_size(shapes[0], -1, len(self.parameters["kernel"]))
        batch, time, _ = shapes[0]
        given = shapes[1:]
        if given and (len(given) != self.n_states or any(s[1:] != (self.units,) for s in given)):
            raise ShapeError(
                f"{self.name}: initial states have shapes {', '.join(map(str, given))}, expected "
                f"{self.n_states} of (batch, {self.units})"
            )
        y = (batch, time, self.units) if self.return_sequences else (batch, self.units)
        return (y, *[(batch, self.units)] * (self.n_states if self.return_state else 0))

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        return mask if self.return_sequences else None

    def kernel_for(self, dtype: DTypeLike) -> RecurrentKernel:
        """The kernel of this layer for arrays of this dtype."""
        if kernel_kind(dtype) == "plain" or self.plain_reason() is not None:
            return PlainRecurrent(self.plain_cell())
        recurrent_activation = getattr(self, "recurrent_activation", "sigmoid")
        return fast_recurrent(self.cell_name, str(self.activation), recurrent_activation)

    def dropout_rates(self) -> DropoutRates:
        by_gate = self.gates > 1 and (self.implementation == 1 or self.recurrent_dropout > 0)
        return DropoutRates(self.dropout, self.recurrent_dropout, self.gates, by_gate)

    def draw_factors(self, x: Array, context: Context) -> Factors:
        """The random factors of dropout for a call."""
        return self.dropout_rates().draw(x, self.units, context.rng)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        return self.call_with(self.draw_factors(inputs[0], context), inputs, masks, context)

    def call_with(
        self, factors: Factors, inputs: Sequence[Array], masks: Sequence[Mask | None],
        context: Context,
    ) -> Call:  # fmt: skip
        """`call` with factors that were drawn before: it may run beside other calls."""
        x = inputs[0]
        mask = masks[0] if self.masked_with_states or len(inputs) == 1 else None
        weights, kernel = self.weights, self.kernel_for(x.dtype)
        training = training_kernel(kernel, len(x), context.batch)
        ordered, ordered_mask = x, mask
        if self.go_backwards:
            ordered, ordered_mask = x[:, ::-1], reversed_mask(mask)
        initial = self._initial(inputs[1:], x, context)
        saved: Any = None
        packs: Any = None
        if context.wants_backward or context.rng is not None:
            packs = self._once(context, kernel.packs)
            y, saved = training.forward(
                swapped(ordered), weights, swapped_mask(ordered_mask), initial,
                factors=factors.inputs, sequences=self.return_sequences,
                state_factors=factors.state, packs=packs,
            )  # fmt: skip
            last = training.last_states(saved) if self.return_state or self.stateful else None
        else:
            y, last = kernel.infer(
                swapped(ordered), self._once(context, kernel.prepare), swapped_mask(ordered_mask),
                initial, self.return_sequences,
            )  # fmt: skip
            if self.return_sequences:
                last = State(last.hidden[-1], None if last.carry is None else last.carry[-1])
        zero_mask = ordered_mask if self.zero_output_for_mask else None
        outputs = [swapped(zeroed(y, zero_mask))]
        if last is not None:
            self._carry(_arrays(last), context)
            outputs += _arrays(last) if self.return_state else []

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y = d_outputs[0]
            d_y = np.zeros_like(y) if d_y is None else zeroed(swapped(d_y), zero_mask)
            d_last = self._d_last(d_outputs[1:], d_y)
            d_x, d_weights, d_initial = training.backward(
                d_y, weights, saved, want_d_x=context.wants_d_inputs, d_last=d_last, packs=packs
            )
            if d_x is not None:
                d_x = swapped(d_x[::-1] if self.go_backwards else d_x)
            d_given = _arrays(d_initial) if len(inputs) > 1 else []
            d_parameters = d_weights._asdict()
            return (d_x, *d_given), {key: d_parameters[key] for key in self.parameters}

        of_states = [None] * (len(outputs) - 1)
        return Call(tuple(outputs), (self.output_mask(x, masks[0]), *of_states), backward)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        return forward_by_call(self, x, mask, rng)

    def inference(self, embeddings: Array | None = None) -> RecurrentInference:
        """As `Layer.inference`; with `embeddings` (rows, inputs), x is (batch, time) indices."""
        kernel = self.kernel_for(self.weights.kernel.dtype)
        prepared = kernel.prepare(self.weights)
        table = None if embeddings is None else kernel.project(prepared, embeddings)
        return RecurrentInference(
            kernel, prepared, table, self.return_sequences, self.go_backwards,
            self.zero_output_for_mask,
        )  # fmt: skip

    def _once(self, context: Context, prepare: Callable[[RecurrentWeights], T]) -> T:
        """prepare(weights), once for all shards of a batch."""
        return context.once((id(self), prepare), lambda: prepare(self.weights))

    def _initial(self, given: Sequence[Array], x: Array, context: Context) -> State | None:
        """The given initial states, or those carried from the previous call, or None for zeros."""
        if self.stateful:
            self._check_batch(len(x), context.rows)
        if not given and not self.stateful:
            return None
        arrays = given or [array[context.rows] for array in self.carried]
        return State(*(array.astype(x.dtype, copy=False) for array in arrays))

    def _check_batch(self, rows: int, of_batch: slice) -> None:
        batch = self.fixed_batch_size
        if batch is None:
            raise ShapeError(f"{self.name}: a stateful layer has to be built with a batch size")
        begin, end, _ = of_batch.indices(batch)
        if end - begin != rows:
            found = rows if of_batch.stop is None else of_batch.stop
            raise ShapeError(
                f"{self.name}: a stateful layer takes batches of the {batch} rows it was built "
                f"for, and this one has {found}"
            )

    def _carry(self, last: list[Array], context: Context) -> None:
        for array, new in zip(self.carried, last, strict=False):
            array[context.rows] = new

    def _d_last(self, d_states: Sequence[Array | None], like: Array) -> State | None:
        """Gradients of the returned states, None if all are zero."""
        if all(d is None for d in d_states):
            return None
        zero = np.zeros((like.shape[-2], self.units), like.dtype)
        return State(*(zero if d is None else d for d in d_states))


def _arrays(state: State) -> list[Array]:
    return [array for array in state if array is not None]
