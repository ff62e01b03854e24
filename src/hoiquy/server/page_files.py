"""The page's files, read once at the start: only what was found then is ever given out."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from hoiquy.messages import Lang, catalogue

INDEX = "index.html"
_SAID = ("serve.", "page.", "curve.")  # keys of the catalogue
_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class PageFile:
    content: bytes
    kind: str  # of media
    tag: str  # changes with the content


def read_page_files() -> dict[str, PageFile]:
    """By the path below /assets/: the page's own files, and the report's below report/."""
    own = _below(resources.files("hoiquy.server").joinpath("page"), "")
    return own | _below(resources.files("hoiquy.report.page").joinpath("assets"), "report/")


@cache
def page_texts(lang: Lang) -> PageFile:
    """What the page says, by key, as JSON: its own words and some of the report's.

    The catalogues take a while to read.
    """
    texts = {key: said for key, said in catalogue(lang).items() if key.startswith(_SAID)}
    return _file(json.dumps(texts, ensure_ascii=False, sort_keys=True).encode("utf-8"), "json")


def _below(folder: Traversable, prefix: str) -> dict[str, PageFile]:
    files: dict[str, PageFile] = {}
    if not folder.is_dir():
        return files
    for entry in folder.iterdir():
        ending = entry.name.rpartition(".")[2]
        if entry.is_dir():
            files |= _below(entry, f"{prefix}{entry.name}/")
        elif ending in _KINDS:
            files[f"{prefix}{entry.name}"] = _file(entry.read_bytes(), ending)
    return files


def _file(content: bytes, ending: str) -> PageFile:
    return PageFile(content, _KINDS[ending], f'"{hashlib.sha256(content).hexdigest()[:32]}"')
