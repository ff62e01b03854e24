"""The frame of the page of `hoiquy serve`: language, theme, views, key, phone, a lost server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from served_runs import serving

from hoiquy.messages import Lang, format_number

PAPER = "getComputedStyle(document.body).backgroundColor"
# DejaVu Sans, the sans-serif of many Linux systems, is wide: 3.61 em for this word. Where the
# system's font is narrower, its letters are spaced to the same width.
AS_WIDE_AS_DEJAVU = """() => {
    const family = getComputedStyle(document.querySelector('.top button')).fontFamily;
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = `100px ${family}`;
    const missing = Math.max(0, 3.61 - pen.measureText('English').width / 100);
    document.querySelectorAll('.top, .top button').forEach(one => {
        one.style.letterSpacing = `${missing / 'English'.length}em`;
    });
}"""


def test_language_is_the_readers_and_is_kept(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        visitor.read("word1 mango", "lstm")
        page.locator("[data-language=vi]").click()
        page.locator("h1", has_text="Xem mô hình đọc một văn bản").wait_for()
        assert page.locator("html").get_attribute("lang") == "vi"
        assert page.title() == "Thử – hoiquy"
        assert page.locator("#review").input_value() == "word1 mango"
        assert "sau 2/2 từ" in page.locator(".answer-line").inner_text()
        page.reload()
        page.locator("h1", has_text="Xem mô hình đọc một văn bản").wait_for()
        assert page.locator("[data-language=vi]").get_attribute("aria-pressed") == "true"
        assert visitor.complaints == []
    with visit(lang="vi-VN") as visitor:
        assert visitor.page.locator("html").get_attribute("lang") == "vi"
    with visit(lang="de-DE") as visitor:
        assert visitor.page.locator("html").get_attribute("lang") == "en"


def test_every_text_of_the_page_is_there_in_both_languages(visit: Callable[..., Any]) -> None:
    for lang in ("en-GB", "vi-VN"):
        with visit(lang=lang) as visitor:
            for selector in ("[data-text]", "[data-label]", "[data-placeholder]"):
                kind = {"[data-text]": "textContent", "[data-label]": "ariaLabel"}.get(
                    selector, "placeholder"
                )
                said = visitor.page.locator(selector).evaluate_all(
                    f"found => found.map(one => one.{kind})"
                )
                assert said
                assert all(said)


@pytest.mark.parametrize(("lang", "code"), [("en", "en-GB"), ("vi", "vi-VN")])
def test_numbers_are_formatted_as_in_python(
    visit: Callable[..., Any], lang: Lang, code: str
) -> None:
    values = [0, 1, 0.83125, 0.83375, 0.83145, 0.99996, 0.005, 0.00005, -0.0028, -0.00001]
    styles = ["percent1", "percent2", "points1", "points2", "decimal2", "decimal3"]
    cases = [(value, style) for value in values for style in styles] + [(25_000, "integer")]
    with visit(lang=code) as visitor:
        formatted = visitor.page.evaluate(
            """async ([module, cases]) => {
                const { number } = await import(module);
                return cases.map(([value, style]) => number(value, style));
            }""",
            [f"{visitor.address}/assets/texts.js", cases],
        )
    assert formatted == [format_number(value, style, lang) for value, style in cases]


def test_theme_is_kept_and_shared_with_the_report(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        light = page.evaluate(PAPER)
        page.locator("[data-theme-is=dark]").click()
        dark = page.evaluate(PAPER)
        assert dark != light
        page.reload()
        page.locator("#page:not([hidden])").wait_for()
        assert page.evaluate(PAPER) == dark
        visitor.go("report")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Open in a new tab").click()
        report = opened.value
        report.locator("#en-summary").wait_for()
        assert report.evaluate(PAPER) == dark
        assert urlsplit(report.url).query == "lang=en"


def test_views_have_addresses(visit: Callable[..., Any]) -> None:
    with visit("runs") as visitor:
        page = visitor.page
        assert page.locator("#view-runs").is_visible()
        assert page.locator(".views a[aria-current=page]").inner_text() == "Runs"
        visitor.go("try")
        assert page.locator("#view-runs").is_hidden()
        page.go_back()
        page.locator("#view-runs").wait_for()


def test_the_report_is_saved_as_a_file(visit: Callable[..., Any], tmp_path: Path) -> None:
    with visit("report", lang="vi-VN") as visitor:
        with visitor.page.expect_download() as saved:
            visitor.page.get_by_role("button", name="Lưu thành tệp").click()
        saved.value.save_as(tmp_path / "report.html")
        assert '<html lang="vi">' in (tmp_path / "report.html").read_text("utf-8")
        assert visitor.complaints == []


def test_a_phone_needs_no_sideways_scrolling(visit: Callable[..., Any]) -> None:
    for lang, read in (("en-GB", "Predict"), ("vi-VN", "Dự đoán")):
        with visit(lang=lang, width=360) as visitor:
            page = visitor.page
            width = "document.documentElement.scrollWidth"
            assert page.evaluate(width) == 360
            page.locator("#model-2").select_option("lstm")
            page.locator("#review").fill("word1 mango " + "w" * 60)
            page.get_by_role("button", name=read, exact=True).click()
            page.locator(".reading").first.wait_for()
            assert page.evaluate(width) == 360
            visitor.go("runs")
            page.locator("#curves-figure canvas").first.wait_for()
            assert page.evaluate(width) == 360
            visitor.go("report")
            assert page.evaluate(width) == 360


def test_language_and_theme_are_one_row_beside_the_name_on_a_phone(
    visit: Callable[..., Any],
) -> None:
    for lang in ("en-GB", "vi-VN"):
        with visit(lang=lang, width=360) as visitor:
            visitor.page.evaluate(AS_WIDE_AS_DEJAVU)
            tops = visitor.page.locator(".top .tools button").evaluate_all(
                "found => found.map(one => one.getBoundingClientRect().top)"
            )
            assert len(tops) == 4 and len(set(tops)) == 1
            name = visitor.page.locator(".wordmark").bounding_box()
            assert name["y"] < tops[0] + 32 and tops[0] < name["y"] + name["height"]


def test_what_can_be_pressed_on_a_phone_is_large_enough(visit: Callable[..., Any]) -> None:
    with visit(width=360) as visitor:
        visitor.read("word1 mango", "lstm")
        heights = visitor.page.locator("main button:visible, header button, .views a").evaluate_all(
            "found => found.filter(one => !one.closest('table')).map(one => one.offsetHeight)"
        )
        assert min(heights) >= 32


def test_a_folder_without_runs_says_what_to_do(visit: Callable[..., Any], tmp_path: Path) -> None:
    with serving(tmp_path) as address, visit(address=address) as visitor:
        page = visitor.page
        page.get_by_text("No model yet").wait_for()
        for command in ("hoiquy train reviews.csv --minutes 5", "hoiquy lab --quick"):
            assert command in page.locator("#no-model").inner_text()
        assert page.locator("#try-form").is_hidden()
        page.locator("[data-language=vi]").click()
        page.get_by_text("Từ bảng dữ liệu của bạn").first.wait_for()
        page.locator("[data-language=en]").click()
        visitor.go("runs")
        page.get_by_text("No runs yet").wait_for()
        assert "hoiquy lab --quick" in page.locator("#no-run").inner_text()
        visitor.go("report")
        page.get_by_role("button", name="Save as a file").click()
        page.locator("#report-problem", has_text="Nothing to report yet").wait_for()


def test_a_key_is_asked_for(visit: Callable[..., Any], trained: Path) -> None:
    with (
        serving(trained, HOIQUY_API_KEY="open-sesame-open-sesame") as address,
        visit(address=address) as visitor,
    ):
        page = visitor.page
        page.get_by_text("This server requires a key").wait_for()
        assert page.locator("#view-try").is_hidden()
        page.get_by_label("Key").fill("mellon")
        page.keyboard.press("Enter")
        page.get_by_text("Authentication failed: wrong key.").wait_for()
        page.get_by_label("Key").fill("open-sesame-open-sesame")
        page.keyboard.press("Enter")
        visitor.read("word1 mango", "lstm")
        page.reload()  # the tab keeps it
        visitor.read("word1 mango", "lstm")
        visitor.go("report")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Open in a new tab").click()
        opened.value.locator("#en-summary").wait_for()
        assert not any("open-sesame-open-sesame" in url for url in visitor.requests)
        assert visitor.outside == []


def test_a_server_that_goes_is_missed_and_found_again(
    visit: Callable[..., Any], trained: Path
) -> None:
    with serving(trained) as address:
        port = urlsplit(address).port
        opened = visit("runs", address=address)
        visitor = opened.__enter__()
        visitor.page.locator("#runs-table tbody tr").first.wait_for()
    try:
        visitor.page.locator("#problem", has_text="The server does not respond").wait_for()
        assert visitor.page.locator(
            "#runs-table tbody tr"
        ).first.is_visible()  # what is known stays
        with serving(trained, port=port or 0):
            visitor.page.locator("#problem:empty").wait_for(state="attached")
    finally:
        opened.__exit__(None, None, None)


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.page.locator("#try-form").wait_for()
        visitor.go("runs")
        visitor.page.locator("#curves-figure canvas").first.wait_for()
        visitor.go("report")
        assert len(visitor.requests) > 20
        assert visitor.outside == []
        assert visitor.complaints == []  # the policy would complain of what it forbids


def test_the_page_works_below_a_path(chromium: Any, served: str) -> None:
    """As behind a proxy that serves it at /hoiquy/."""
    below = f"{served}/hoiquy/"
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))

    def passed_on(route: Any) -> None:
        answer = route.fetch(url=route.request.url.replace(below, f"{served}/"))
        route.fulfill(response=answer)

    page.route(f"{below}**", passed_on)
    page.goto(below)
    page.locator("#examples button").first.click()
    page.locator(".reading").wait_for()
    page.locator(".views a[href='#runs']").click()
    page.locator("#curves-figure canvas").first.wait_for()
    assert all(url.startswith(below) for url in urls)
    context.close()
