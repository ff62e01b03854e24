"""The layers of a Keras model from first to last, out of its config, if it is a straight line.

Keras writes a mask, and the two operations that turn indices into raw numbers, as nodes of their
own; `build_keras_model` adds one that hides masked steps from the maximum. These are understood and
left out; all else that is not a layer after another is named in the error.
"""

from dataclasses import dataclass, field
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_settings import (
    check_settings,
    is_keras_own,
    refuse_custom_class,
    shown,
)

_LOWEST = -1e38  # what a masked step is set to before the maximum lies below this
_MODEL_KEYS = (
    "name", "trainable", "dtype", "layers", "build_input_shape", "input_layers", "output_layers",
)  # fmt: skip
TEXT_LAYER = "TextVectorization"


@dataclass
class Line:
    """What a model does: its input's shape without the batch, and its layers.

    text_layer: the layer that makes indices of texts, in front of the others. notes: what matters
    in training only and is not kept.
    """

    input_shape: tuple[Any, ...] = ()
    text_layer: KerasLayer | None = None
    layers: list[KerasLayer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    makes_values: bool = False  # (time,) indices are cast to float and get a third dimension
    uses_mask: bool = False
    maximum_minds_mask: bool = False


def read_line(model: dict[str, Any], source: str) -> Line:
    """Raises InputError, which names the layer, if the model is no straight line."""
    kind, config = model.get("class_name"), model.get("config")
    if kind not in ("Sequential", "Functional") or not isinstance(config, dict):
        raise InputError(
            f"{source} holds a model of the class {kind!r}: expected a Sequential one, or a "
            f"Functional one whose layers follow each other"
        )
    if not is_keras_own(model, kind):
        mine = shown(model.get("registered_name") or kind)
        raise InputError(
            f"{source} holds a model of the class {mine}, which is not Keras' own: hoiquy cannot "
            f"know what it computes; save a plain {kind} model of its layers"
        )
    nodes = config.get("layers")
    if not isinstance(nodes, list) or not all(_is_node(node) for node in nodes):
        raise InputError(f"{source} is damaged: config.json has no list of layers")
    for key in config.keys() - set(_MODEL_KEYS):
        raise InputError(
            f"{source}: the model has {key} = {shown(config[key])}, a setting that hoiquy does not "
            f"know: save the model without it"
        )
    line = Line()
    if config.get("trainable", True) is not True:
        line.notes.append("the model is not trainable in Keras; in hoiquy it is")
    walk = _Walk(line, source)
    for node, weights in zip(nodes, _weight_paths(nodes), strict=True):
        is_operation = _is_operation(node)
        if node["class_name"] == "InputLayer" and not is_operation:
            walk.begin(node)
            continue
        if kind == "Functional" and not walk.follow(node, is_operation):
            continue
        refuse_custom_class(node, _name(node), source)
        layer = KerasLayer(node["class_name"], _name(node), node["config"], weights)
        if layer.kind == TEXT_LAYER and not line.layers and line.text_layer is None:
            line.text_layer = layer
            walk.texts_end(layer.name)
        else:
            line.layers.append(layer)
    if walk.takes_texts:
        raise InputError(f"{source} takes texts, but its first layer is no {TEXT_LAYER}")
    if kind == "Functional":
        walk.end(config.get("output_layers"))
    return line


def _weight_paths(nodes: list[dict[str, Any]]) -> list[str]:
    """Where the file has each node's weights; "" for operations, which have none."""
    counts: dict[str, int] = {}
    paths = []
    for node in nodes:
        if _is_operation(node):
            paths.append("")
            continue
        stem = _snake_case(node["class_name"])
        seen = counts.get(stem, 0)
        counts[stem] = seen + 1
        paths.append(f"layers/{stem}_{seen}" if seen else f"layers/{stem}")
    return paths


class _Walk:
    """Follows the one tensor that goes from layer to layer, and the masks beside it."""

    def __init__(self, line: Line, source: str) -> None:
        self._line, self._source = line, source
        self._input = self._now = ""
        self._cast = self._hidden = ""  # names of the nodes, once they were met
        self._masks: set[str] = set()
        self._wide_masks: set[str] = set()
        self.takes_texts = False  # until the layer that makes indices of them

    def begin(self, node: dict[str, Any]) -> None:
        if self._now:
            raise self._bent(node, "a second input")
        config = node["config"]
        shape = config.get("batch_shape", config.get("batch_input_shape"))  # the second: Keras 2
        if config.get("dtype") == "string":
            self.takes_texts = True
            fits = isinstance(shape, list) and shape[1:] in ([], [1])
            config = config | {"dtype": "int64"}
        else:
            fits = isinstance(shape, list) and 2 <= len(shape) <= 3
        if not fits:
            raise self._bent(node, f"an input of the shape {shape}, expected (batch, time)")
        check_settings(KerasLayer("InputLayer", _name(node), config, ""), self._source)
        self._line.input_shape = tuple(shape[1:])
        self._now = self._input = _name(node)

    def texts_end(self, name: str) -> None:
        """What follows gets the indices of the layer `name`."""
        self.takes_texts = False
        self._input = name

    def follow(self, node: dict[str, Any], is_operation: bool) -> bool:
        """Go on to a node; True if it is a layer. Raises InputError if it is beside the line."""
        inbound = _as_keras_3(node.get("inbound_nodes"))
        if not isinstance(inbound, list) or len(inbound) != 1 or not isinstance(inbound[0], dict):
            raise self._bent(node, "a layer that is used more than once, or never")
        arguments, named = inbound[0].get("args"), inbound[0].get("kwargs")
        if not isinstance(arguments, list) or not isinstance(named, dict) or not arguments:
            raise self._bent(node, "inputs that are not understood")
        if is_operation:
            self._operation(node, arguments, named)
            return False
        mask = _producer(named.get("mask"))
        if mask is not None and mask not in self._masks:
            raise self._bent(node, "a mask of its own")
        others = [key for key in named if key not in ("mask", "training")]
        if len(arguments) != 1 or _producer(arguments[0]) != self._now or others:
            raise self._bent(node, "inputs that are not just the layer before it")
        if named.get("training") or (named.get("mask") is not None and mask is None):
            raise self._bent(node, "arguments that are fixed")
        if self._hidden == self._now and node["class_name"] != "GlobalMaxPooling1D":
            raise self._bent(node, "values of its own at masked steps")
        self._line.uses_mask |= mask is not None
        self._now = _name(node)
        return True

    def end(self, outputs: Any) -> None:
        one = outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs
        if one != [self._now, 0, 0]:
            raise InputError(f"{self._source}: the last layer must be the model's only output")

    def _operation(self, node: dict[str, Any], arguments: list[Any], named: dict[str, Any]) -> None:
        kind, name, config = node["class_name"], _name(node), node["config"]
        first, rest = _producer(arguments[0]), arguments[1:]
        adds_axis = kind == "ExpandDims" and config.get("axis") == -1 and not rest
        if first is None or named:
            raise self._bent(node, "an operation that hoiquy does not have")
        if kind == "NotEqual" and first == self._input and rest == [0]:
            self._masks.add(name)
        elif adds_axis and first in self._masks:
            self._wide_masks.add(name)
        elif kind == "Where" and first in self._wide_masks and self._hides(rest):
            self._hidden = self._now = name
            self._line.maximum_minds_mask = True
        elif kind == "Cast" and first == self._now == self._input and not rest:
            if config.get("dtype") != "float32":
                raise self._bent(node, "numbers that are not float32")
            self._cast = self._now = name
        elif adds_axis and first == self._now and first in (self._input, self._cast):
            self._line.makes_values = True
            self._now = name
        else:
            raise self._bent(node, "an operation that hoiquy does not have")

    def _hides(self, rest: list[Any]) -> bool:
        lowest = rest[1] if len(rest) == 2 else None
        return isinstance(lowest, float) and lowest < _LOWEST and _producer(rest[0]) == self._now

    def _bent(self, node: dict[str, Any], what: str) -> InputError:
        return InputError(
            f"{self._source}: layer {_name(node)} ({node['class_name']}) has {what}: hoiquy reads "
            f"layers that follow each other in a straight line"
        )


def _is_operation(node: dict[str, Any]) -> bool:
    return str(node.get("module", "")).startswith("keras.src.ops")


def _as_keras_3(inbound: Any) -> Any:
    """Keras 2 writes [[["layer", 0, 0, {}]]]: the same as Keras 3 does, all else as it is."""
    match inbound:
        case [[[str(name), 0, 0, {**named}]]] if named.keys() <= {"training"}:
            tensor = {"keras_history": [name, 0, 0]}
            return [
                {"args": [{"class_name": "__keras_tensor__", "config": tensor}], "kwargs": named}
            ]
    return inbound


def _is_node(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("class_name"), str)
        and isinstance(node.get("config"), dict)
    )


def _name(node: dict[str, Any]) -> str:
    return str(node["config"].get("name"))


def _producer(argument: Any) -> str | None:
    """The name of the node that a tensor comes from; None for all else."""
    if not isinstance(argument, dict) or argument.get("class_name") != "__keras_tensor__":
        return None
    config = argument.get("config")
    history = config.get("keras_history") if isinstance(config, dict) else None
    if not isinstance(history, list) or len(history) != 3 or history[1:] != [0, 0]:
        return None
    return str(history[0])


def _snake_case(kind: str) -> str:
    """How Keras' own file names a class; one that is not here is refused before it matters."""
    return {
        "InputLayer": "input_layer", "Embedding": "embedding", "Dropout": "dropout",
        "SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru", "Bidirectional": "bidirectional",
        "Dense": "dense", TEXT_LAYER: "text_vectorization",
    }.get(kind, kind)  # fmt: skip
