"""What the served folder holds: models, runs, their curves, comparisons and the report."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from hoiquy.messages import Lang
from hoiquy.server.auth import REPORT
from hoiquy.server.errors import api_error, content, error_responses
from hoiquy.server.examples import example_texts
from hoiquy.server.schemas import Comparison, Examples, History, Models, Runs
from hoiquy.server.service import ServiceDependency

router = APIRouter(responses=error_responses(429))


@router.get("/api/models", summary="Models that can predict.")
async def models(service: ServiceDependency) -> Models:
    loading = not service.models.has_read  # asked first: it may become false meanwhile
    described = await service.short_work.run(service.models.describe)
    return Models(models=described, loading=loading)


@router.get(
    "/api/examples", summary="Texts to try a model on.", responses=error_responses(404, 422)
)
async def examples(model: str, service: ServiceDependency) -> Examples:
    return Examples(examples=await service.short_work.run(example_texts, service.runs, model))


@router.get("/api/runs", summary="All runs, including those in training.")
async def runs(service: ServiceDependency) -> Runs:
    return Runs(runs=await service.short_work.run(service.runs.rows))


@router.get(
    "/api/runs/history", summary="The epochs of a run so far.", responses=error_responses(404, 422)
)
async def history(name: str, service: ServiceDependency) -> History:
    return await service.short_work.run(service.runs.history, name)


@router.get("/api/compare", summary="Compare two runs.", responses=error_responses(404, 409, 422))
async def compare(a: str, b: str, service: ServiceDependency, lang: Lang = "en") -> Comparison:
    if a == b:
        raise api_error(409, "same_run", "a and b are the same run: choose two")

    def compared() -> Comparison:
        from hoiquy.server.comparisons import compare  # slow to import: not needed to start

        return compare(service.runs, a, b, lang)

    return await service.long_work.run(compared)


@router.get(
    REPORT, summary="All runs as a page.", response_class=Response,
    responses=content("text/html") | error_responses(409, 422),
)  # fmt: skip
async def report(
    service: ServiceDependency,
    lang: Lang = "en",
    ticket: Annotated[str, Query(description="From /api/ticket, in place of the key.")] = "",
) -> HTMLResponse:
    page = await service.long_work.run(service.reports.page, lang)
    headers = {"Content-Security-Policy": page.policy, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(page.content, headers=headers)
