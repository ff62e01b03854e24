"""JSON files of dataclasses: indented when written, validated when read."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from hoiquy.errors import RunError

T = TypeVar("T")


def parse_json(kind: type[T], content: bytes, source: str) -> T:
    """Parse and validate the JSON of a dataclass. Raises RunError with the source and the key."""
    try:
        return TypeAdapter(kind).validate_json(content, strict=True)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        what = f"{where}: {problem['msg']}" if where else "not a complete JSON file"
        raise RunError(f"{source} is damaged: {what}") from error


def as_json(values: Mapping[str, Any] | list[Any]) -> bytes:
    """The content of the file, as UTF-8."""
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
