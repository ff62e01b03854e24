"""Models of a script's class with a `call`: connected as `call` calls the layers."""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.layers.calls import IN_TRAINING, is_symbolic
from hoiquy.keras.layers.input_layer import InputLayer
from hoiquy.keras.layers.script_weights import layers_in
from hoiquy.keras.models.network import Network
from hoiquy.keras.shapes import as_shape
from hoiquy.keras.structures import flatten, map_leaves
from hoiquy.keras.tensors import KerasTensor
from hoiquy.keras.values.scope import code_scope, current_scope

_ONLY_IN_TRAINING = (
    "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D",
)  # fmt: skip
_NOT_LAYERS = ("_nn", "_settings", "_penalty_layer", "inbound_nodes", "_network", "_graph")


class Subclassed:
    """What a model with a `call` has beside that of other models.

    `call` runs twice on symbolic tensors, once as in training: it may leave out dropout and noise
    in prediction, but nothing else. The layers then run on their own kernels.
    """

    _name: str

    @property
    def has_call(self) -> bool:
        """Whether the script's class defines `call`."""
        return any(
            "call" in vars(base)
            for base in type(self).__mro__
            if not base.__module__.startswith("hoiquy.")
        )

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        """As any layer; with several arguments, or before it is built, `call` itself runs."""
        several = len(args) > 1 or bool(kwargs.keys() - {"training", "mask"})
        if self.has_call and is_symbolic([list(args[1:]), kwargs]):
            return self.call(*args, **kwargs)
        runs_code = self.has_call and (several or not self.built)
        if runs_code and not is_symbolic(list(args)):
            return self._run_code(args, kwargs)
        return super().__call__(*args, **kwargs)  # type: ignore[misc]

    def _run_code(self: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        calls = late("layers.script_calls")
        args = calls.mapped(calls.as_value, tuple(args))
        kwargs = calls.mapped(calls.as_value, kwargs)
        takes = inspect.signature(self.call).parameters
        within_code = current_scope() is not None
        with code_scope(kwargs.get("training")) as scope:
            if "training" in takes:
                kwargs = {**kwargs, "training": scope.training}
            else:
                kwargs.pop("training", None)
            with np.errstate(all="ignore"):
                result = self.call(*args, **kwargs)
        return result if within_code else map_leaves(calls.as_eager, result)

    def layers_of_attributes(self) -> list[Any]:
        """The layers among the attributes, each once."""
        found: dict[int, Any] = {}
        for name, value in vars(self).items():
            if name not in _NOT_LAYERS:
                for _, layer in layers_in(name, value):
                    found.setdefault(id(layer), layer)
        return list(found.values())

    def connect_call(self: Any, input_shape: Any) -> None:
        """Connect the layers for inputs of a shape, or of several.

        Raises:
            KerasError: There is no shape.
            NotSupportedError: In training, `call` computes something else than dropout and noise.
        """
        if input_shape is None:
            raise KerasError(f"{self._name}: build needs an input shape, such as (None, 100)")
        inputs = _inputs(input_shape, f"{self._name}: input_shape")
        takes = inspect.signature(self.call).parameters
        outputs = self.call(inputs, **({"training": False} if "training" in takes else {}))
        if "training" in takes:
            plain = Network(_tensors(inputs), _tensors(outputs))
            _forget(plain)
            outputs = self.call(inputs, training=IN_TRAINING)
            network = Network(_tensors(inputs), _tensors(outputs))
            if _kinds(plain) != _kinds(network):
                raise NotSupportedError(
                    f"{self._name}: call() computes something else in training than in prediction, "
                    "other than dropout and noise, which is not supported"
                )
        self._input_structure, self._output_structure = inputs, outputs
        self._set_network(Network(_tensors(inputs), _tensors(outputs)))


def _inputs(shape: Any, where: str) -> Any:
    if isinstance(shape, dict):
        return {
            name: InputLayer(batch_shape=as_shape(one, where), name=name).output
            for name, one in shape.items()
        }
    if isinstance(shape, list) and shape and isinstance(shape[0], list | tuple):
        return [InputLayer(batch_shape=as_shape(one, where)).output for one in shape]
    return InputLayer(batch_shape=as_shape(shape, where)).output


def _tensors(structure: Any) -> list[KerasTensor]:
    tensors = flatten(structure)
    for one in tensors:
        if not isinstance(one, KerasTensor):
            raise NotSupportedError(
                f"call() of a model gave {type(one).__name__}, expected what layers and keras.ops "
                "give for its inputs"
            )
    return tensors


def _kinds(network: Network) -> Sequence[Any]:
    """The layers in order, without those that only act in training."""
    kinds = []
    for layer in network.layers:
        kind = type(layer).__name__
        if kind not in _ONLY_IN_TRAINING and kind != "InputLayer":
            kinds.append(kind if layer.is_operation else id(layer))
    return kinds


def _forget(network: Network) -> None:
    """Take the calls of a trial back."""
    for node in network.nodes:
        if node.inputs:
            node.layer.inbound_nodes.remove(node)
