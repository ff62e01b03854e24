"""ASGI middleware: limits on requests, counts of them, and the headers of every response."""

import asyncio
import logging
import time
from collections.abc import Iterable

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hoiquy.server.auth import ASSETS
from hoiquy.server.connection import Connection
from hoiquy.server.errors import api_error, error_location, error_response
from hoiquy.server.metrics import Metrics
from hoiquy.server.service import Service
from hoiquy.server.settings import (
    BODY_SECONDS,
    MAX_BODY_BYTES,
    MAX_TOTAL_BODY_BYTES,
    RETRY_SECONDS,
)

logger = logging.getLogger(__name__)
_PREDICTIONS = frozenset({"/api/predict", "/api/explain"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_SECURITY_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class RequestLimits:
    """Bounds each body and all bodies together while they arrive.

    It also reports to the connection when a request begins and ends.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._held = 0  # bytes of bodies in memory
        metrics.gauge("hoiquy_body_bytes", "Bodies in memory.", lambda: self._held)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = int(headers.get("content-length", "0"))
        complete = length == 0 and "transfer-encoding" not in headers
        size = 0
        deadline = asyncio.get_running_loop().time() + BODY_SECONDS
        connection: Connection = scope["state"]["connection"]

        async def bounded() -> Message:
            nonlocal size, complete
            if complete:
                return await receive()
            if length > MAX_BODY_BYTES:
                raise _too_large()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError as error:
                reason = f"the body did not arrive within {BODY_SECONDS:.0f} s"
                raise api_error(
                    408, "body_too_slow", reason, headers={"Connection": "close"}
                ) from error
            complete = not message.get("more_body", False)
            part = len(message.get("body", b""))
            size += part
            self._held += part
            if size > MAX_BODY_BYTES:
                raise _too_large()
            if self._held > MAX_TOTAL_BODY_BYTES:
                reason = "too much is being sent at once; try again in a moment"
                raise api_error(429, "too_many_bodies", reason, retry_after=RETRY_SECONDS)
            return message

        async def reported(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                connection.request_ended(complete)

        connection.request_began()
        try:
            await self.app(scope, bounded, reported)
        finally:
            self._held -= size


class SecurityHeaders:
    """Adds headers that keep a browser from being used against the service."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                present = {name for name, _ in headers}
                cache = b"no-cache" if b"etag" in present else b"no-store"
                added = [*_SECURITY_HEADERS, (b"cache-control", cache)]
                headers += [header for header in added if header[0] not in present]
            await send(message)

        await self.app(scope, receive, with_headers)


class HeadAsGet:
    """Routes a HEAD request as GET; uvicorn leaves out the body of the response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)


class RequestMetrics:
    """Counts requests by path, and answers 500 where a handler fails."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Iterable[str]) -> None:
        self.app = app
        self._metrics = metrics
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, observed)
        except Exception as error:  # uvicorn would log its message, which may hold a text
            logger.error("internal error: %s", error_location(error))
            if not status:
                response = error_response(api_error(500, "internal", "internal error; see the log"))
                await response(scope, receive, observed)
        finally:
            path = scope["path"]
            route = path if path in self._paths else ASSETS if path.startswith(ASSETS) else "other"
            self._metrics.answered(route, status or 500, time.perf_counter() - began)


class EarlyRefusal:
    """Refuses a prediction before its body is read: it is not JSON, or the queue is full.

    This costs a third of a refusal by the route, which counts when the service is overloaded.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http" and scope["path"] in _PREDICTIONS and scope["method"] == "POST":
            content_type = Headers(scope=scope).get("content-type", "")
            try:
                if content_type.partition(";")[0].strip().lower() != "application/json":
                    raise api_error(415, "not_json", "expected Content-Type: application/json")
                self._service.engine.check_room()
            except HTTPException as error:
                app = error_response(error)
        await app(scope, receive, send)


def _too_large() -> HTTPException:
    reason = f"a body may have {MAX_BODY_BYTES:,} bytes at most: send fewer texts in a request"
    return api_error(413, "body_too_large", reason, limit=MAX_BODY_BYTES)
