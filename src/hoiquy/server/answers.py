"""Answers as bytes: JSON, and errors in one shape."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from hoiquy.server.api_error import ApiError
from hoiquy.server.schemas import Failure, Problem


def json_answer(content: BaseModel | Mapping[str, Any], status: int = 200) -> Response:
    if isinstance(content, BaseModel):
        written = content.model_dump_json()
    else:
        written = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(written.encode("utf-8"), status, media_type="application/json")


def failure(error: ApiError) -> Response:
    problem = Problem(code=error.code, message=error.message, **error.details)
    answer = json_answer(Failure(error=problem), error.status)
    answer.headers.update(error.headers)
    return answer
