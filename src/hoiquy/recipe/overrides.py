"""Settings of a recipe by dotted keys, as `--set KEY=VALUE` takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from hoiquy.errors import RecipeError
from hoiquy.recipe.toml import read_toml
from hoiquy.recipe.validation_errors import nearest


def apply_settings(tables: dict[str, Any], settings: Sequence[str] | Mapping[str, Any]) -> None:
    """Apply settings to `tables`, as `Recipe.with_settings`. Raises RecipeError."""
    values = settings if isinstance(settings, Mapping) else dict(map(_read_setting, settings))
    if "training.epochs" in values:  # an explicit number of epochs is exact
        _assign(tables, "training.min_steps", 0)
    for key, value in values.items():
        _assign(tables, key, value)


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Read `KEY=VALUE` strings of the command line as a mapping. Raises RecipeError."""
    return dict(map(_read_setting, settings))


_CLASS_WEIGHTS = "training.class_weight."  # followed by a class name, which may contain dots


def _read_setting(setting: str) -> tuple[str, Any]:
    # A class name may contain "=".
    is_class_weight = setting.strip().startswith(_CLASS_WEIGHTS)
    key, separator, value = setting.rpartition("=") if is_class_weight else setting.partition("=")
    if not separator or not key.strip():
        raise RecipeError(f"--set {setting!r}: expected KEY=VALUE, such as training.epochs=5")
    return key.strip(), _read_value(value.strip())


def flat_settings(tables: Any, key: str = "") -> dict[str, Any]:
    """The values of nested tables and lists, by the keys of `--set`."""
    if not isinstance(tables, dict | list):
        return {key: tables}
    items = tables.items() if isinstance(tables, dict) else enumerate(tables)
    settings: dict[str, Any] = {}
    for name, part in items:
        settings |= flat_settings(part, f"{key}.{name}" if key else str(name))
    return settings


def _read_value(text: str) -> Any:
    try:
        tables = read_toml(f"value = {text}")
    except ValueError:
        return text
    return tables["value"] if len(tables) == 1 else text


def _assign(tables: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    if key.startswith(_CLASS_WEIGHTS):
        path, last = _CLASS_WEIGHTS.split(".")[:-1], _unquoted(key.removeprefix(_CLASS_WEIGHTS))
        if not last:
            raise RecipeError(f"--set {key}: expected a class name after it, such as {key}neg=5")
        table = tables["training"]
        if not isinstance(table["class_weight"], dict):  # "none" or "balanced"
            table["class_weight"] = {}
    target: Any = tables
    for part in path:
        target = _step(target, part, key)
    if isinstance(target, list) or not isinstance(target, dict):
        raise RecipeError(f"--set {key}: {key.rpartition('.')[0]} is not a table")
    target[last] = value


def _unquoted(name: str) -> str:
    quoted = len(name) > 1 and name[0] == name[-1] and name[0] in "\"'"
    return name[1:-1] if quoted else name


def _step(target: Any, part: str, key: str) -> Any:
    if not isinstance(target, dict | list):
        raise RecipeError(f"--set {key}: a value has no keys")
    names = list(target) if isinstance(target, dict) else [str(i) for i in range(len(target))]
    if part in names:  # also refuses numbers that `int` refuses, such as 5,000 digits
        return target[part] if isinstance(target, dict) else target[int(part)]
    known = ", ".join(names)
    raise RecipeError(f"--set {key}: unknown key {part!r}{nearest(part, names)}; known: {known}")
