"""Configurations of models by Keras 1 and 2, in the words of Keras 3."""

from collections.abc import Mapping
from typing import Any

# Keras 1's regularizers and constraints have a name beside their arguments.
_OLD_NAMES = {"L1L2Regularizer": "L1L2", "WeightRegularizer": "L1L2", "NonNeg": "NonNeg"}
_OLD_ARGUMENTS = {"m": "max_value"}


def of_older_keras(config: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a configuration, and the layers in it, as Keras 3 would read it.

    A GRU without `reset_after` is one with `reset_after=False`, the default before Keras 3.
    """
    changed = {key: _value(value) for key, value in config.items()}
    settings = changed.get("config")
    if changed.get("class_name") == "Sequential" and isinstance(
        settings, list
    ):  # before Keras 2.2.3
        named = {"name": changed["name"]} if "name" in changed else {}
        changed["config"] = {**named, "layers": settings}
    if not isinstance(settings, dict):
        return changed
    settings.pop("input_dtype", None)
    if changed.get("class_name") == "GRU":
        settings.setdefault("reset_after", False)
    return changed


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("type") == "ndarray" and "value" in value:
        return value["value"]
    name = value.get("name")
    is_object = isinstance(name, str) and not {"class_name", "config"} & value.keys()
    if is_object and (name in _OLD_NAMES or _is_constraint(name)):
        settings = {_OLD_ARGUMENTS.get(k, k): v for k, v in value.items() if k != "name"}
        return {"class_name": _OLD_NAMES.get(str(name), str(name)), "config": settings}
    return of_older_keras(value)


def _is_constraint(name: Any) -> bool:
    return name in ("MaxNorm", "UnitNorm", "NonNeg", "MinMaxNorm")
