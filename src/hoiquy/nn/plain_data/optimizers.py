"""Optimizers as plain data: `{"type": "sgd", "momentum": 0.9}`; the learning rate is apart."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from hoiquy.errors import InputError
from hoiquy.nn.optimizers import OPTIMIZERS, Optimizer
from hoiquy.nn.plain_data.values import nearest, plain_value, read_value

# Set elsewhere, or state; moving averages of weights would need a second set of weights in a run.
_LEFT_OUT = (
    "learning_rate", "step", "slots", "lr_multipliers", "no_weight_decay", "use_ema",
    "ema_momentum", "ema_overwrite_frequency",
)  # fmt: skip


def make_optimizer(table: Mapping[str, Any], learning_rate: float, where: str) -> Optimizer:
    """The optimizer of a table with `type` and settings.

    Raises:
        InputError: The type or a setting is unknown, or a value does not fit.
    """
    kind = table["type"]
    if kind not in OPTIMIZERS:
        known = ", ".join(OPTIMIZERS)
        raise InputError(f"{where} = {kind!r}{nearest(str(kind), OPTIMIZERS)}; allowed: {known}")
    hints, known_names = get_type_hints(OPTIMIZERS[kind]), optimizer_settings(OPTIMIZERS[kind])
    settings = {}
    for name, value in table.items():
        if name == "type":
            continue
        if name not in known_names:
            raise InputError(
                f"unknown key {name!r} in [{where}]{nearest(name, known_names)}; "
                f"allowed: {', '.join(known_names)}"
            )
        settings[name] = read_value(value, hints[name], f"{where}.{name}")
    return OPTIMIZERS[kind](learning_rate, **settings)


def optimizer_table(optimizer: Optimizer) -> dict[str, Any]:
    """The type and the settings that differ from the defaults; not the learning rate.

    Raises InputError for an optimizer that has no name.
    """
    kind = next((name for name, of in OPTIMIZERS.items() if type(optimizer) is of), None)
    if kind is None:
        raise InputError(f"the optimizer {type(optimizer).__name__} has no name in a recipe")
    defaults = {one.name: one.default for one in fields(optimizer)}
    settings = {
        name: plain_value(getattr(optimizer, name))
        for name in optimizer_settings(type(optimizer))
        if defaults[name] is MISSING or getattr(optimizer, name) != defaults[name]
    }
    return {"type": kind, **settings}


def optimizer_settings(kind: type[Optimizer]) -> list[str]:
    """The names of an optimizer's settings."""
    return [one.name for one in fields(kind) if one.init and one.name not in _LEFT_OUT]
