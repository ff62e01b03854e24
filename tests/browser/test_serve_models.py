"""Models of different data on the page: their groups, examples and colours, and folders without."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from served_runs import serving

from hoiquy.recipe.recipe import load_recipe, parse_recipe
from hoiquy.runs.files import history_file, recipe_file
from hoiquy.runs.history import EpochRecord
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.train import train
from own_tables import TELLING, VIETNAMESE, rows
from small_ensembles import small_ensemble


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("ensemble")
    small_ensemble(folder / "auto", each=12)
    with serving(folder) as address:
        yield address


def options(page: Any, select: str) -> dict[str, list[str]]:
    """The names in each group of a list of models."""
    groups: dict[str, list[str]] = page.locator(f"{select} optgroup").evaluate_all(
        "found => Object.fromEntries("
        "found.map(one => [one.label, [...one.children].map(each => each.value)]))"
    )
    return groups


def test_models_of_other_data_are_in_groups(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        page.locator("#model-1").select_option("ba-lop")
        groups = options(page, "#model-2")
        assert [(name.split(":")[0], len(models)) for name, models in groups.items()] == [
            ("Same data", 1), ("Other data", 4), ("Other data", 1),
        ]  # fmt: skip
        assert groups["Same data: “phim.csv”"] == ["ba-lop"]
        page.locator("#model-1").select_option("lstm")
        assert "gru" in next(iter(options(page, "#model-2").values()))
        assert len(options(page, "#model-1")) == 3


def test_a_word_is_said_of_models_of_other_data(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        word = page.locator("#other-data")
        page.locator("#model-1").select_option("lstm")
        page.locator("#model-2").select_option("gru")
        assert word.is_hidden()
        page.locator("#model-2").select_option("ba-lop")
        assert "ba-lop on “phim.csv”, with other classes" in word.inner_text()
        page.locator("[data-language=vi]").click()
        page.locator("#other-data", has_text="với các lớp khác").wait_for()
        page.locator("#model-2").select_option("")
        assert word.is_hidden()


def test_colours_are_named_beside_the_words_and_belong_to_one_class(
    visit: Callable[..., Any],
) -> None:
    with visit() as visitor:
        visitor.read("word1 mango phim tuyệt vời", "lstm", "ba-lop")
        page = visitor.page
        keys = [
            dict(key)
            for key in page.locator(".colour-key").evaluate_all(
                "keys => keys.map(key => [...key.querySelectorAll('.colour-name')].map("
                "name => [name.textContent, name.className.match(/run-./)[0]]))"
            )
        ]
        assert keys[0] == {"neg": "run-1", "pos": "run-2"}
        assert set(keys[1]) == set(TELLING)
        assert sorted(keys[1].values()) == ["run-3", "run-4", "run-5"]
        visitor.read("word1 mango", "lstm", "gru")
        alike = page.locator(".colour-key").evaluate_all("keys => keys.map(key => key.innerHTML)")
        assert alike[0] == alike[1]


def test_examples_are_those_of_the_chosen_model(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.page
        page.locator("#model-1").select_option("ba-lop")
        page.get_by_role("button", name="· tích cực").first.wait_for()
        labels = page.locator("#examples .example-label").all_inner_texts()
        assert set(TELLING) <= set(labels)
        page.locator("#model-1").select_option("lstm")
        page.get_by_role("button", name="tích cực").first.wait_for(state="detached")
        assert "phim" not in page.locator("#examples").inner_text()


def test_an_ensemble_has_examples_colours_and_says_how_it_reads(
    visit: Callable[..., Any], ensemble: str
) -> None:
    with visit(address=ensemble) as visitor:
        page = visitor.page
        assert page.locator("#second-choice").is_hidden()
        page.get_by_role("button", name="tích cực").first.click()
        page.locator(".answer-name", has_text="tích cực").wait_for()
        reading = page.locator(".reading").inner_text()
        assert "ensemble with" in reading
        assert "An ensemble reads the whole text at once" in reading
        assert set(page.locator(".colour-key .colour-name").all_inner_texts()) == set(TELLING)
        assert visitor.complaints == []


def test_where_a_training_was_interrupted_the_page_says_how_to_resume(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "lab" / "bai3"
    folder.mkdir(parents=True)
    first = [EpochRecord(1, 0.7, 0.5, 0.69, 0.51, 0.001)]
    write_checksummed(folder, recipe_file(load_recipe("bai3")) | history_file(first))
    with serving(tmp_path) as address, visit(address=address) as visitor:
        page = visitor.page
        page.get_by_text("Interrupted: lab/bai3.").wait_for()
        assert "hoiquy resume FOLDER/lab/bai3" in page.locator("#no-model").inner_text()
        assert "FOLDER is the folder" in page.locator("#no-model").inner_text()
        assert visitor.complaints == []


def test_an_interrupted_run_beside_a_model_is_named_with_how_to_resume(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    train(rows(12), parse_recipe(VIETNAMESE, "vi"), tmp_path / "done", quiet=True)
    folder = tmp_path / "lab" / "bai3"
    folder.mkdir(parents=True)
    first = [EpochRecord(1, 0.7, 0.5, 0.69, 0.51, 0.001)]
    write_checksummed(folder, recipe_file(load_recipe("bai3")) | history_file(first))
    with serving(tmp_path) as address, visit(address=address) as visitor:
        page = visitor.page
        page.get_by_text("because the training was interrupted: lab/bai3.").wait_for()
        assert "hoiquy resume FOLDER/lab/bai3" in page.locator("#not-offered").inner_text()
        form, note = (page.locator(one).bounding_box() for one in ("#try-form", "#not-offered"))
        assert note["y"] > form["y"] + form["height"] + 16
        page.get_by_role("button", name="Tiếng Việt").click()
        page.get_by_text("vì bị ngắt khi đang huấn luyện: lab/bai3.").wait_for()
        assert visitor.complaints == []


def test_while_models_are_loaded_the_page_says_so_and_continues(visit: Callable[..., Any]) -> None:
    with visit(view="runs") as visitor:
        page = visitor.page
        page.route(
            "**/api/models", lambda route: route.fulfill(json={"models": [], "loading": True})
        )
        visitor.go("try")
        page.get_by_text("Loading the models").wait_for()
        assert page.locator("#no-model").is_hidden() and page.locator("#try-form").is_hidden()
        page.get_by_role("button", name="Tiếng Việt").click()
        page.get_by_text("Đang tải các mô hình").wait_for()
        page.unroute("**/api/models")
        page.locator("#try-form").wait_for()
        assert page.locator("#loading").is_hidden()
        assert visitor.complaints == []
