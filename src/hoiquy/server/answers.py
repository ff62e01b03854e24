"""Answers as bytes: JSON, and errors in one shape."""

from pydantic import BaseModel
from starlette.responses import Response

from hoiquy.server.api_error import ApiError
from hoiquy.server.schemas import Failure, Problem


def json_answer(content: BaseModel, status: int = 200) -> Response:
    return Response(
        content.model_dump_json().encode("utf-8"), status, media_type="application/json"
    )


def failure(error: ApiError) -> Response:
    problem = Problem(code=error.code, message=error.message, **error.details)
    answer = json_answer(Failure(error=problem), error.status)
    answer.headers.update(error.headers)
    return answer
