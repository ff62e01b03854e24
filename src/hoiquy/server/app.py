"""The ASGI application: routes, errors, and the guard around them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from hoiquy.server import run_routes, status_routes, text_routes
from hoiquy.server.answers import failure
from hoiquy.server.api_error import ApiError
from hoiquy.server.guard import ASSETS, REPORT, Guard
from hoiquy.server.service import Service, Settings

Handler = Callable[[Service, Request], Awaitable[Response]]

# The most asked first: they are tried in this order.
_ROUTES: dict[str, tuple[str, Handler]] = {
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
    f"{ASSETS}{{name:path}}": ("GET", status_routes.asset),
}


def build_app(settings: Settings) -> ASGIApp:
    """The whole service; its parts start and end with the application's lifespan."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with service.running():
            yield

    routes = [
        Route(path, partial(handler, service), methods=[method])
        for path, (method, handler) in _ROUTES.items()
    ]
    handlers = {ApiError: _failed, HTTPException: _failed, Exception: _failed}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.router.redirect_slashes = False
    return Guard(app, settings.key, settings.hosts, service.metrics, frozenset(_ROUTES))


async def _failed(request: Request, error: Exception) -> Response:
    """Any error as an answer of the one shape."""
    if isinstance(error, ApiError):
        return failure(error)
    if isinstance(error, HTTPException):
        code = {404: "not_found", 405: "wrong_method"}.get(error.status_code, "bad_request")
        headers = dict(error.headers or {})
        return failure(ApiError(error.status_code, code, error.detail, headers=headers))
    return failure(ApiError(500, "internal", "a mistake in hoiquy itself; its log says where"))
