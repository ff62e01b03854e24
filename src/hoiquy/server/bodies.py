"""Read the body of a request within bounds, while it arrives, and make sense of it."""

import asyncio
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from hoiquy.server.errors import ApiError
from hoiquy.server.limits import BODIES_BYTES, BODY_SECONDS, MAX_BODY_BYTES, RETRY_SECONDS

T = TypeVar("T", bound=BaseModel)


class Bodies:
    """Reads bodies; all that are in memory at once are bounded together."""

    def __init__(self) -> None:
        self.held = 0  # bytes that are in memory

    async def parsed(self, request: Request, kind: type[T]) -> T:
        """The body as an object of `kind`. Raises ApiError."""
        _check_head(request)
        content = bytearray()
        try:
            # Nearly always the whole body came with the head: then no time has to be kept.
            if await self._take(request, content):
                async with asyncio.timeout(BODY_SECONDS):
                    while await self._take(request, content):
                        pass
            return parse(kind, bytes(content))
        except TimeoutError as error:
            raise ApiError(
                408, "body_too_slow", f"the body did not arrive within {BODY_SECONDS:.0f} s",
                headers={"Connection": "close"},
            ) from error  # fmt: skip
        finally:
            self.held -= len(content)

    async def _take(self, request: Request, content: bytearray) -> bool:
        """Add the next part of the body; True if more will come."""
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ApiError(400, "client_gone", "the connection ended before the body")
        part = message.get("body", b"")
        content += part
        self.held += len(part)
        if len(content) > MAX_BODY_BYTES:
            raise _too_large()
        if self.held > BODIES_BYTES:
            raise ApiError(
                429, "too_many_bodies", "too much is being sent at once; try again in a moment",
                retry_after=RETRY_SECONDS,
            )  # fmt: skip
        return bool(message.get("more_body", False))


def _check_head(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "not_json", "expected a JSON body: say Content-Type: application/json")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise _too_large()


def _too_large() -> ApiError:
    return ApiError(
        413, "body_too_large",
        f"a body may have {MAX_BODY_BYTES:,} bytes at most: send the texts in several requests",
        limit=MAX_BODY_BYTES,
    )  # fmt: skip


def parse(kind: type[T], content: bytes) -> T:
    """Read JSON. Raises ApiError 400 for what is not JSON, 422 for what has another shape."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        if problem["type"] == "json_invalid":
            raise ApiError(400, "malformed_json", f"not JSON: {problem['msg']}") from error
        where = ".".join(str(part) for part in problem["loc"])
        what = problem["msg"].removeprefix("Value error, ")
        message = f"{where}: {what}" if where else what
        raise ApiError(422, "unexpected_body", message) from error
