"""The FastAPI application."""

import mimetypes
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import metadata

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from hoiquy.server import page_routes, prediction_routes, run_routes, status_routes
from hoiquy.server.auth import ApiKey, unauthorized
from hoiquy.server.errors import error_responses, handle_http_error, handle_validation_error
from hoiquy.server.middleware import (
    EarlyRefusal,
    HeadAsGet,
    RequestLimits,
    RequestMetrics,
    SecurityHeaders,
)
from hoiquy.server.quick_predictions import QuickPredictions
from hoiquy.server.service import Service
from hoiquy.server.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The application that serves a folder; `app.state.service` holds its parts."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = FastAPI(
        title="hoiquy",
        description="Recurrent text classifiers over HTTP.",
        version=metadata.version("hoiquy"),
        lifespan=lifespan,
        docs_url=None,  # these pages load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        responses=error_responses(400, 401, 500, 503),
        exception_handlers={
            HTTPException: handle_http_error,
            RequestValidationError: handle_validation_error,
        },
    )
    app.state.service = service
    app.include_router(prediction_routes.router)
    app.include_router(run_routes.router)
    app.include_router(status_routes.router)
    app.include_router(page_routes.router)
    mimetypes.add_type("text/javascript", ".js")  # some systems have another type for it
    app.mount("/assets/report", StaticFiles(packages=[("hoiquy.report.page", "assets")]))
    app.mount("/assets", StaticFiles(packages=[("hoiquy.server", "page")]))
    description = app.openapi()  # FastAPI keeps it
    description["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    description["security"] = [{}, {"key": []}]  # optional: a service may have no key
    _add_middleware(app, service, description["paths"])
    return app


def _add_middleware(app: FastAPI, service: Service, paths: Iterable[str]) -> None:
    """What is added last sees a request first."""
    settings = service.settings
    app.add_middleware(QuickPredictions, service=service)
    app.add_middleware(EarlyRefusal, service=service)
    if settings.key is not None:
        app.add_middleware(
            AuthenticationMiddleware, backend=ApiKey(settings.key), on_error=unauthorized
        )
    if settings.hosts is not None:
        # A page whose name was made to mean 127.0.0.1 (DNS rebinding) would be of our own origin.
        app.add_middleware(
            TrustedHostMiddleware, allowed_hosts=sorted(settings.hosts), www_redirect=False
        )
    app.add_middleware(RequestMetrics, metrics=service.metrics, paths=paths)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLimits, metrics=service.metrics)
