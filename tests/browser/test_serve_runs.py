"""The view of all runs in a browser: one that is trained now is followed, two are compared."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from served_runs import HOSTILE_RUN, serving

from command_line import PROGRAM
from hoiquy.comparison import compare_runs
from hoiquy.comparison.verdict import sentence_text
from hoiquy.messages import format_number
from hoiquy.runs.folder import load_run
from small_ensembles import small_ensemble
from small_reviews import SMALL, write_reviews


def row(page: Any, name: str) -> Any:
    return page.locator("#runs-table tbody tr").filter(has=page.get_by_text(name, exact=True)).first


def choose(page: Any, *names: str) -> None:
    page.locator("#runs-table tbody tr").first.wait_for()
    while page.locator("#runs-table input:checked").count():
        page.locator("#runs-table input:checked").first.uncheck()
    for name in names:
        row(page, name).locator("input").check()


def test_every_run_is_in_the_table(visit: Callable[..., Any], trained: Path) -> None:
    with visit("runs") as visitor:
        page = visitor.page
        row(page, "lstm").wait_for()
        names = page.locator("#runs-table label bdi:first-child").all_inner_texts()
        assert sorted(names) == sorted(path.name for path in trained.iterdir())
        assert HOSTILE_RUN in names
        result = load_run(trained / "lstm").result
        assert (
            format_number(result.test_accuracy, "percent2", "en") in row(page, "lstm").inner_text()
        )
        assert "complete" in row(page, "lstm").inner_text()
        assert "8 of 8" in row(page, "lstm").inner_text()
        assert page.locator("img").count() == 0
        assert visitor.complaints == []
        assert visitor.outside == []


def test_two_runs_are_compared_as_the_command_does(
    visit: Callable[..., Any], trained: Path
) -> None:
    comparison = compare_runs([load_run(trained / name) for name in ("gru", "both-ways")])
    for lang, code in (("en", "en-GB"), ("vi", "vi-VN")):
        with visit("runs", lang=code) as visitor:
            page = visitor.page
            choose(page, "gru", "both-ways")
            page.locator("#verdict .verdict").wait_for()
            sentence = sentence_text(comparison.pairs[0], comparison, lang)  # type: ignore[arg-type]
            assert page.locator("#verdict .verdict").inner_text() == sentence
            assert page.locator("#verdict tbody tr").count() == 3
            assert visitor.complaints == []


def test_runs_that_cannot_be_compared_say_why(visit: Callable[..., Any]) -> None:
    with visit("runs") as visitor:
        page = visitor.page
        choose(page, "lstm", "ba-lop")
        page.locator("#verdict", has_text="trained and tested on different data").wait_for()
        choose(page, "lstm", HOSTILE_RUN)  # another seed
        page.locator("#verdict", has_text="differ only in their seeds").wait_for()
        choose(page, "lstm")
        page.locator("#comparison").wait_for(state="hidden")


def test_curves_are_those_of_the_runs(visit: Callable[..., Any], trained: Path) -> None:
    with visit("runs") as visitor:
        page = visitor.page
        choose(page, "gru", "both-ways")
        for row in (0, 1):  # until both histories are there, the figure is drawn anew
            values = page.locator("#curves-figure tbody tr").nth(row).locator("td")
            values.first.filter(has_text=".").wait_for()
        assert page.locator("#curves-figure canvas").count() == 2
        page.locator("#epoch").fill("2")
        assert "at epoch 2" in page.locator("#values-caption").inner_text()
        shown = page.locator("#curves-figure tbody tr").first.locator("td").all_inner_texts()
        record = load_run(trained / "gru").history[1]
        assert shown == [
            f"{100 * record.accuracy:.2f}", f"{100 * record.val_accuracy:.2f}",
            f"{record.loss:.3f}", f"{record.val_loss:.3f}",
        ]  # fmt: skip
        area = page.locator("#curves-figure .u-over").first
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20)
        tip = page.locator("#curves-figure .tip").first
        last = load_run(trained / tip.locator("b").inner_text()).history[-1]
        for accuracy in (last.accuracy, last.val_accuracy):
            assert format_number(accuracy, "percent2", "en") in tip.inner_text()
        before = page.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
        page.locator("[data-theme-is=dark]").click()
        after = page.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
        assert after != before
        assert visitor.complaints == []


def test_no_more_runs_than_colours(visit: Callable[..., Any]) -> None:
    with visit("runs") as visitor:
        page = visitor.page
        boxes = page.locator("#runs-table input")
        boxes.nth(5).wait_for()
        for at in range(6):
            boxes.nth(at).check()
        colours = page.locator("#runs-table tr.chosen").evaluate_all(
            "rows => rows.map(row => row.className)"
        )
        assert len(set(colours)) == 6


def last_epoch(page: Any) -> int:
    return int(page.locator("#epoch").get_attribute("max"))


def wait_for_more_epochs(page: Any, than: int) -> None:
    page.wait_for_function("than => Number(document.querySelector('#epoch').max) > than", arg=than)


@contextmanager
def training(reviews: Path, recipe: Path, out: Path) -> Iterator[None]:
    command = [*PROGRAM, "train", str(reviews), "--recipe", str(recipe), "--out", str(out)]
    silence = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=silence, stderr=silence)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_a_training_is_followed_while_it_learns(visit: Callable[..., Any], tmp_path: Path) -> None:
    reviews = write_reviews(tmp_path / "reviews", each=400)
    recipe = tmp_path / "long.toml"
    recipe.write_text(SMALL.replace("epochs = 3", "epochs = 500"))
    folder = tmp_path / "runs"
    folder.mkdir()
    with serving(folder) as address, visit("runs", address=address) as visitor:
        page = visitor.page
        page.get_by_text("No runs yet").wait_for()
        with training(reviews, recipe, folder / "now"):
            page.locator(".status", has_text="training").wait_for(timeout=120_000)
            page.locator("#epoch").wait_for(timeout=60_000)
            first = last_epoch(page)
            ink = page.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
            wait_for_more_epochs(page, first)
            assert page.locator("canvas").first.evaluate("canvas => canvas.toDataURL()") != ink
            assert " of 500" in row(page, "now").inner_text()
            goes_along = "slider => slider.value === slider.max"
            assert page.locator("#epoch").evaluate(goes_along)
            box = row(page, "now").locator("input")
            box.focus()
            wait_for_more_epochs(page, last_epoch(page))
            assert box.evaluate("box => box === document.activeElement")  # it keeps its place
        page.locator(".status", has_text="interrupted").wait_for()
        assert visitor.complaints == []


def test_an_ensemble_has_members_instead_of_curves(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    run = small_ensemble(tmp_path / "runs" / "auto", each=12)
    members = run.summary().splitlines()[1:-1]
    with (
        serving(tmp_path / "runs") as address,
        visit("runs", address=address) as visitor,
    ):
        page = visitor.page
        page.locator("#members tbody tr").first.wait_for()  # it is chosen, as it is alone
        assert page.locator("#members tbody th").first.inner_text() == "linear classifier"
        assert page.locator("#members tbody tr").count() >= len(members)
        assert page.locator("#curves").is_hidden()  # with the heading on learning curves
        assert page.locator("#ensembles h2").inner_text() == "Members of ensembles"
        assert page.locator("#curves-figure canvas").count() == 0
        cells = row(page, "auto").locator("td").all_inner_texts()
        assert "%" in cells[0] and cells[2] == "–" and "%" in cells[3]
        visitor.go("try")
        visitor.read("phim này tuyệt vời", "auto")
        assert visitor.complaints == []
