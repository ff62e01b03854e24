"""Routes for those who operate the service, and tickets."""

from fastapi import APIRouter, Response

from hoiquy.server.auth import TICKET_SECONDS, new_ticket
from hoiquy.server.errors import api_error, content
from hoiquy.server.metrics import CONTENT_TYPE
from hoiquy.server.schemas import Health, Ticket
from hoiquy.server.service import ServiceDependency

router = APIRouter()


@router.get("/health", summary="The process is alive.")
async def health() -> Health:
    return Health(status="ok")


@router.get("/ready", summary="A model can predict.")
async def ready(service: ServiceDependency) -> Health:
    if not service.is_ready:
        raise api_error(503, "not_ready", "no model can predict yet", retry_after=2)
    return Health(status="ok")


@router.get(
    "/metrics", summary="For Prometheus.", response_class=Response, responses=content("text/plain")
)
async def metrics(service: ServiceDependency) -> Response:
    return Response(service.metrics.page(), headers={"Content-Type": CONTENT_TYPE})


@router.post("/api/ticket", summary="Opens /report?ticket=… where no header can be sent.")
async def ticket(service: ServiceDependency) -> Ticket:
    key = service.settings.key
    return Ticket(ticket=new_ticket(key) if key else "", seconds=TICKET_SECONDS)
