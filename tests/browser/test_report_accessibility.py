"""axe-core finds no serious fault in the report; what it cannot see is held here too."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

SERIOUS = ("serious", "critical")


@pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("vi", "dark")])
def test_axe_finds_no_serious_fault(open_report: Callable[..., Any], lang: str, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with open_report(lang=lang, theme=theme) as reader:
        open_all = "document.querySelectorAll('details').forEach(one => { one.open = true })"
        reader.page.evaluate(open_all)
        found = Axe().run(reader.page).response["violations"]
    faults = {
        fault["id"]: [node["html"][:120] for node in fault["nodes"][:3]]
        for fault in found
        if fault["impact"] in SERIOUS
    }
    assert not faults, json.dumps(faults, indent=1, ensure_ascii=False)


def test_headings_do_not_skip_a_level(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        levels = reader.report(":is(h1, h2, h3, h4)").evaluate_all(
            "headings => headings.map(heading => Number(heading.tagName[1]))"
        )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


def test_ids_are_unique(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        ids = reader.page.locator("[id]").evaluate_all("found => found.map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_focus_can_be_seen(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        for _ in range(6):  # the link to the content, the four buttons, the first of the contents
            reader.page.keyboard.press("Tab")
            assert reader.page.evaluate(outline) == "solid"
