"""The page's files: only those that were found at the start."""

import json

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
    assert texts == {k: v for k, v in catalogue(lang).items() if k.startswith("serve.")}
