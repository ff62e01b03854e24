"""The report to hand in: nothing is cut off, and paper has the code, the recipes and few pages."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hoiquy.messages import Lang
from hoiquy.report.gathering import gather
from hoiquy.report.own_words.author import Author
from hoiquy.report.own_words.file import OwnWords
from hoiquy.report.page.build import write_page
from hoiquy.report.report_options import ReportOptions
from page_runs import KINDS, write_page_run

# What is wider than its box, where the box does not scroll or the screen is wide enough.
CUT_OFF = """[...document.querySelectorAll(".report:not([hidden]) :is(pre, .scroll, p, li, dd)")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
    .map((one) => one.className + ": " + one.textContent.trim().slice(0, 60))"""


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brief")
    for name in KINDS:
        write_page_run(folder / "runs" / name, name, documents=400, hostile=True)
    remarks = {"bai3": ("LSTM học nhanh từ epoch 2 & <b>không</b> dao động.",)}
    options = ReportOptions(OwnWords(Author("Lê Thị Bé", "7", "K68"), remarks), brief=True)
    return write_page(gather([folder / "runs"]), folder / "report.html", "vi", options=options)


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_nothing_is_cut_off_at_1200_pixels(open_report: Callable[..., Any], lang: Lang) -> None:
    with open_report(lang, width=1200) as reader:
        assert reader.page.evaluate("document.documentElement.scrollWidth") == 1200
        assert reader.page.evaluate(CUT_OFF) == []


def test_the_sheets_order(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        assert reader.report("#en-network-3 h3").all_inner_texts() == [
            "Code",
            "Figure 5. Model summary",
            "Learning curves",
            "Remarks on the learning curves",
            "Accuracy on the test set",
            "Remarks on the test accuracy",
        ]
        sections = reader.report("main > section").evaluate_all("all => all.map(one => one.id)")
        assert sections == [
            "en-summary", "en-preparation", *(f"en-network-{number}" for number in range(1, 6)),
            "en-curves", "en-comparison", "en-reproduce", "en-pairs", "en-predictions",
            "en-recipes", "en-words",
        ]  # fmt: skip


def test_paper_has_code_and_recipes(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        reader.page.emulate_media(media="print")
        for selector in ("#en-network-3 pre.python", "#en-recipes pre >> nth=2"):
            assert reader.report(selector).is_visible()
            style = "one => (({columnCount, widows}) => columnCount + ' ' + widows)"
            style += "(getComputedStyle(one))"
            columns, lines = reader.report(selector).evaluate(style).split()
            assert columns == ("2" if "recipes" in selector else "auto")
            assert int(lines) >= 5  # no few lines of code alone on a page
        assert 'name = "bai3"' in reader.report("#en-recipes pre >> nth=2").inner_text()


def test_a_brief_report_has_at_most_ten_pages(brief: Path, open_report: Callable[..., Any]) -> None:
    with open_report("vi", path=brief, width=1200) as reader:
        paper = reader.page.pdf(format="Letter", prefer_css_page_size=True)
        assert re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", paper)[0] == (b"594", b"841")  # A4
        assert 3 < len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) <= 10
        assert reader.report(".own").inner_text().endswith("<b>không</b> dao động.")
        assert reader.report(".author").inner_text().split("\n") == [
            "Họ và tên", "Lê Thị Bé", "Mã số sinh viên", "7", "Lớp", "K68",
        ]  # fmt: skip
        assert reader.report("#vi-pairs, #vi-predictions, #vi-recipes, #vi-curves").count() == 0
        assert reader.complaints == []


def test_curves_of_a_brief_report_keep_their_axes_on_paper(
    brief: Path, open_report: Callable[..., Any]
) -> None:
    with open_report("vi", path=brief) as reader:
        reader.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        reader.page.emulate_media(media="print")
        plot = reader.report("#vi-network-3 .plot").first
        inner, outer = (one.bounding_box() for one in (plot.locator(".uplot"), plot))
        assert inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1
