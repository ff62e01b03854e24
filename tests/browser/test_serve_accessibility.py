"""axe-core finds no serious fault in any view; the focus can be seen and headings are in order."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

SERIOUS = ("serious", "critical")


def fill_view(visitor: Any, view: str) -> None:
    """Bring a view to where it shows all it has."""
    page = visitor.page
    if view == "try":
        page.locator("#model-1").select_option("ba-lop")
        page.locator("#model-2").select_option("both-ways")
        page.locator("#review").fill("phim này tuyệt vời nhưng mango dở tệ")
        page.locator("#try-form button[type=submit]").click()
        page.locator(".reading").nth(1).wait_for()
        page.locator("#player input").fill("4")
    elif view == "runs":
        page.locator("#curves-figure canvas").first.wait_for()
        for name in ("gru", "both-ways"):
            page.get_by_role("checkbox", name=name).first.check()
        page.locator("#runs-table input:checked").first.uncheck()
        page.locator("#verdict .verdict").wait_for()


@pytest.mark.parametrize(("lang", "theme"), [("en-GB", "light"), ("vi-VN", "dark")])
@pytest.mark.parametrize("view", ["try", "runs", "report"])
def test_axe_finds_no_serious_fault(
    visit: Callable[..., Any], view: str, lang: str, theme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with visit(view, lang=lang, theme=theme) as visitor:
        fill_view(visitor, view)
        found = Axe().run(visitor.page).response["violations"]
        levels = visitor.page.locator(":is(h1, h2, h3, h4):visible").evaluate_all(
            "headings => headings.map(heading => Number(heading.tagName[1]))"
        )
        ids = visitor.page.locator("[id]").evaluate_all("found => found.map(one => one.id)")
    faults = {
        fault["id"]: [node["html"][:160] for node in fault["nodes"][:3]]
        for fault in found
        if fault["impact"] in SERIOUS
    }
    assert not faults, json.dumps(faults, indent=1, ensure_ascii=False)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    assert len(ids) == len(set(ids))


def test_focus_can_be_seen(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.page.locator("#examples button").first.wait_for()
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        last = visitor.page.locator("#try-form button[type=submit]")
        for _ in range(30):
            visitor.page.keyboard.press("Tab")
            assert visitor.page.evaluate(outline) == "solid"
            if last.evaluate("button => button === document.activeElement"):
                return
        pytest.fail("Predict is not reached by the Tab key")
