"""Settings of the command line, `key=value`: put into the tables of a recipe, and read off them."""

from collections.abc import Mapping, Sequence
from typing import Any

from hoiquy.errors import RecipeError
from hoiquy.recipe.toml import read_toml
from hoiquy.recipe.validation_errors import nearest


def apply_settings(tables: dict[str, Any], settings: Sequence[str] | Mapping[str, Any]) -> None:
    """Change `tables` as `Recipe.with_settings` says. Raises RecipeError."""
    said = settings if isinstance(settings, Mapping) else dict(map(_read_setting, settings))
    if "training.epochs" in said:  # who says how many epochs gets so many
        _assign(tables, "training.min_steps", 0)
    for key, value in said.items():
        _assign(tables, key, value)


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """`KEY=VALUE` of the command line as a mapping. Raises RecipeError."""
    return dict(map(_read_setting, settings))


_OF_CLASSES = "training.class_weight."  # a class's name comes behind it, whatever is in that


def _read_setting(setting: str) -> tuple[str, Any]:
    of_a_class = setting.strip().startswith(_OF_CLASSES)
    key, separator, value = setting.rpartition("=") if of_a_class else setting.partition("=")
    if not separator or not key.strip():
        raise RecipeError(f"--set {setting!r}: expected KEY=VALUE, as training.epochs=5")
    return key.strip(), _read_value(value.strip())


def flat_settings(tables: Any, key: str = "") -> dict[str, Any]:
    """Every value of nested tables and lists by the key that `--set` takes."""
    if not isinstance(tables, dict | list):
        return {key: tables}
    inside = tables.items() if isinstance(tables, dict) else enumerate(tables)
    settings: dict[str, Any] = {}
    for name, part in inside:
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
    if key.startswith(_OF_CLASSES):
        path, last = _OF_CLASSES.split(".")[:-1], _unquoted(key.removeprefix(_OF_CLASSES))
        if not last:
            raise RecipeError(f"--set {key}: expected the name of a class behind it, as {key}neg=5")
        table = tables["training"]
        if not isinstance(table["class_weight"], dict):  # "none" or "balanced" until now
            table["class_weight"] = {}
    target: Any = tables
    for part in path:
        target = _step(target, part, key)
    if isinstance(target, list) or not isinstance(target, dict):
        raise RecipeError(f"--set {key}: {key.rpartition('.')[0]} holds no keys")
    target[last] = value


def _unquoted(name: str) -> str:
    quoted = len(name) > 1 and name[0] == name[-1] and name[0] in "\"'"
    return name[1:-1] if quoted else name


def _step(target: Any, part: str, key: str) -> Any:
    if not isinstance(target, dict | list):
        raise RecipeError(f"--set {key}: nothing can be set below a value")
    names = list(target) if isinstance(target, dict) else [str(i) for i in range(len(target))]
    if part in names:  # a number of 5,000 digits is none of them, and no int can be made of it
        return target[part] if isinstance(target, dict) else target[int(part)]
    there = f"no {part!r} there{nearest(part, names)}; there is {', '.join(names)}"
    raise RecipeError(f"--set {key}: {there}")
