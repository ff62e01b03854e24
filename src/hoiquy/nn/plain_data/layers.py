"""Layers as plain data: `{"type": "conv1d", "filters": 32, "kernel_size": 5}`.

Types are Keras' class names in snake case, settings the fields of the layers, which have Keras'
argument names. A parameter's regularizer and constraint are settings, too: `kernel_regularizer`.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, get_type_hints

from hoiquy.errors import InputError
from hoiquy.nn import layers as nn
from hoiquy.nn.activations import ACTIVATIONS, Activation
from hoiquy.nn.kernels import FAST_ACTIVATIONS
from hoiquy.nn.layers import Layer
from hoiquy.nn.plain_data.kinds import LAYERS
from hoiquy.nn.plain_data.objects import (
    plain_constraint,
    plain_initializer,
    plain_regularizer,
    read_constraint,
    read_initializer,
    read_regularizer,
)
from hoiquy.nn.plain_data.values import nearest, plain_value, read_value, shown

_INTERNAL = (
    "name", "parameters", "penalties", "constraints", "state", "carried", "reached",
    "forward_layer", "backward_layer",
)  # fmt: skip
# Settings that a recipe cannot have, by layer: a fixed batch size, and Keras' fixed choice.
_LEFT_OUT = {nn.Recurrent: ("stateful",), nn.MaxPooling: ("uses_mask",)}
_FIXED: dict[type[Layer], dict[str, Any]] = {nn.MaxPooling: {"uses_mask": False}}
_ONLY_PARAMETER = {nn.Embedding: "embeddings", nn.PReLU: "alpha"}  # that `initializer` is of
_FROM_ONE = (
    "units", "filters", "kernel_size", "strides", "dilation_rate", "groups", "depth_multiplier",
    "pool_size", "n", "size", "input_dim", "output_dim",
)  # fmt: skip
_RATES = ("rate", "dropout", "recurrent_dropout", "word_dropout")
_INITIALIZER, _REGULARIZER, _CONSTRAINT = "_initializer", "_regularizer", "_constraint"

Read = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Setting:
    """field: of the layer; "" for a regularizer or a constraint. read: raises InputError."""

    field: str
    read: Read
    plain: Callable[[Any], Any]
    default: Any = None


def make_layer(kind: str, name: str, settings: Mapping[str, Any], where: str) -> Layer:
    """A layer without weights.

    Args:
        kind: A type of `LAYERS`.
        name: Of the layer.
        settings: By name, as a file holds them.
        where: What errors call the table, such as "model.layers.2".

    Raises:
        InputError: The type or a setting is unknown, or a value does not fit.
    """
    if kind not in LAYERS:
        known = ", ".join(LAYERS)
        raise InputError(f"{where}.type = {kind!r}{nearest(kind, LAYERS)}; allowed: {known}")
    of_kind = LAYERS[kind]
    if of_kind is nn.Bidirectional:
        return _bidirectional(name, settings, where)
    values, by_parameter = read_settings(of_kind, settings, where)
    fields_of_kind: dict[str, Any] = {**_FIXED.get(of_kind, {}), **values, **by_parameter}
    return of_kind(name, **fields_of_kind)


def read_settings(
    kind: type[Layer], settings: Mapping[str, Any], where: str
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The fields of a layer, and its penalties and constraints by parameter. Raises InputError."""
    known = settings_of(kind)
    values: dict[str, Any] = {}
    by_parameter: dict[str, dict[str, Any]] = {}
    for name, given in settings.items():
        if name not in known:
            raise unknown_setting(name, known, where)
        setting = known[name]
        value = setting.read(given, f"{where}.{name}")
        if setting.field:
            values[setting.field] = value
            continue
        table = "penalties" if name.endswith(_REGULARIZER) else "constraints"
        by_parameter.setdefault(table, {})[_parameter(name.rpartition("_")[0])] = value
    return values, by_parameter


def unknown_setting(name: str, known: Mapping[str, Any], where: str) -> InputError:
    """The error for a setting that a layer does not have."""
    return InputError(
        f"unknown key {name!r} in [{where}]{nearest(name, known)}; allowed: {', '.join(known)}"
    )


def layer_table(layer: Layer) -> dict[str, Any]:
    """The type and the settings that differ from the defaults; `make_layer` reads them back.

    Initializers that are arrays are left out. Raises InputError for a layer that plain data cannot
    describe.
    """
    kind = next((name for name, of in LAYERS.items() if type(layer) is of), None)
    if kind is None:
        raise InputError(f"{layer.name}: a {type(layer).__name__} has no type in a recipe")
    if isinstance(layer, nn.Bidirectional):
        return {"type": kind, **_bidirectional_settings(layer)}
    if getattr(layer, "stateful", False):
        raise InputError(f"{layer.name}: stateful=True has no place in a recipe: documents are "
                         "independent of each other")  # fmt: skip
    table: dict[str, Any] = {"type": kind}
    for name, setting in settings_of(type(layer)).items():
        if setting.field:
            value = setting.plain(getattr(layer, setting.field))
            if value is not None and value != setting.default:
                table[name] = value
            continue
        group = layer.penalties if name.endswith(_REGULARIZER) else layer.constraints
        parameter = _parameter(name.rpartition("_")[0])
        if parameter in group:
            table[name] = setting.plain(group[parameter])
    return table


_known: dict[str, dict[str, Setting]] = {}


def settings_of(kind: type[Layer]) -> dict[str, Setting]:
    """The settings of a kind of layer by name."""
    if kind.__name__ not in _known:
        _known[kind.__name__] = _settings_of(kind)
    return _known[kind.__name__]


