"""Answers as bytes: JSON, and errors in one shape."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response

from hoiquy.server.errors import ApiError
from hoiquy.server.schemas import Failure, Problem


def json_answer(content: BaseModel | Mapping[str, Any], status: int = 200) -> Response:
    return Response(to_json(content, inf_nan_mode="null"), status, media_type="application/json")


def failure(error: ApiError) -> Response:
    problem = Problem(code=error.code, message=error.message, **error.details)
    answer = json_answer(Failure(error=problem), error.status)
    answer.headers.update(error.headers)
    return answer
