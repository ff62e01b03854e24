"""The view in which a text is read, in a browser, by networks that were really trained."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from served_runs import HOSTILE_CLASS, HOSTILE_RUN, MANY_CLASSES, serving

import several_labels
from hoiquy import train
from hoiquy.messages import format_number

TEXT = "word1 word2 mango word3"


def answer(visitor: Any, at: int = 0) -> str:
    return str(visitor.page.locator(".answer-line").nth(at).inner_text())


def test_a_text_is_read_word_by_word(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read(TEXT, "gru")
        page = visitor.page
        assert page.locator(".passage .word").all_inner_texts() == TEXT.split()
        assert answer(visitor).startswith("pos ")
        assert "after 4 of 4 words" in answer(visitor)
        shares = page.locator(".classes .share").all_inner_texts()
        assert float(shares[1].rstrip("%")) > 60 > float(shares[0].rstrip("%"))
        assert "run-2" in (page.locator(".word", has_text="mango").get_attribute("class") or "")
        first = page.locator(".turns tbody tr").first
        assert first.locator("th").inner_text() == "mango"
        assert first.locator("td").first.inner_text().startswith("+")
        assert visitor.complaints == []
        assert visitor.outside == []


def test_what_is_shown_is_what_the_server_says(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read(TEXT, "gru")
        said = visitor.page.request.post(
            f"{visitor.address}/api/explain", data={"text": TEXT, "model": "gru"}
        ).json()
        slider = visitor.page.locator("#player input")
        shares = visitor.page.locator(".classes .share")
        for step, row in enumerate(said["probabilities"]):
            slider.fill(str(step))
            assert shares.all_inner_texts() == [
                format_number(share, "percent1", "en") for share in row
            ]


def test_the_trace_moves_by_itself_and_can_be_held(visit: Callable[..., Any]) -> None:
    with visit(still=False) as visitor:
        page = visitor.page
        page.locator("#review").fill(" ".join(f"word{at}" for at in range(12)))
        page.locator("#model-1").select_option("lstm")
        page.get_by_role("button", name="Predict", exact=True).click()
        page.get_by_role("button", name="Pause").wait_for()
        page.wait_for_function("() => document.querySelectorAll('.word:not(.to-come)').length > 2")
        page.get_by_role("button", name="Pause").click()
        held = page.locator(".place").inner_text()
        read = page.locator(".word:not(.to-come)").count()
        assert held == f"{read} of 12"
        assert page.locator(".word.now").inner_text() == f"word{read - 1}"
        page.get_by_role("button", name="Play").click()
        page.locator("#try-answer", has_text="lstm: ").wait_for(state="attached")
        assert page.locator(".place").inner_text() == "12 of 12"
        assert page.locator(".word.to-come").count() == 0
        assert visitor.complaints == []


def test_keyboard_alone_reads_and_steps(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        page.locator("#model-1").select_option("gru")
        page.locator("#review").focus()
        page.keyboard.type(TEXT)
        page.keyboard.press("Control+Enter")
        page.locator(".reading").wait_for()
        slider = page.locator("#player input")
        for _ in range(30):
            page.keyboard.press("Tab")
            if slider.evaluate("slider => slider === document.activeElement"):
                break
        page.keyboard.press("Home")
        assert "before the first word" in answer(visitor)
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert page.locator(".word.now").inner_text() == "mango"
        told = slider.get_attribute("aria-valuetext")
        assert told.startswith("3 of 4. pos, ")
        line = page.locator(".trace-area .read").first
        points = line.get_attribute("points")
        page.keyboard.press("ArrowLeft")
        assert line.get_attribute("points") == points.rpartition(" ")[0]


def test_words_and_the_picture_lead_to_a_step(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read(TEXT, "gru")
        page = visitor.page
        page.locator(".word", has_text="word2").click()
        assert page.locator(".place").inner_text() == "2 of 4"
        page.locator(".turns button").first.click()
        assert page.locator(".word.now").inner_text() == "mango"
        area = page.locator(".trace-area")
        box = area.bounding_box()
        area.click(position={"x": box["width"] * 0.26, "y": 40})
        assert page.locator(".place").inner_text() == "1 of 4"


def test_two_networks_side_by_side(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read(TEXT, "lstm", "gru")
        page = visitor.page
        assert page.locator(".reading h2").all_inner_texts() == ["lstm", "gru"]
        left, right = (page.locator(".reading").nth(at).bounding_box() for at in (0, 1))
        assert left["y"] == right["y"]
        assert left["x"] + left["width"] <= right["x"]
        page.locator("#player input").fill("2")
        assert page.locator(".word.now").all_inner_texts() == ["word2", "word2"]
        page.locator("#model-2").select_option("")
        page.locator(".reading").nth(1).wait_for(state="detached")


def test_networks_of_other_lengths_read_together(visit: Callable[..., Any]) -> None:
    text = " ".join(f"word{at}" for at in range(20))
    with visit() as visitor:
        visitor.read(text, "lstm", "gru")
        assert visitor.page.locator(".word").count() == 2 * 16
        assert "Words not read: 4." in visitor.page.locator(".notices").first.inner_text()
        assert "reads at most 16." in visitor.page.locator(".notices").first.inner_text()


def test_a_network_that_reads_both_ways_says_so(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read(TEXT, "both-ways", "gru")
        notices = visitor.page.locator(".reading").nth(0).locator(".notices")
        assert "does not read from left to right" in notices.inner_text()
        assert "need not add up to 100%" in notices.inner_text()
        assert visitor.page.locator(".reading").nth(1).locator(".notices").count() == 0


def test_percentages_of_several_labels_are_explained(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    train(several_labels.dataset(), several_labels.recipe(), tmp_path / "run")
    with serving(tmp_path) as address, visit(address=address) as visitor:
        visitor.read("mango copper word1", "run")
        assert answer(visitor).startswith("fruit, metal")
        notices = visitor.page.locator(".notices").inner_text()
        assert "may have several labels or none: the probabilities need not" in notices
        assert "sigmoid" not in notices


def test_words_that_nobody_knows_are_marked(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read("nobody ever wrote mango", "lstm")
        assert visitor.page.locator(".word.unknown").all_inner_texts() == [
            "nobody",
            "ever",
            "wrote",
        ]
        assert (
            "3 of 4 words are not in the model's vocabulary"
            in visitor.page.locator(".notices").inner_text()
        )


def test_a_text_without_words(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read("?!", "lstm")
        assert "no words that the model can read" in visitor.page.locator(".notices").inner_text()
        assert "before the first word" in answer(visitor)
        assert visitor.page.locator("#player").is_hidden()
        assert visitor.complaints == []


def test_three_classes_in_vietnamese(visit: Callable[..., Any]) -> None:
    with visit(lang="vi-VN") as visitor:
        page = visitor.page
        page.locator("#model-1").select_option("ba-lop")
        page.locator("#review").fill("Phim này diễn viên tuyệt vời")
        page.get_by_role("button", name="Dự đoán", exact=True).click()
        page.locator(".answer-name", has_text="tích cực").wait_for()
        assert page.locator(".classes li").count() == 3
        assert page.locator(".classes .share").first.inner_text().count(",") == 1
        assert page.locator(".trace-area .read").count() == 3


def test_many_classes_and_hostile_names_are_text(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        visitor.read(f"phim tuyệt vời <b>{HOSTILE_CLASS}</b>", "many", HOSTILE_RUN)
        page = visitor.page
        assert HOSTILE_CLASS in answer(visitor)
        assert page.locator(".reading").first.locator(".classes li").count() == 6
        assert (
            f"and {MANY_CLASSES - 6} less probable classes"
            in page.locator(".course").first.inner_text()
        )
        assert page.locator(".reading h2").nth(1).inner_text() == HOSTILE_RUN
        assert page.locator("img, b:not(.tip b), body script").count() == 0
        assert "hacked" not in page.title()
        assert visitor.complaints == []


def test_an_example_is_read_at_once(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        page.locator("#model-1").select_option("ba-lop")
        first = page.get_by_role("button", name="· tiêu cực").first
        text = first.get_attribute("title")
        first.click()
        page.locator(".answer-name", has_text="tiêu cực").wait_for()
        assert page.locator("#review").input_value() == text


def test_a_text_that_is_too_long_is_refused_in_words(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        page.locator("#review").fill("x" * 60_000)
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator("#try-problem", has_text="too long for this server").wait_for()
        page.locator("[data-language=vi]").click()
        visitor.page.locator("#review").fill("mango")
        page.get_by_role("button", name="Dự đoán", exact=True).click()
        page.locator(".reading").wait_for()
        assert page.locator("#try-problem").inner_text() == ""


def test_a_busy_server_is_asked_again(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        turned_away = []

        def shed(route: Any) -> None:
            if turned_away:
                route.continue_()
                return
            turned_away.append(route.request.url)
            error = '{"error": {"code": "queue_full", "message": "busy"}}'
            route.fulfill(status=429, headers={"Retry-After": "1"}, body=error)

        visitor.page.route("**/api/explain", shed)
        visitor.page.locator("#review").fill(TEXT)
        visitor.page.get_by_role("button", name="Predict", exact=True).click()
        visitor.page.locator("#try-problem", has_text="Retrying in 1 s").wait_for()
        visitor.page.locator(".reading").wait_for()
        assert visitor.page.locator("#try-problem").inner_text() == ""
