"""The OpenAPI description of the service."""

from typing import Any


def description() -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "hoiquy", "version": "0"}, "paths": {}}
