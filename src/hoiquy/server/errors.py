"""Errors as responses of one shape, and as log lines without what a client sent."""

from typing import Any

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from hoiquy.server.schemas import Failure

# Codes of errors that Starlette and FastAPI raise.
_CODES = {400: "malformed_json", 404: "not_found", 405: "wrong_method"}
_BODY_CODES = {
    "string_too_long": "text_too_long",
    "too_long": "number_of_texts",
    "too_short": "number_of_texts",
}
_NOT_JSON = ("json_invalid", "string_unicode")


def api_error(
    status: int,
    code: str,
    message: str,
    *,
    retry_after: int | None = None,
    headers: dict[str, str] | None = None,
    **details: Any,
) -> HTTPException:
    """Make an exception that ends a request with an error response.

    Args:
        status: HTTP status.
        code: One word for programs.
        message: One line for people, which never repeats a text that a client sent.
        retry_after: Seconds for the `Retry-After` header.
        headers: Other headers of the response.
        **details: Further members of `error` in the response.
    """
    if retry_after is not None:
        headers = {"Retry-After": str(retry_after), **(headers or {})}
    return HTTPException(
        status, {"code": code, "message": " ".join(message.split()), **details}, headers
    )


def error_response(error: StarletteHTTPException) -> JSONResponse:
    """The response of an error: `{"error": {"code": ..., "message": ...}}`."""
    detail: Any = error.detail  # of Starlette's own errors it is a text
    if not isinstance(detail, dict):
        detail = {"code": _CODES.get(error.status_code, "http_error"), "message": detail}
    return JSONResponse({"error": detail}, error.status_code, error.headers)


async def handle_http_error(request: Request, error: StarletteHTTPException) -> JSONResponse:
    return error_response(error)


async def handle_validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
    """Report the first fault of a request's body or query, without the value that was sent."""
    problem = error.errors()[0]
    kind = problem["type"]
    place, *inner = problem["loc"]
    if kind in _NOT_JSON or (kind == "missing" and not inner):
        reason = problem.get("ctx", {}).get("error", "it is empty or not valid Unicode")
        return error_response(api_error(400, "malformed_json", f"invalid JSON body: {reason}"))
    if place == "path":
        return error_response(StarletteHTTPException(404))
    if place == "body":
        code = _BODY_CODES.get(kind, "unexpected_body")
    else:
        code = "missing_parameter" if kind == "missing" else "unexpected_parameter"
    message = ".".join(map(str, inner)) + ": " if inner else ""
    message += problem["msg"].removeprefix("Value error, ")
    limit = problem.get("ctx", {}).get("max_length")
    details = {} if limit is None else {"limit": limit}
    return error_response(api_error(422, code, message, **details))


def error_location(error: Exception) -> str:
    """The type of an error and the last functions of its traceback, in one line for the log.

    The message of the error is left out: it may hold a text that a client sent.
    """
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} in {' > '.join(frames[-4:])}"


def content(media_type: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI description has for a response that is not JSON."""
    schema = {"type": "string"}
    return {200: {"description": "OK", "content": {media_type: {"schema": schema}}}}


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI description has for the error responses of a route."""
    return {status: {"model": Failure, "description": "What is wrong."} for status in statuses}
