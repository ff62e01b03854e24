"""The report in a browser: it opens from disk, switches, zooms, and loads nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hoiquy.report.gathering import gather
from hoiquy.report.page.build import write_page


def canvas_ink(plot: Any) -> str:
    """What a canvas shows, as a data URL."""
    return str(plot.locator("canvas").evaluate("canvas => canvas.toDataURL()"))


def test_opens_from_disk_without_a_complaint_or_a_request(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        assert reader.page.title() == "Text classification with recurrent networks: lab report"
        assert reader.report("canvas").count() == 12  # two of all, two of each network
        assert reader.requests == [reader.page.url]
        assert reader.complaints == []


def test_hostile_texts_are_words(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        first = reader.report(".misclassified summary").first
        assert '<script>document.title = "hacked"</script>' in first.inner_text()
        assert reader.page.locator("img").count() == 0
        assert "hacked" not in reader.page.title()


def test_language_switches_and_keeps_the_place(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        reader.page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
        reader.report("#en-network-3").evaluate("section => section.scrollIntoView()")
        before = reader.report("#en-network-3").bounding_box()
        reader.page.evaluate("document.querySelector('#en [data-language=vi]').click()")
        assert reader.page.locator("html").get_attribute("lang") == "vi"
        assert reader.page.title() == "Phân loại văn bản bằng mạng hồi quy: báo cáo thực hành"
        assert reader.page.locator("#en").is_hidden()
        assert reader.report("h1").inner_text().startswith("Phân loại văn bản")
        after = reader.report("#vi-network-3").bounding_box()
        assert abs(after["y"] - before["y"]) < 2
        assert reader.report("[data-language=vi]").get_attribute("aria-pressed") == "true"
        assert reader.report("canvas").count() == 12
        reader.choose("language", "en")
        assert reader.page.locator("#vi").is_hidden()
        assert reader.complaints == []


def test_theme_follows_the_system_and_the_reader(open_report: Callable[..., Any]) -> None:
    with open_report(theme="dark") as reader:
        paper = "getComputedStyle(document.body).backgroundColor"
        plot = reader.report("#en-curves .plot").first
        dark, dark_ink = reader.page.evaluate(paper), canvas_ink(plot)
        reader.choose("theme-is", "light")
        light = reader.page.evaluate(paper)
        assert light == "rgb(253, 252, 250)" != dark
        assert canvas_ink(plot) != dark_ink  # the curves were drawn again
        assert reader.report("[data-theme-is=light]").get_attribute("aria-pressed") == "true"
        reader.page.reload()
        assert reader.page.evaluate(paper) == light  # with_run_options
        reader.choose("theme-is", "dark")
        reader.page.emulate_media(color_scheme="light")  # dark was the system's: followed again
        reader.page.locator("html[data-theme=light]").wait_for()
        assert reader.page.evaluate(paper) == light
        assert reader.complaints == []


def test_a_run_is_toggled(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        section = reader.report("#en-curves")
        plot = section.locator(".plot").first
        all_runs = canvas_ink(plot)
        box = section.get_by_label("Exercise 3")
        box.uncheck()
        assert canvas_ink(plot) != all_runs
        assert "off" in (section.locator("tr[data-run='2']").get_attribute("class") or "")
        box.check()
        assert canvas_ink(plot) == all_runs
        section.locator("[data-part=validation]").uncheck()
        assert canvas_ink(plot) != all_runs


def test_hovering_tells_values(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        section = reader.report("#en-curves")
        area = section.locator(".u-over").first
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        epoch_5 = box["x"] + box["width"] * 4 / 19  # of 20
        reader.page.mouse.move(epoch_5, box["y"] + 20)
        tip = section.locator(".tip").first
        assert "epoch 5" in tip.inner_text().lower()
        assert "%" in tip.inner_text()
        assert "at epoch 5" in section.locator("caption").inner_text()
        assert section.locator("[data-part=epoch]").input_value() == "5"
        shown = section.locator("tr[data-run='2'] [data-value=val_accuracy]").inner_text()
        network = reader.report("#en-network-3")
        network.locator("summary", has_text="as a table").click()
        row = network.locator("table.epochs tbody tr").nth(4)
        assert shown == row.locator("td").nth(1).inner_text()
        reader.page.mouse.move(5, 5)
        assert tip.is_hidden()


def test_keyboard_goes_through_the_epochs_and_zooms(open_report: Callable[..., Any]) -> None:
    with open_report() as reader:
        section = reader.report("#en-curves")
        plot = section.locator(".plot").first
        whole = canvas_ink(plot)
        slider = section.locator("[data-part=epoch]")
        slider.focus()
        reader.page.keyboard.press("Home")
        reader.page.keyboard.press("ArrowRight")
        assert "at epoch 2" in section.locator("caption").inner_text()
        assert section.locator("[data-part=reset]").is_disabled()
        section.locator("[data-part=in]").focus()
        reader.page.keyboard.press("Enter")
        assert canvas_ink(plot) != whole
        assert section.locator("[data-part=earlier]").is_disabled()  # epoch 2 is near the start
        section.locator("[data-part=later]").press("Enter")
        assert section.locator("[data-part=earlier]").is_enabled()
        section.locator("[data-part=reset]").press("Enter")
        assert canvas_ink(plot) == whole
        assert section.locator("[data-part=reset]").is_disabled()


@pytest.mark.parametrize("panel", [0, 1])
def test_dragging_zooms_both_panels(open_report: Callable[..., Any], panel: int) -> None:
    with open_report() as reader:
        section = reader.report("#en-curves")
        plots = section.locator(".plot")
        before = [canvas_ink(plots.nth(at)) for at in (0, 1)]
        area = section.locator(".u-over").nth(panel)
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        y = box["y"] + box["height"] / 2
        reader.page.mouse.move(box["x"] + 0.3 * box["width"], y)
        reader.page.mouse.down()
        reader.page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=5)
        reader.page.mouse.up()
        assert all(canvas_ink(plots.nth(at)) != before[at] for at in (0, 1))
        assert section.locator("[data-part=reset]").is_enabled()
        section.locator("[data-part=reset]").click()
        reader.page.mouse.move(5, 5)
        assert [canvas_ink(plots.nth(at)) for at in (0, 1)] == before
        assert reader.complaints == []


def test_a_phone_needs_no_sideways_scrolling(open_report: Callable[..., Any]) -> None:
    for lang in ("en", "vi"):
        with open_report(lang=lang, width=360) as reader:
            assert reader.page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_matrix_of_many_classes_has_the_whole_width(
    open_report: Callable[..., Any], trained: Path, tmp_path: Path
) -> None:
    report = write_page(gather([trained / "many", trained / "gru"]), tmp_path / "r.html", "en")
    with open_report(path=report) as reader:
        shares = reader.report(".scroll:has(> .confusion)").evaluate_all(
            "boxes => boxes.map(box => box.clientWidth / box.closest('.side-by-side').clientWidth)"
        )
        assert sorted(share > 0.95 for share in shares) == [False, True]
        fits = reader.report(".scroll:has(> .legend)").evaluate("box => box.scrollWidth")
        assert fits == reader.report(".scroll:has(> .legend)").evaluate("box => box.clientWidth")


def test_only_what_scrolls_is_a_stop_for_the_tab_key(open_report: Callable[..., Any]) -> None:
    scrolls = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth).length"
    for width in (1280, 360):
        with open_report(width=width) as reader:
            boxes = reader.report(".scroll").evaluate_all(scrolls)
            assert reader.report(".scroll[tabindex]").count() == boxes


def test_paper_is_light_and_has_the_curves(open_report: Callable[..., Any]) -> None:
    with open_report(theme="dark") as reader:
        reader.page.emulate_media(media="print")
        assert reader.page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        plot = reader.report("#en-curves .plot").first
        assert plot.bounding_box()["width"] == 330
        assert plot.locator("canvas").evaluate("canvas => canvas.width") == 990  # sharp on paper
        assert not reader.report(".tools").is_visible()
        assert not reader.report(".contents").is_visible()
        pdf = reader.page.pdf(format="A4")
        assert pdf.startswith(b"%PDF")
        reader.page.emulate_media(media="screen")
        assert reader.page.locator("html").get_attribute("data-theme") == "dark"
        assert reader.complaints == []


def test_without_scripts_everything_but_the_drawing_is_there(
    chromium: Any, report_file: Any
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report_file.as_uri())
    assert page.locator("#en-summary table").is_visible()
    assert page.locator("#en noscript").inner_text().startswith("The curves need JavaScript")
    assert not page.locator("#en [data-part=in]").is_visible()
    page.locator("#en-network-3 summary", has_text="as a table").click()
    assert page.locator("#en-network-3 table.epochs tbody tr").count() == 10
    context.close()
