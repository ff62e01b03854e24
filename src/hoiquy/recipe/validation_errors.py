"""Turns validation errors of a recipe into one line with the key, the value and the remedy."""

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the candidate closest to `word`, or an empty text."""
    found = difflib.get_close_matches(word, list(candidates), n=1, cutoff=0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""


class UnknownSettingError(ValueError):
    """A key that neither a table nor what it describes has; `allowed` are those that they have."""

    def __init__(self, key: str, allowed: Iterable[str]) -> None:
        super().__init__(key)
        self.key, self.allowed = key, list(allowed)


def explain_validation_error(error: ValidationError, model: type[BaseModel]) -> str:
    """Describe the first problem: the key, the value, what is allowed, the nearest valid key."""
    problem = error.errors()[0]
    kind = problem["type"]
    if kind == "extra_forbidden":
        *path, last = problem["loc"]
        known = _known_keys(model, path)
        where = f" in [{_dotted(path)}]" if path else ""
        allowed = ", ".join(known)
        return f"unknown key {str(last)!r}{where}{nearest(str(last), known)}; allowed: {allowed}"
    key = _key(problem["loc"])
    if kind == "missing":
        return f"the key {key} is missing"
    if kind == "value_error" and isinstance(problem["ctx"]["error"], UnknownSettingError):
        unknown = problem["ctx"]["error"]
        near, allowed = nearest(unknown.key, unknown.allowed), ", ".join(unknown.allowed)
        return f"unknown key {unknown.key!r} in [{key}]{near}; allowed: {allowed}"
    if kind == "value_error":
        return f"{key}: {problem['ctx']['error']}"
    if kind.startswith("union_tag"):
        members = _members(_annotation_at(model, problem["loc"]))
        tags = sorted(tag for member in members for tag in _tags(member))
        if kind == "union_tag_not_found":
            return f"{key}: the key type is missing; allowed: {', '.join(tags)}"
        tag = str(problem["ctx"]["tag"])
        return f"{key}.type = {tag!r}{nearest(tag, tags)}; allowed: {', '.join(tags)}"
    if kind in _NOT_A_TABLE:
        return f"{key} = {_shown(problem['input'])}: expected a table of keys and values"
    same_key = [other for other in error.errors() if _key(other["loc"]) == key]
    return f"{key} = {_shown(problem['input'])}: {_joined(other['msg'] for other in same_key)}"


_TAGGED = ("schedule",)
_NOT_A_TABLE = ("model_type", "model_attributes_type", "dict_type")
_LONGEST_VALUE = 60  # characters of an invalid value in an error


def _shown(value: Any) -> str:
    """Format an invalid value as TOML, truncated."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _joined(messages: Iterable[str]) -> str:
    """Join the messages of a union's members: input should be 'vocabulary' or a valid integer."""
    first, *others = dict.fromkeys(messages)
    expected = [
        first[0].lower() + first[1:],
        *(text.removeprefix("Input should be ") for text in others),
    ]
    return " or ".join(expected)


def _key(path: Iterable[Any]) -> str:
    return _dotted(path) or "recipe"


def _dotted(path: Iterable[Any]) -> str:
    """Join a pydantic location without the union tags, which follow an index or a tagged key."""
    parts: list[str] = []
    after_index = False
    for part in path:
        if after_index and isinstance(part, str):
            after_index = False
            continue
        after_index = isinstance(part, int) or part in _TAGGED
        if isinstance(part, str) and (
            part.startswith(("literal[", "constrained")) or part == "int"
        ):
            continue
        parts.append(str(part))
    return ".".join(parts)


def _known_keys(model: type[BaseModel], path: list[Any]) -> list[str]:
    annotation = _annotation_at(model, path)
    members = _members(annotation)  # one for an optional table
    table = members[0] if len(members) == 1 else annotation
    return list(getattr(table, "model_fields", {}))


def _annotation_at(model: type[BaseModel], path: Iterable[Any]) -> Any:
    """The annotation at a pydantic location: a table, or a union of tables."""
    current: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        fields = getattr(current, "model_fields", {})
        if part in fields:
            current = fields[part].annotation
        else:  # the tag of a union
            current = next((c for c in _members(current) if part in _tags(c)), current)
    return current


def _members(annotation: Any) -> list[Any]:
    """All model classes in an annotation such as list[Annotated[A | B, ...]]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _members(argument)]


def _tags(model: Any) -> list[str]:
    field = model.model_fields.get("type")
    return [str(tag) for tag in get_args(field.annotation)] if field else []
