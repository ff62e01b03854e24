"""What lies in the served folder: models, runs, their curves, comparisons and the report."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hoiquy.messages import LANGUAGES, Lang
from hoiquy.server.answers import json_answer
from hoiquy.server.errors import ApiError
from hoiquy.server.schemas import Comparison, Models, Runs
from hoiquy.server.service import Service


async def models(service: Service, request: Request) -> Response:
    described = await service.desk.run(service.models.describe)
    return json_answer(Models(models=described))


async def runs(service: Service, request: Request) -> Response:
    return json_answer(Runs(runs=await service.desk.run(service.runs.rows)))


async def history(service: Service, request: Request) -> Response:
    name = _parameter(request, "name")
    return json_answer(await service.desk.run(partial(service.runs.history, name)))


async def compare(service: Service, request: Request) -> Response:
    first, second = _parameter(request, "a"), _parameter(request, "b")
    lang = _lang(request)
    if first == second:
        raise ApiError(409, "same_run", "a and b are the same run: choose two")

    def compared() -> Comparison:
        from hoiquy.server.comparisons import compare  # loads much that starting does without

        return compare(service.runs, first, second, lang)

    return json_answer(await service.slow.run(compared))


async def report(service: Service, request: Request) -> Response:
    page = await service.slow.run(partial(service.reports.page, _lang(request)))
    headers = {"Content-Security-Policy": page.policy, "X-Frame-Options": "SAMEORIGIN"}
    return Response(page.content, media_type="text/html", headers=headers)


def _parameter(request: Request, name: str) -> str:
    values = request.query_params.getlist(name)
    if len(values) != 1:
        raise ApiError(422, "missing_parameter", f"the address needs ?{name}=…, once")
    return values[0]


def _lang(request: Request) -> Lang:
    wanted = request.query_params.get("lang", "en")
    for lang in LANGUAGES:
        if wanted == lang:
            return lang
    raise ApiError(422, "unknown_language", f"lang: expected one of {', '.join(LANGUAGES)}")
