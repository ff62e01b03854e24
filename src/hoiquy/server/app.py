"""The ASGI application: which function answers which path, and how every answer is sent.

All paths are fixed but those of the page's files, so a dictionary finds the function.
"""

import logging
import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hoiquy.server import guard, run_routes, status_routes, text_routes
from hoiquy.server.answers import failure
from hoiquy.server.api_error import ApiError
from hoiquy.server.guard import ASSETS, REPORT
from hoiquy.server.mistakes import place_of
from hoiquy.server.service import Service

logger = logging.getLogger(__name__)
Handler = Callable[[Service, Request], Awaitable[Response]]

ROUTES: dict[str, tuple[str, Handler]] = {
    "/api/predict": ("POST", text_routes.predict),
    "/api/explain": ("POST", text_routes.explain),
    "/api/models": ("GET", run_routes.models),
    "/api/runs": ("GET", run_routes.runs),
    "/api/runs/history": ("GET", run_routes.history),
    "/api/compare": ("GET", run_routes.compare),
    "/api/ticket": ("POST", status_routes.ticket),
    REPORT: ("GET", run_routes.report),
    "/health": ("GET", status_routes.health),
    "/ready": ("GET", status_routes.ready),
    "/metrics": ("GET", status_routes.metrics),
    "/openapi.json": ("GET", status_routes.openapi),
    "/": ("GET", status_routes.page),
}
_ASSETS: tuple[str, Handler] = ("GET", status_routes.asset)


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
            handler = _handler(scope["path"], scope["method"])
            return await handler(self._service, Request(scope, receive))
        except ApiError as error:
            return failure(error)
        except Exception as error:
            logger.error("a mistake in hoiquy itself: %s", place_of(error))
            return failure(
                ApiError(500, "internal", "a mistake in hoiquy itself; the log says where")
            )


def _handler(path: str, method: str) -> Handler:
    """Raises ApiError 404 and 405."""
    found = _ASSETS if path.startswith(ASSETS) else ROUTES.get(path)
    if found is None:
        raise ApiError(404, "not_found", "there is no such page")
    wanted, handler = found
    if method != wanted and not (method == "HEAD" and wanted == "GET"):
        raise ApiError(405, "wrong_method", f"expected {wanted}", headers={"Allow": wanted})
    return handler
