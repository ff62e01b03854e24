"""Calls of a script's layer: on tensors of a model, on arrays, and from other code."""

import inspect
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from autograd.tracer import getval

from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.layers.call_arguments import (
    Arguments,
    Slot,
    first_of,
    mapped,
    put_together,
    same,
    take_apart,
)
from hoiquy.keras.layers.calls import IN_TRAINING
from hoiquy.keras.layers.connected import one_or_list
from hoiquy.keras.layers.shape_probe import Outputs, probed
from hoiquy.keras.structures import flatten, map_leaves, pack
from hoiquy.keras.tensors import AnyArray, KerasTensor, Node, Shape, eager_tensor
from hoiquy.keras.values.conversion import as_data
from hoiquy.keras.values.scope import CallScope, call_scope, code_scope, current_scope
from hoiquy.keras.values.tensor_shape import TensorShape
from hoiquy.keras.values.traced import Traced
from hoiquy.keras.values.value import Value
from hoiquy.nn.kernels import Mask
from hoiquy.nn.layers import Layer as NNLayer

_ONE_INPUT = Arguments((Slot(0),), {})


class ScriptCalls:
    """How the code of a layer is run.

    All calls on tensors of models have to be written alike, apart from the tensors.
    """

    adds_to_loss = False  # also where nothing takes its outputs
    _written: Arguments | None = None
    _structure: Any = None  # of the outputs

    # On tensors of a model

    def call_on_symbols(self: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Record the call and return its symbolic outputs."""
        if kwargs.get("training") is IN_TRAINING or not kwargs.get("training", True):
            kwargs = _without("training", kwargs)
        tensors, written = take_apart(args, kwargs)
        if self._written is not None and not same(self._written, written):
            raise KerasError(f"{self.name}: all calls need the same arguments; use another layer")
        self._written = written
        shapes = [tensor.shape for tensor in tensors]
        self._input_dtypes = [tensor.dtype for tensor in tensors]
        self.build_for(shapes, self._input_dtypes)
        found = self.outputs_for(shapes)
        in_list = isinstance(first_of(written, self.name), list | tuple)
        node = Node(self, tensors, in_list=in_list, arguments=written)
        self.inbound_nodes.append(node)
        node.outputs = [
            KerasTensor(shape, dtype, node, i)
            for i, (shape, dtype) in enumerate(zip(found.shapes, found.dtypes, strict=True))
        ]
        return self.packed_outputs(node.outputs)

    def repeat(self: Any, args: Any, kwargs: Any) -> list[KerasTensor]:
        """Call the layer as a configuration says; returns its outputs."""
        self(*args, **kwargs)
        outputs: list[KerasTensor] = self.inbound_nodes[-1].outputs
        return outputs

    def packed_outputs(self, outputs: list[Any]) -> Any:
        """The outputs in the structure that `call` returns."""
        if self._structure is None:
            return one_or_list(list(outputs))
        return pack(self._structure, outputs)

    @property
    def nn_layer(self: Any) -> NNLayer:
        """The layer of `hoiquy.nn` that runs the code. Raises KerasError before it is built."""
        if not self.built:
            raise KerasError(f"{self.name} is not built: call it, or build(input_shape), first")
        if self._nn is None:
            arrays = self.named_arrays()
            self._nn = Traced(
                self.name,
                {name: array for name, (array, trained) in arrays.items() if trained},
                self.by_name_of_array("penalties"), self.by_name_of_array("constraints"),
                {name: array for name, (array, trained) in arrays.items() if not trained},
                self._trainable, run=self._run, shapes_of=self.output_shapes_for,
                trained=self.trained_now, adds_to_loss=self.adds_to_loss,
            )  # fmt: skip
        return self._nn  # type: ignore[no-any-return]

    def _run(
        self, inputs: list[Any], masks: list[Any], scope: CallScope
    ) -> tuple[list[Any], list[Mask | None]]:
        """One call of the code, as `values.traced` runs it."""
        written = self._written or self._for_inputs(len(inputs))
        given = put_together(written, inputs)
        result = self.invoke(given.args, dict(given.kwargs))
        self._structure = map_leaves(lambda leaf: None, result)
        leaves = flatten(result)
        return leaves, [getattr(leaf, "_keras_mask", None) for leaf in leaves]

    @staticmethod
    def _for_inputs(count: int) -> Arguments:
        if count == 1:
            return _ONE_INPUT
        return Arguments(([Slot(i) for i in range(count)],), {})

    # Shapes

    def outputs_for(self: Any, shapes: Sequence[Shape]) -> Outputs:
        """Shapes and dtypes of the outputs, by computing them for zeros."""
        known = self.__dict__.setdefault("_known_outputs", {})
        key = tuple(map(tuple, shapes))
        if key not in known:
            dtypes = self.__dict__.get("_input_dtypes") or ["float32"] * len(shapes)
            before = [(one.value, one.value.copy()) for one in self.weights]
            known[key] = probed(self._compute, shapes, dtypes[: len(shapes)])
            for array, values in before:
                array[...] = values
        found: Outputs = known[key]
        return found

    def output_shapes_for(self, shapes: Sequence[Shape]) -> list[Shape]:
        """The shapes of the outputs."""
        found: Outputs = self.outputs_for(shapes)
        return found.shapes

    def _compute(self, arrays: list[AnyArray]) -> list[AnyArray]:
        with call_scope(CallScope()) as scope:
            leaves, _ = self._run([Value(x) for x in arrays], [None] * len(arrays), scope)
            return [np.asarray(getval(as_data(leaf))) for leaf in leaves]

    def _build_arguments(self: Any, shapes: Sequence[Shape]) -> list[Any]:
        """The shapes that `build` takes: of each argument of the call, or of the inputs alone."""
        given = put_together(
            self._written or self._for_inputs(len(shapes)), [TensorShape(one) for one in shapes]
        )
        names = list(inspect.signature(self.build).parameters)
        if len(names) > 1 and len(given.args) > 1:
            return [_shapes(item) for item in given.args[: len(names)]]
        return [_shapes(first_of(given, self.name))]

    # On arrays, and within other code

    def call_on_arrays(self: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Run the code on arrays, or on what other code computes with."""
        args = mapped(as_value, tuple(args))
        kwargs = mapped(as_value, dict(kwargs))
        values = [leaf for leaf in flatten([list(args), kwargs]) if isinstance(leaf, Value)]
        if not values:
            raise KerasTypeError(f"{self.name} was called without a tensor")
        if not self.built:
            written = self._written
            counter = iter(range(len(values)))

            def slot(item: Any) -> Any:
                return Slot(next(counter)) if isinstance(item, Value) else item

            self._written = Arguments(mapped(slot, args), mapped(slot, kwargs))
            try:
                self.build_for(
                    [(None, *value.shape[1:]) for value in values],
                    [str(value.dtype) for value in values],
                )
            finally:
                self._written = written
        within_code = current_scope() is not None
        with code_scope(kwargs.get("training")):
            result = self.invoke(args, kwargs)
        return result if within_code else map_leaves(as_eager, result)

    def invoke(self: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """`call`, with the mask and `training` if it takes them; the outputs carry their mask."""
        inputs = first_of(Arguments(tuple(args), kwargs), self.name)
        masks = map_leaves(lambda leaf: getattr(leaf, "_keras_mask", None), inputs)
        has_mask = any(mask is not None for mask in flatten(masks))
        shown = map_leaves(_as_mask, masks) if has_mask else None
        takes = self._takes
        if "mask" in takes and kwargs.get("mask") is None and len(args) < 2:
            kwargs = {**kwargs, "mask": shown}
        elif "mask" in kwargs and "mask" not in takes:
            shown = kwargs["mask"]
            kwargs = _without("mask", kwargs)
        scope = current_scope()
        if "training" in takes:
            if kwargs.get("training") is None:
                kwargs = {**kwargs, "training": scope is not None and scope.training}
        else:
            kwargs = _without("training", kwargs)
        with np.errstate(all="ignore"):
            result = self.call(*args, **kwargs)
            result = map_leaves(_as_value_of_output, result)
            if self.supports_masking:
                mask = self.compute_mask(inputs, shown if shown is not None else kwargs.get("mask"))
                _attach(result, mask)
        return result

    @cached_property
    def _takes(self: Any) -> list[str]:
        return list(inspect.signature(self.call).parameters)

    def add_loss(self, *losses: Any, **kwargs: Any) -> None:
        """Add a number to the loss of the model; inside `call`.

        Raises KerasError outside of a call.
        """
        scope = current_scope()
        if scope is None:
            raise KerasError("add_loss is supported inside call() of a layer only")
        for loss in losses:
            for one in flatten(loss):
                scope.losses.append(one() if callable(one) else one)

    def add_update(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: assignments take effect at once."""


def _without(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {other: item for other, item in kwargs.items() if other != name}


def _shapes(item: Any) -> Any:
    if isinstance(item, list) or type(item) is tuple:
        return [_shapes(part) for part in item]
    return item


def as_value(item: Any) -> Any:
    """An array as the code of a script gets it; other values unchanged."""
    if isinstance(item, np.ndarray | np.generic):
        array = np.asarray(item)
        dtype = np.float32 if array.dtype == np.float64 else array.dtype
        return Value(np.asarray(array, dtype), getattr(item, "_keras_mask", None))
    return item


def _as_value_of_output(leaf: Any) -> Value:
    return leaf if isinstance(leaf, Value) else Value(as_data(leaf))


def _as_mask(mask: Any) -> Any:
    return None if mask is None else Value(np.asarray(mask))


def as_eager(leaf: Any) -> Any:
    """What the code of a script gave, as an array that carries its mask."""
    return eager_tensor(np.asarray(leaf.array), leaf._keras_mask)


def _attach(result: Any, mask: Any) -> None:
    """Give the outputs their masks."""
    leaves = flatten(result)
    masks = flatten(mask) if isinstance(mask, list | tuple) else [mask]
    for leaf, one in zip(leaves, masks, strict=False):
        leaf._keras_mask = None if one is None else np.asarray(getval(as_data(one)), bool)
