"""Every path of the service: who answers it, and what its description says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from hoiquy.server import prediction_routes as text_routes
from hoiquy.server import run_routes, schemas, status_routes
from hoiquy.server.errors import ApiError
from hoiquy.server.middleware import ASSETS, REPORT
from hoiquy.server.service import Service

Handler = Callable[[Service, Request], Awaitable[Response]]

JSON, HTML, TEXT = "application/json", "text/html", "text/plain"


@dataclass(frozen=True)
class Route:
    """body, answer: types of `schemas`, or str for another kind of media.

    parameters: names in the query. failures: statuses beside those that any route may give.
    """

    handler: Handler
    summary: str
    answer: type[Any] = str
    method: Literal["GET", "POST"] = "GET"
    body: type[Any] | None = None
    parameters: tuple[str, ...] = ()
    failures: tuple[int, ...] = ()
    media: str = JSON


_BODY = (404, 408, 413, 415, 422, 429)

ROUTES: dict[str, Route] = {
    "/api/predict": Route(
        text_routes.predict, "What a network says of texts.", schemas.PredictAnswer,
        method="POST", body=schemas.PredictRequest, failures=_BODY,
    ),
    "/api/explain": Route(
        text_routes.explain, "The probability after each word of a text.", schemas.ExplainAnswer,
        method="POST", body=schemas.ExplainRequest, failures=_BODY,
    ),
    "/api/models": Route(
        run_routes.models, "Networks that can answer.", schemas.Models, failures=(429,)
    ),
    "/api/runs": Route(
        run_routes.runs, "All runs, also those that train now.", schemas.Runs, failures=(429,)
    ),
    "/api/runs/history": Route(
        run_routes.history, "The epochs of a run so far.", schemas.History,
        parameters=("name",), failures=(404, 422, 429),
    ),
    "/api/compare": Route(
        run_routes.compare, "Which of two runs is better, as far as they can tell.",
        schemas.Comparison, parameters=("a", "b", "lang"), failures=(404, 409, 422, 429),
    ),
    "/api/ticket": Route(
        status_routes.ticket, "Opens /report?ticket=… where no header can be sent.",
        schemas.Ticket, method="POST",
    ),
    REPORT: Route(
        run_routes.report, "All runs as a page.", parameters=("lang", "ticket"),
        failures=(409, 422, 429), media=HTML,
    ),
    "/health": Route(status_routes.health, "The process lives.", schemas.Health),
    "/ready": Route(status_routes.ready, "A network can answer.", schemas.Health),
    "/metrics": Route(status_routes.metrics, "For Prometheus.", media=TEXT),
    "/openapi.json": Route(status_routes.openapi, "This description.", dict),
    "/": Route(status_routes.page, "The page.", media=HTML, failures=(404,)),
}  # fmt: skip
_ASSET = Route(status_routes.asset, "A file of the page.")


def route_of(path: str, method: str) -> Route:
    """Raises ApiError 404 and 405."""
    route = _ASSET if path.startswith(ASSETS) else ROUTES.get(path)
    if route is None:
        raise ApiError(404, "not_found", "there is no such page")
    if method != route.method and not (method == "HEAD" and route.method == "GET"):
        raise ApiError(
            405, "wrong_method", f"expected {route.method}", headers={"Allow": route.method}
        )
    return route
