"""A headless Chromium, a report of synthetic runs opened from disk, and the page of a server."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from served_runs import serving, write_runs

from hoiquy.messages import Lang
from hoiquy.report.gathering import gather
from hoiquy.report.page.build import write_page
from page_runs import KINDS, write_page_run

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


@pytest.fixture(scope="module")  # while it runs, no other event loop can in this thread
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


@dataclass
class Visitor:
    """A browser tab with the page of `hoiquy serve`, and what it complained about."""

    page: Any
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def go(self, view: str) -> None:
        self.page.locator(f".views a[href='#{view}']").click()
        self.page.locator(f"#view-{view}").wait_for()

    def read(self, text: str, *models: str) -> None:
        """Have a text read by one model or two, and wait for the end of the play."""
        for number, model in enumerate(models, start=1):
            self.page.locator(f"#model-{number}").select_option(model)
        self.page.locator("#review").fill(text)
        self.page.get_by_role("button", name="Predict", exact=True).click()
        self.page.locator("#try-answer:not(:empty)").wait_for(state="attached")

    @property
    def outside(self) -> list[str]:
        """Requests that went elsewhere than to the server."""
        return [url for url in self.requests if not url.startswith(f"{self.address}/")]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_runs(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def served(trained: Path) -> Iterator[str]:
    with serving(trained) as address:
        yield address


@pytest.fixture
def visit(chromium: Any, served: str) -> Callable[..., Any]:
    """`with visit(view, lang, theme, width) as visitor:` opens the page in a fresh browser."""

    @contextmanager
    def opened(
        view: str = "try", lang: str = "en-GB", theme: str = "light", width: int = WIDTH,
        address: str | None = None, still: bool = True,
    ) -> Iterator[Visitor]:  # fmt: skip
        context = chromium.new_context(
            viewport={"width": width, "height": HEIGHT}, color_scheme=theme, locale=lang,
            reduced_motion="reduce" if still else "no-preference",
        )  # fmt: skip
        visitor = Visitor(context.new_page(), address or served)
        visitor.page.on("console", lambda said: visitor.complaints.append(said.text))
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        context.on("request", lambda request: visitor.requests.append(request.url))
        visitor.page.goto(f"{visitor.address}/#{view}")
        visitor.page.locator("#page:not([hidden])").wait_for()
        yield visitor
        context.close()

    return opened
