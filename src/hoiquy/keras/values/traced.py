"""A layer of `hoiquy.nn` that runs the code of a script and has its gradients from autograd."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from autograd import make_vjp
from autograd.tracer import getval

from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.values.conversion import FLOAT, as_data, kept, named_in_errors
from hoiquy.keras.values.primitives import followed_tuple
from hoiquy.keras.values.scope import CallScope, call_scope
from hoiquy.keras.values.value import Value
from hoiquy.nn.kernels import Mask
from hoiquy.nn.layers import Call, Context, Gradients, Layer, Shape

# (inputs, masks, scope) → (outputs, masks)
Run = Callable[[list[Value], list[Any], CallScope], tuple[list[Any], list[Mask | None]]]


def _nothing(*args: Any) -> Any:
    raise NotImplementedError


@dataclass
class Traced(Layer):
    """One step of the graph with one vector-Jacobian product, whatever the code computes.

    run: the code.
    shapes_of: shapes of the inputs → shapes of the outputs.
    trained: the names of the parameters that are trained now.
    whole_batch: whether a row of the outputs may depend on other rows, as code is free to compute
        across the batch; then the batch is never cut.
    adds_to_loss: as of `Layer`.
    """

    run: Run = _nothing
    shapes_of: Callable[[Sequence[Shape]], Sequence[Shape]] = _nothing
    trained: Callable[[], Sequence[str]] = _nothing
    whole_batch: bool = True
    adds_to_loss: bool = False

    @property
    def couples_rows(self) -> bool:
        return self.whole_batch

    @property
    def couples_rows_at_inference(self) -> bool:
        return self.whole_batch

    @property
    def trained_parameters(self) -> dict[str, AnyArray]:
        if not self.trainable:
            return {}
        return {name: self.parameters[name] for name in self.trained()}

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return tuple(self.shapes_of(shapes))

    def call(
        self, inputs: Sequence[AnyArray], masks: Sequence[Mask | None], context: Context
    ) -> Call:
        trained = self.trained_parameters if context.wants_backward else {}
        followed = [
            i
            for i, x in enumerate(inputs)
            if context.wants_backward and context.wants_d_inputs and x.dtype.kind == "f"
        ]
        floats = [x.dtype for x in (*inputs, *trained.values()) if x.dtype.kind == "f"]
        dtype = floats[0] if floats else FLOAT
        result = _Result(self.run, list(masks), context, dtype)
        start = (*(inputs[i] for i in followed), *trained.values())

        def compute(arguments: Any) -> Any:
            data: list[Any] = list(inputs)
            for place, i in enumerate(followed):
                data[i] = arguments[place]
            stands_for = {
                id(array): arguments[place]
                for place, array in enumerate(trained.values(), len(followed))
            }
            return result.compute(data, stands_for)

        if not start:
            compute(())
            return Call(result.outputs, result.masks, lambda d: ((None,) * len(inputs), {}))
        with named_in_errors(self.name):
            pull_back, _ = make_vjp(compute)(start)

        def backward(
            d_outputs: Sequence[AnyArray | None],
        ) -> tuple[tuple[AnyArray | None, ...], Gradients]:
            found = pull_back(result.gradients_of(d_outputs))
            d_inputs: list[AnyArray | None] = [None] * len(inputs)
            for i, gradient in zip(followed, found, strict=False):
                d_inputs[i] = np.array(gradient, inputs[i].dtype)
            of_parameters = zip(trained.items(), found[len(followed) :], strict=True)
            gradients: Gradients = {
                name: np.array(gradient, array.dtype) for (name, array), gradient in of_parameters
            }
            return tuple(d_inputs), gradients

        return Call(result.outputs, result.masks, backward)


@dataclass
class _Result:
    """What the code gave: its outputs as arrays; floats among them have gradients."""

    run: Run
    given_masks: list[Any]
    context: Context
    dtype: np.dtype[Any]
    outputs: tuple[AnyArray, ...] = ()
    masks: tuple[Mask | None, ...] = ()

    def compute(self, data: Sequence[Any], stands_for: dict[int, Any]) -> Any:
        """Run the code; returns what has a gradient: the floats, then the sum of the losses."""
        rng = self.context.rng
        with call_scope(CallScope(rng is not None, rng, stands_for)) as scope:
            values = [Value(x, mask) for x, mask in zip(data, self.given_masks, strict=True)]
            outputs, masks = self.run(values, self.given_masks, scope)
            found = [self._fitted(as_data(y)) for y in outputs]
            losses = [as_data(loss) for loss in scope.losses]
        self.outputs = tuple(np.asarray(getval(y)) for y in found)
        self.masks = tuple(masks)
        with_gradient = [y for y in found if np.asarray(getval(y)).dtype.kind == "f"]
        if self.context.penalties is not None:
            self.context.penalties.extend(scope.penalties)
        if losses and self.context.penalties is not None:
            self.context.penalties.append(float(sum(np.sum(getval(loss)) for loss in losses)))
        self._losses = [np.shape(getval(loss)) for loss in losses]
        return followed_tuple([*with_gradient, *losses])

    def gradients_of(self, d_outputs: Sequence[AnyArray | None]) -> tuple[Any, ...]:
        """Those of what `compute` returned; each loss counts as it is."""
        of_outputs = [
            np.zeros_like(y) if d is None else np.asarray(d, y.dtype)
            for y, d in zip(self.outputs, d_outputs, strict=True)
            if y.dtype.kind == "f"
        ]
        return (*of_outputs, *(np.ones(shape, self.dtype) for shape in self._losses))

    def _fitted(self, data: Any) -> Any:
        """An output as an array, floats in the dtype of the layer."""
        if isinstance(data, bool | int | float):
            data = np.asarray(data)
        kind = np.asarray(getval(data)).dtype.kind
        return kept(data, self.dtype) if kind == "f" else data
