"""The layers of a Keras model in order, from its config, if they form a single chain.

Keras stores a mask, and the two operations that turn indices into numbers, as separate nodes;
`build_keras_model` adds one that hides masked steps from the maximum. These operations are
recognised and dropped. Any other branch or operation is an error that names the node.
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

_LOWEST = -1e38  # masked steps are set to a number below this before the maximum
_MODEL_KEYS = (
    "name", "trainable", "dtype", "layers", "build_input_shape", "input_layers", "output_layers",
)  # fmt: skip
TEXT_LAYER = "TextVectorization"


@dataclass
class LayerChain:
    """The layers of a model, first to last, after the TextVectorization layer if there is one."""

    input_shape: tuple[Any, ...] = ()  # without the batch dimension
    text_layer: KerasLayer | None = None
    layers: list[KerasLayer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # settings that are not imported
    input_as_values: bool = False  # the indices (time,) become float values (time, 1)
    uses_mask: bool = False  # a layer gets a mask as an argument
    masks_maximum: bool = False  # masked steps are hidden from the maximum over time


def read_layer_chain(model: dict[str, Any], source: str) -> LayerChain:
    """Return the layers of a model's config. Raises InputError unless they form a chain."""
    kind, nodes = model.get("class_name"), _model_nodes(model, source)
    config: dict[str, Any] = model["config"]
    chain = LayerChain()
    if config.get("trainable", True) is not True:
        chain.notes.append("the model is not trainable in Keras; in hoiquy it is")
    follower = _Follower(chain, source)
    for node, weights in zip(nodes, _weight_paths(nodes), strict=True):
        is_operation = _is_operation(node)
        if node["class_name"] == "InputLayer" and not is_operation:
            follower.start(node)
            continue
        if kind == "Functional" and not follower.follow(node, is_operation):
            continue
        refuse_custom_class(node, _name(node), source)
        layer = KerasLayer(node["class_name"], _name(node), node["config"], weights)
        if layer.kind == TEXT_LAYER and not chain.layers and chain.text_layer is None:
            chain.text_layer = layer
            follower.pass_text_layer(layer.name)
        else:
            chain.layers.append(layer)
    if follower.expects_text_layer:
        raise InputError(f"{source} takes texts, but its first layer is not a {TEXT_LAYER}")
    if kind == "Functional":
        follower.finish(config.get("output_layers"))
    return chain


def _model_nodes(model: dict[str, Any], source: str) -> list[dict[str, Any]]:
    """Return the nodes of a plain Sequential or Functional model. Raises InputError."""
    kind, config = model.get("class_name"), model.get("config")
    if kind not in ("Sequential", "Functional") or not isinstance(config, dict):
        raise InputError(
            f"{source} holds a model of the class {kind!r}: expected Sequential, or Functional "
            f"with layers that form a single chain"
        )
    if not is_keras_own(model, kind):
        custom = shown(model.get("registered_name") or kind)
        raise InputError(
            f"{source} holds a model of the class {custom}, which is not Keras' own: what it "
            f"computes is unknown; save a plain {kind} model of its layers"
        )
    nodes = config.get("layers")
    if not isinstance(nodes, list) or not all(_is_node(node) for node in nodes):
        raise InputError(f"{source} is damaged: config.json has no list of layers")
    for key in config.keys() - set(_MODEL_KEYS):
        raise InputError(
            f"{source}: the model has {key} = {shown(config[key])}, a setting that hoiquy does not "
            f"know: save the model without it"
        )
    return nodes


def _weight_paths(nodes: list[dict[str, Any]]) -> list[str]:
    """Return each node's weight group in the HDF5 file; "" for operations, which have none."""
    counts: dict[str, int] = {}
    paths = []
    for node in nodes:
        if _is_operation(node):
            paths.append("")
            continue
        stem = _snake_case(node["class_name"])
        number = counts.get(stem, 0)
        counts[stem] = number + 1
        paths.append(f"layers/{stem}_{number}" if number else f"layers/{stem}")
    return paths


