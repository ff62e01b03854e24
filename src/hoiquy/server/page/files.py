"""Every file of the page by its path, as the server hands it out."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from hoiquy.messages import LANGUAGES, Lang, catalogue

INDEX = "index.html"  # the page itself; all others lie beneath /assets/

# Shared with the report, so that both look alike and draw alike.
OF_THE_REPORT = (
    "vendor/uPlot.min.css",
    "vendor/uPlot.iife.min.js",
    "vendor/uPlot.LICENSE.txt",
    "colours.css",
    "page.css",
    "frame.css",
    "tables.css",
    "figures.css",
    "curves.css",
    "theme.js",
    "charts.js",
    "curves.js",
)
_TEXTS = ("serve.", "page.", "curve.", "compare.")  # what the page says begins so
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class PageFile:
    """What is sent: bytes, and the value of Content-Type."""

    content: bytes
    media_type: str


@cache
def page_files() -> dict[str, PageFile]:
    """All files by path: "index.html" is the page, the others lie beneath /assets/.

    "texts-vi.json" and "texts-en.json" hold the catalogue's templates by key.
    """
    own = resources.files("hoiquy.server.page").joinpath("assets")
    report = resources.files("hoiquy.report.page").joinpath("assets")
    files = {file.name: _file(file) for file in own.iterdir() if file.is_file()}
    files |= {path: _file(report.joinpath(*path.split("/"))) for path in OF_THE_REPORT}
    return files | {f"texts-{lang}.json": _texts(lang) for lang in LANGUAGES}


def _file(file: Traversable) -> PageFile:
    return PageFile(file.read_bytes(), _MEDIA_TYPES[PurePosixPath(file.name).suffix])


def _texts(lang: Lang) -> PageFile:
    templates = {key: said for key, said in catalogue(lang).items() if key.startswith(_TEXTS)}
    return PageFile(json.dumps(templates, ensure_ascii=False).encode(), _MEDIA_TYPES[".json"])
