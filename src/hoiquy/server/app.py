"""The ASGI application: every request gets an answer, with our headers, and is counted."""

import logging
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hoiquy.server import middleware as guard
from hoiquy.server.answers import failure
from hoiquy.server.error_place import place_of
from hoiquy.server.errors import ApiError
from hoiquy.server.middleware import ASSETS
from hoiquy.server.routes import ROUTES, route_of
from hoiquy.server.service import Service

logger = logging.getLogger(__name__)


class App:
    """Answers requests while `service.running()` is entered."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                guard.add_headers(message)
            await send(message)

        answer = await self._answer(scope, receive)
        try:
            await answer(scope, receive, sent)
        finally:
            path = scope["path"]
            route = path if path in ROUTES else ASSETS if path.startswith(ASSETS) else "other"
            self._service.metrics.answered(route, status, time.perf_counter() - begun)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        """The answer, whatever happens."""
        try:
            guard.check(scope, self._service.settings)
            route = route_of(scope["path"], scope["method"])
            return await route.handler(self._service, Request(scope, receive))
        except ApiError as error:
            return failure(error)
        except Exception as error:
            logger.error("a mistake in hoiquy itself: %s", place_of(error))
            return failure(
                ApiError(500, "internal", "a mistake in hoiquy itself; the log says where")
            )
