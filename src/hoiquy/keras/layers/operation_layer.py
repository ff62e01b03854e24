"""Functions of `keras.ops` on tensors of a model: each call is a layer without weights."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from autograd.tracer import getval

from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.call_arguments import Arguments, put_together, take_apart
from hoiquy.keras.layers.connected import one_or_list
from hoiquy.keras.layers.shape_probe import Outputs, probed
from hoiquy.keras.tensors import AnyArray, KerasTensor, Node, Shape
from hoiquy.keras.values.operation import Operation
from hoiquy.keras.values.scope import CallScope
from hoiquy.keras.values.traced import Traced
from hoiquy.nn.kernels import Mask
from hoiquy.nn.layers import Layer as NNLayer


class OperationLayer(Layer):
    """One call of an operation. As in Keras, it is not among `model.layers`, and drops masks.

    operation: what is computed.
    written: the arguments of the call.
    """

    is_operation = True
    operation: Operation
    written: Arguments

    def create(self, shapes: Sequence[Shape]) -> NNLayer:
        given = put_together(self.written, self.inbound_nodes[0].inputs)
        by_row = self.operation.by_row
        if callable(by_row):
            bound = self.operation.signature.bind(*given.args, **given.kwargs)
            bound.apply_defaults()
            by_row = by_row(bound.arguments)
        else:
            by_row = by_row and _constants_are_small(given, self.inbound_nodes[0].inputs)
        return Traced(
            self.name, run=self._run, shapes_of=self._shapes_of, trained=list,
            whole_batch=not by_row,
        )  # fmt: skip

    def _run(
        self, inputs: list[Any], masks: list[Any], scope: CallScope
    ) -> tuple[list[Any], list[Mask | None]]:
        outputs = self._results(inputs)
        return outputs, [None] * len(outputs)

    def _results(self, inputs: Sequence[Any]) -> list[Any]:
        given = put_together(self.written, inputs)
        result = self.operation.computed(given.args, given.kwargs)
        return list(result) if isinstance(result, list | tuple) else [result]

    def outputs_for(self, shapes: Sequence[Shape]) -> Outputs:
        """Shapes and dtypes of the outputs for inputs of these shapes."""
        known = self.__dict__.setdefault("_known_outputs", {})
        if tuple(shapes) not in known:
            known[tuple(shapes)] = self._probed(shapes)
        found: Outputs = known[tuple(shapes)]
        return found

    def _probed(self, shapes: Sequence[Shape]) -> Outputs:
        dtypes = [tensor.dtype for tensor in self.inbound_nodes[0].inputs]

        def compute(arrays: list[AnyArray]) -> list[AnyArray]:
            return [np.asarray(getval(y)) for y in self._results(arrays)]

        return probed(compute, shapes, dtypes)

    def _shapes_of(self, shapes: Sequence[Shape]) -> list[Shape]:
        return self.outputs_for(shapes).shapes


def call_operation(operation: Operation, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Record an operation on tensors of a model and return its symbolic outputs."""
    tensors, written = take_apart(args, kwargs)
    layer = _kind(operation.name)()
    layer.operation, layer.written = operation, written
    node = Node(layer, tensors, arguments=written)
    layer.inbound_nodes.append(node)
    shapes = [tensor.shape for tensor in tensors]
    found = layer.outputs_for(shapes)
    layer.build(shapes)
    node.outputs = [
        KerasTensor(shape, dtype, node, i)
        for i, (shape, dtype) in enumerate(zip(found.shapes, found.dtypes, strict=True))
    ]
    return one_or_list(node.outputs)


@cache
def _kind(name: str) -> type[OperationLayer]:
    """The class of Keras' name, which summaries show."""
    return type(name, (OperationLayer,), {"__module__": __name__})


def _constants_are_small(given: Arguments, tensors: Sequence[KerasTensor]) -> bool:
    """Whether no array among the arguments has a row for each row of the batch."""
    rank = max(len(tensor.shape) for tensor in tensors)
    for item in (*given.args, *given.kwargs.values()):
        if isinstance(item, KerasTensor) or not hasattr(item, "shape"):
            continue
        if len(item.shape) >= rank and item.shape[0] != 1:
            return False
    return all(len(tensor.shape) == rank for tensor in tensors) or len(tensors) == 1
