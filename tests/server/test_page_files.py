"""The page's files: only those that were found at the start."""

import json
import re

import pytest
from running import Caller

from hoiquy.messages import LANGUAGES, catalogue


def test_files_of_the_report_are_shared(service: Caller) -> None:
    first = service.get("/assets/report/colours.css")
    assert first.status == 200 and first.headers["content-type"].startswith("text/css")
    again = service.get("/assets/report/colours.css", if_none_match=first.headers["etag"])
    assert (again.status, again.content) == (304, b"")
    script = service.get("/assets/report/vendor/uPlot.iife.min.js")
    assert script.status == 200 and script.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "name",
    ["", "x.js", "../app.py", "..%2fapp.py", "report/../../build.py", "/etc/passwd", "report",
     "%2e%2e/settings.py", "report/%00", "texts/fr.json"],
)  # fmt: skip
def test_nothing_else_is_given_out(service: Caller, name: str) -> None:
    assert service.get(f"/assets/{name}").code == "not_found"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_of_the_page(service: Caller, lang: str) -> None:
    texts = json.loads(service.get(f"/assets/texts/{lang}.json").content)
    assert texts.items() <= catalogue(lang).items()
    assert {key for key in catalogue(lang) if key.startswith("serve.")} <= texts.keys()
    assert len(texts) < len(catalogue(lang)) / 2


def test_the_page_is_there_and_all_that_it_names(service: Caller) -> None:
    page = service.get("/")
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    named = re.findall(r'(?:src|href)="(assets/[^"]+)"', page.content.decode("utf-8"))
    assert len(named) > 3
    for address in named:
        assert service.get(f"/{address}").status == 200, address
