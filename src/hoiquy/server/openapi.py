"""The OpenAPI description of the service, made of its routes and their schemas."""

from functools import cache
from importlib import metadata
from typing import Any, Literal

from pydantic import TypeAdapter

from hoiquy.messages import LANGUAGES
from hoiquy.server.middleware import OPEN_TO_ALL
from hoiquy.server.routes import JSON, ROUTES, Route
from hoiquy.server.schemas import Failure

_REF = "#/components/schemas/{model}"
_ANYWHERE = (400, 401, 500, 503)  # from the guard, and where too many are connected
_OPTIONAL: dict[str, dict[str, Any]] = {
    "lang": {"type": "string", "enum": list(LANGUAGES), "default": "en"},
    "ticket": {"type": "string"},
}
_SIMPLE: dict[type[Any], dict[str, str]] = {str: {"type": "string"}, dict: {"type": "object"}}
_GENERATED: Literal["serialization"] = "serialization"


@cache
def description() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hoiquy",
            "version": metadata.version("hoiquy"),
            "description": "Recurrent text classifiers over HTTP.",
        },
        "paths": {
            path: {route.method.lower(): _described(path, route)} for path, route in ROUTES.items()
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"key": []}],  # none is needed where none is set
    }


def _schemas() -> dict[str, Any]:
    kinds: dict[str, type[Any]] = {Failure.__name__: Failure}
    for route in ROUTES.values():
        for kind in (route.body, route.answer):
            if kind is not None and kind not in _SIMPLE:
                kinds[kind.__name__] = kind
    adapters = [(name, _GENERATED, TypeAdapter(kind)) for name, kind in sorted(kinds.items())]
    _, definitions = TypeAdapter.json_schemas(adapters, ref_template=_REF)
    return dict(definitions["$defs"])


def _described(path: str, route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {"summary": route.summary, "responses": _answers(route)}
    if route.parameters:
        described["parameters"] = [_parameter(name) for name in route.parameters]
    if route.body is not None:
        content = {JSON: {"schema": _reference(route.body)}}
        described["requestBody"] = {"required": True, "content": content}
    if path in OPEN_TO_ALL:
        described["security"] = []
    return described


def _answers(route: Route) -> dict[str, Any]:
    schema = _SIMPLE.get(route.answer) or _reference(route.answer)
    answers = {200: {"description": route.summary, "content": {route.media: {"schema": schema}}}}
    content = {JSON: {"schema": _reference(Failure)}}
    for status in (*_ANYWHERE, *route.failures):
        answers[status] = {"description": "What was wrong, and what to do.", "content": content}
    return {str(status): answers[status] for status in sorted(answers)}


def _parameter(name: str) -> dict[str, Any]:
    schema = _OPTIONAL.get(name, {"type": "string"})
    return {"name": name, "in": "query", "required": name not in _OPTIONAL, "schema": schema}


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": _REF.format(model=kind.__name__)}
