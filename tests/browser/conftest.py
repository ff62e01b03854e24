"""A page of five synthetic runs with hostile texts, opened from disk in a headless Chromium."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))  # the makers of synthetic runs

from page_runs import KINDS, write_page_run

from hoiquy.messages import Lang
from hoiquy.report.gathering import gather
from hoiquy.report.page.build import write_page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WIDTH, HEIGHT = 1280, 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of this folder where there is no browser."""
    if CHROMIUM is None:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium"))


@dataclass
class Reader:
    """A browser tab with the report, and what it complained about."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def report(self, selector: str) -> Any:
        """What is found within the language that is shown."""
        return self.page.locator(f".report:not([hidden]) {selector}")

    def choose(self, name: str, value: str) -> None:
        self.report(f"[data-{name}='{value}']").first.click()


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    for name in KINDS:
        write_page_run(folder / "runs" / name, name, documents=400, hostile=True)
    return write_page(gather([folder / "runs"]), folder / "report.html", "en")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_report(chromium: Any, report_file: Path) -> Callable[..., Any]:
    """`with open_report(lang, theme, width) as reader:` opens the page; the tab is closed after."""

    @contextmanager
    def opened(
        lang: Lang = "en", theme: str = "light", width: int = WIDTH, path: Path = report_file
    ) -> Iterator[Reader]:
        viewport = {"width": width, "height": HEIGHT}
        context = chromium.new_context(viewport=viewport, color_scheme=theme)
        reader = Reader(context.new_page())
        reader.page.on("console", lambda said: reader.complaints.append(said.text))
        reader.page.on("pageerror", lambda error: reader.complaints.append(str(error)))
        reader.page.on("request", lambda request: reader.requests.append(request.url))
        reader.page.goto(path.as_uri())
        if lang != "en":
            reader.choose("language", lang)
        yield reader
        context.close()

    return opened
