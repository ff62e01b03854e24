"""The page and its texts; its other files are mounted below /assets."""

from importlib import resources

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from hoiquy.messages import Lang, catalogue
from hoiquy.server.errors import content
from hoiquy.server.service import ServiceDependency

_INDEX = resources.files("hoiquy.server").joinpath("page", "index.html")
_PREFIXES = ("serve.", "page.", "curve.")  # of keys in the catalogue

router = APIRouter()


@router.get("/", summary="The page.", response_class=Response, responses=content("text/html"))
async def page() -> FileResponse:
    return FileResponse(str(_INDEX))


@router.get("/assets/texts/{lang}.json", include_in_schema=False)
async def texts(lang: Lang, service: ServiceDependency) -> dict[str, str]:
    """The texts of the page by key: its own and some of the report's."""
    everything = await service.short_work.run(catalogue, lang)  # slow to read the first time
    return {key: text for key, text in everything.items() if key.startswith(_PREFIXES)}