class _Follower:
    """Follows the one tensor that passes from layer to layer, and the masks computed beside it."""

    def __init__(self, chain: LayerChain, source: str) -> None:
        self._chain, self._source = chain, source
        self._input = ""  # node that gives the indices
        self._current = ""  # node whose output the next layer must take
        self._float_indices = ""  # node that casts the indices to float32
        self._masked_values = ""  # node that hides masked steps from the maximum
        self._masks: set[str] = set()  # nodes that give (batch, time) masks
        self._expanded_masks: set[str] = set()  # (batch, time, 1)
        self.expects_text_layer = False

    def start(self, node: dict[str, Any]) -> None:
        """Begin at an InputLayer."""
        if self._current:
            raise self._error(node, "a second input")
        config = node["config"]
        shape = config.get("batch_shape", config.get("batch_input_shape"))  # the second: Keras 2
        if config.get("dtype") == "string":
            self.expects_text_layer = True
            fits = isinstance(shape, list) and shape[1:] in ([], [1])
            config = config | {"dtype": "int64"}
        else:
            fits = isinstance(shape, list) and 2 <= len(shape) <= 3
        if not fits:
            raise self._error(node, f"an input of the shape {shape}, expected (batch, time)")
        check_settings(KerasLayer("InputLayer", _name(node), config, ""), self._source)
        self._chain.input_shape = tuple(shape[1:])
        self._current = self._input = _name(node)

    def pass_text_layer(self, name: str) -> None:
        """Take the output of the text layer `name` as the indices."""
        self.expects_text_layer = False
        self._input = name

    def follow(self, node: dict[str, Any], is_operation: bool) -> bool:
        """Move on to a node; return whether it is a layer. Raises InputError if it branches."""
        inbound = _as_keras_3(node.get("inbound_nodes"))
        if not isinstance(inbound, list) or len(inbound) != 1 or not isinstance(inbound[0], dict):
            raise self._error(node, "not exactly one use")
        arguments, named = inbound[0].get("args"), inbound[0].get("kwargs")
        if not isinstance(arguments, list) or not isinstance(named, dict) or not arguments:
            raise self._error(node, "inputs in an unknown format")
        if is_operation:
            self._apply_operation(node, arguments, named)
            return False
        mask = _producer(named.get("mask"))
        if mask is not None and mask not in self._masks:
            raise self._error(node, "a mask that is not of the input")
        others = [key for key in named if key not in ("mask", "training")]
        if len(arguments) != 1 or _producer(arguments[0]) != self._current or others:
            raise self._error(node, "inputs other than the layer before it")
        if named.get("training") or (named.get("mask") is not None and mask is None):
            raise self._error(node, "constant arguments")
        if self._masked_values == self._current and node["class_name"] != "GlobalMaxPooling1D":
            raise self._error(node, "replaced values at masked steps")
        self._chain.uses_mask |= mask is not None
        self._current = _name(node)
        return True

    def finish(self, outputs: Any) -> None:
        """Raise InputError unless the last layer is the only output."""
        output = outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs
        if output != [self._current, 0, 0]:
            raise InputError(f"{self._source}: the last layer must be the model's only output")

    def _apply_operation(
        self, node: dict[str, Any], arguments: list[Any], named: dict[str, Any]
    ) -> None:
        """Apply one of the four known operations. Raises InputError for all others."""
        apply = {
            "NotEqual": self._not_equal,
            "ExpandDims": self._expand_dims,
            "Where": self._where,
            "Cast": self._cast,
        }.get(node["class_name"])
        operand = _producer(arguments[0])
        if named or operand is None or apply is None or not apply(node, operand, arguments[1:]):
            raise self._error(node, "an operation that hoiquy does not have")

    def _not_equal(self, node: dict[str, Any], operand: str, rest: list[Any]) -> bool:
        """`indices != 0`, which is the mask."""
        if operand != self._input or rest != [0]:
            return False
        self._masks.add(_name(node))
        return True

    def _expand_dims(self, node: dict[str, Any], operand: str, rest: list[Any]) -> bool:
        """`mask[..., None]`; or `indices[..., None]`, numbers as sequences of one feature."""
        if node["config"].get("axis") != -1 or rest:
            return False
        if operand in self._masks:
            self._expanded_masks.add(_name(node))
        elif operand == self._current and operand in (self._input, self._float_indices):
            self._chain.input_as_values = True
            self._current = _name(node)
        else:
            return False
        return True

    def _where(self, node: dict[str, Any], operand: str, rest: list[Any]) -> bool:
        """`where(mask, x, lowest)`, which hides masked steps from the maximum."""
        if operand not in self._expanded_masks or len(rest) != 2:
            return False
        values, lowest = _producer(rest[0]), rest[1]
        if values != self._current or not isinstance(lowest, float) or not lowest < _LOWEST:
            return False
        self._masked_values = self._current = _name(node)
        self._chain.masks_maximum = True
        return True

    def _cast(self, node: dict[str, Any], operand: str, rest: list[Any]) -> bool:
        """`cast(indices, "float32")`."""
        if not operand == self._current == self._input or rest:
            return False
        if node["config"].get("dtype") != "float32":
            raise self._error(node, "numbers that are not float32")
        self._float_indices = self._current = _name(node)
        return True

    def _error(self, node: dict[str, Any], what: str) -> InputError:
        return InputError(
            f"{self._source}: layer {_name(node)} ({node['class_name']}) has {what}: hoiquy reads "
            f"only layers that form a single chain"
        )


def _is_operation(node: dict[str, Any]) -> bool:
    return str(node.get("module", "")).startswith("keras.src.ops")


def _as_keras_3(inbound: Any) -> Any:
    """Convert Keras 2's [[["layer", 0, 0, {}]]] to Keras 3's form; return all else unchanged."""
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
    """Return the name of the node that a tensor comes from; None if it is not a tensor."""
    if not isinstance(argument, dict) or argument.get("class_name") != "__keras_tensor__":
        return None
    config = argument.get("config")
    history = config.get("keras_history") if isinstance(config, dict) else None
    if not isinstance(history, list) or len(history) != 3 or history[1:] != [0, 0]:
        return None
    return str(history[0])


def _snake_case(kind: str) -> str:
    """Return Keras' file name of a class; others are refused before their weights are read."""
    return {
        "InputLayer": "input_layer", "Embedding": "embedding", "Dropout": "dropout",
        "SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru", "Bidirectional": "bidirectional",
        "Dense": "dense", TEXT_LAYER: "text_vectorization",
    }.get(kind, kind)  # fmt: skip