def _settings_of(kind: type[Layer]) -> dict[str, Setting]:
    hints = get_type_hints(kind)
    left_out = list(_INTERNAL)
    for of, names in _LEFT_OUT.items():
        left_out += names if issubclass(kind, of) else ()
    found: dict[str, Setting] = {}
    parameters = []
    for one in fields(kind):
        if one.name in left_out:
            continue
        if one.name == "initializer":
            name = _ONLY_PARAMETER[next(of for of in _ONLY_PARAMETER if issubclass(kind, of))]
            parameters.append(name)
            found[name + _INITIALIZER] = _initializer_setting(one)
        elif one.name.endswith(_INITIALIZER):
            parameters.append(one.name.removesuffix(_INITIALIZER))
            found[one.name] = _initializer_setting(one)
        else:
            found[one.name] = _setting(one, hints[one.name])
    if issubclass(kind, nn.Recurrent):
        for name in ("activation", "recurrent_activation"):
            if name in found:
                found[name] = replace(found[name], read=read_cell_activation)
    if kind is nn.Bidirectional:
        for name in ("layer", "backward_layer"):
            found[name] = Setting(name, read_layer, _plain_layer)
    for name in parameters:
        found[name + _REGULARIZER] = Setting("", read_regularizer, plain_regularizer)
        found[name + _CONSTRAINT] = Setting("", read_constraint, plain_constraint)
    return found


def read_layer(value: Any, where: str) -> Layer:
    """The layer of a table within a table. Raises InputError."""
    if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
        raise InputError(f"{where} = {shown(value)}: expected a table with the type of a layer")
    settings = {key: one for key, one in value.items() if key != "type"}
    return make_layer(value["type"], value["type"], settings, where)


def _plain_layer(layer: Layer) -> dict[str, Any]:
    return layer_table(layer)


def _initializer_setting(one: "Field[Any]") -> Setting:
    default = one.default if one.default_factory is MISSING else one.default_factory()
    return Setting(one.name, read_initializer, plain_initializer, plain_initializer(default))


def _setting(one: "Field[Any]", hint: Any) -> Setting:
    """The setting of a field that is no initializer."""
    if hint is Layer:
        return Setting(one.name, read_layer, _plain_layer)
    if one.name == "regularizer":
        return Setting(one.name, read_regularizer, plain_regularizer)
    if one.name in ("activation", "recurrent_activation"):
        return Setting(one.name, _read_activation, _plain_activation, one.default)
    default = None if one.default is MISSING else plain_value(one.default)

    def read(value: Any, where: str) -> Any:
        found = read_value(value, hint, where)
        if one.name in _FROM_ONE and isinstance(found, int) and found < 1:
            raise InputError(f"{where} = {found}: expected 1 or more")
        if one.name in _RATES and not 0 <= found <= 1:
            raise InputError(f"{where} = {found}: expected a rate from 0 to 1")
        return found

    return Setting(one.name, read, plain_value, default)


def _read_activation(value: Any, where: str) -> str:
    if value not in list(ACTIVATIONS):
        near = nearest(value, ACTIVATIONS) if isinstance(value, str) else ""
        known = ", ".join(sorted(ACTIVATIONS))
        raise InputError(f"{where} = {shown(value)}{near}; allowed: {known}")
    return str(value)


def read_cell_activation(value: Any, where: str) -> str | Activation:
    """The activation of a recurrent layer: by name what the fast kernels have."""
    name = _read_activation(value, where)
    return name if name in FAST_ACTIVATIONS else ACTIVATIONS[name]


def _plain_activation(value: Any) -> str:
    name = value if isinstance(value, str) else getattr(value, "name", "")
    if name not in ACTIVATIONS:
        raise InputError(f"the activation {shown(value)} has no name in a recipe")
    return str(name)


def _parameter(prefix: str) -> str:
    """The parameter that a setting such as `recurrent_regularizer` is of."""
    return "recurrent_kernel" if prefix == "recurrent" else prefix


def _bidirectional(name: str, settings: Mapping[str, Any], where: str) -> Layer:
    known = settings_of(nn.Bidirectional)
    for key in settings:
        if key not in known:
            raise unknown_setting(key, known, where)
    read = {key: known[key].read(value, f"{where}.{key}") for key, value in settings.items()}
    layer, other = read.pop("layer", None), read.pop("backward_layer", None)
    for one in (layer, other):
        if not isinstance(one, nn.Recurrent) and not (one is None and other is None and layer):
            raise InputError(f"{where}.layer: expected a table of simple_rnn, lstm or gru")
    assert isinstance(layer, nn.Recurrent)
    both = nn.Bidirectional.around(name, layer, other, read.pop("merge_mode", "concat"))
    for prefix, part in zip(("forward/", "backward/"), both.directions, strict=True):
        both.constraints |= {prefix + key: each for key, each in part.constraints.items()}
    both.trainable = read.pop("trainable", True)
    return both


def _bidirectional_settings(layer: nn.Bidirectional) -> dict[str, Any]:
    first, second = (_direction(one) for one in layer.directions)
    settings: dict[str, Any] = {"layer": first}
    mirrored = dict(second)
    mirrored.pop("go_backwards", None)
    if mirrored != {key: value for key, value in first.items() if key != "go_backwards"}:
        settings["backward_layer"] = second
    if layer.merge_mode != "concat":
        settings["merge_mode"] = plain_value(layer.merge_mode)
    return settings if layer.trainable else settings | {"trainable": False}


def _direction(layer: Layer) -> dict[str, Any]:
    """The table of a direction, without what a Bidirectional sets itself."""
    table = layer_table(layer)
    table.pop("zero_output_for_mask", None)
    return table
