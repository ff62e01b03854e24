"""What those ask who run the service, and the files of the page."""

import json
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hoiquy.messages import LANGUAGES
from hoiquy.server.answers import json_answer
from hoiquy.server.auth import TICKET_SECONDS, new_ticket
from hoiquy.server.errors import ApiError
from hoiquy.server.metrics import CONTENT_TYPE
from hoiquy.server.middleware import ASSETS
from hoiquy.server.page_files import INDEX, PageFile, page_texts
from hoiquy.server.schemas import Health, Ticket
from hoiquy.server.service import Service


async def health(service: Service, request: Request) -> Response:
    return json_answer(Health(status="ok"))


async def ready(service: Service, request: Request) -> Response:
    if not service.is_ready:
        raise ApiError(503, "not_ready", "no network can answer yet", retry_after=2)
    return json_answer(Health(status="ok"))


async def metrics(service: Service, request: Request) -> Response:
    return Response(service.metrics.page(), headers={"Content-Type": CONTENT_TYPE})


async def ticket(service: Service, request: Request) -> Response:
    key = service.settings.key
    return json_answer(Ticket(ticket=new_ticket(key) if key else "", seconds=TICKET_SECONDS))


async def openapi(service: Service, request: Request) -> Response:
    from hoiquy.server.openapi import description

    return Response(json.dumps(description()), media_type="application/json")


async def page(service: Service, request: Request) -> Response:
    return _sent(request, service.files.get(INDEX))


async def asset(service: Service, request: Request) -> Response:
    name = request.scope["path"].removeprefix(ASSETS)
    for lang in LANGUAGES:
        if name == f"texts/{lang}.json":
            return _sent(request, await service.desk.run(partial(page_texts, lang)))
    return _sent(request, service.files.get(name))


def _sent(request: Request, file: PageFile | None) -> Response:
    if file is None:
        raise ApiError(404, "not_found", "there is no such page")
    headers = {"ETag": file.tag, "Cache-Control": "no-cache", "Content-Type": file.kind}
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers)
