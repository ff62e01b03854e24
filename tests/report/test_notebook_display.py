"""A run and a comparison as a notebook shows them."""

import base64
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hoiquy.callbacks.notebook.html import comparison_html, run_html
from hoiquy.comparison import compare_runs
from hoiquy.messages import LANGUAGES, Lang
from hoiquy.runs.folder import Run
from hoiquy.workflows.train import train
from miniatures import miniature, random_dataset
from synthetic_runs import write_run


class Elements(HTMLParser):
    """Reads HTML and fails where an element is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.words = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag == "img":
            self.images.append(dict(attributes))
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += f"{data}\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_run(tmp_path / "gru", "bai5", accuracy=0.8729)


def test_a_run_shows_its_table_and_its_curves(run: Run) -> None:
    page = Elements(run_html(run, "vi"))
    assert "Bài 5: Embedding(128) → GRU(200)" in page.words
    assert "87,29% (86,87–87,70)" in page.words
    assert "11.537.154 (10.058.752 không được dùng đến)" in page.words
    accuracy, loss = page.images
    assert accuracy["alt"] == "Bài 5: Embedding(128) → GRU(200): Accuracy"
    for image in (accuracy, loss):
        kind, _, encoded = str(image["src"]).partition(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(encoded).startswith(b"\x89PNG")
    assert accuracy["src"] != loss["src"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_letters_take_the_notebooks_colours_and_nothing_is_fetched(run: Run, lang: Lang) -> None:
    shown = run_html(run, lang)
    without_pictures = re.sub(r'src="data:[^"]*"', "", shown)
    assert not re.search(r"(?<!-)color:|background|https?:|<script|<style", without_pictures)


def test_names_are_escaped(tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "<i>folder & more", "bai3", settings=["name=<b>bold</b>"], data='<script>"'
    )
    page = Elements(run_html(run, "en"))
    assert {"b", "i", "script"} & set(page.names) == set()
    assert "<b>bold</b>: Embedding(128) → LSTM(200)" in page.words
    assert '<script>"' in page.words
    assert "<i>folder & more" in page.words


def test_the_published_figure_is_shown_for_official_tests_only(tmp_path: Path) -> None:
    official = write_run(tmp_path / "one", "bai3")
    other = write_run(tmp_path / "other", "bai3", official_test=False)
    assert "87.57%" in Elements(run_html(official, "en")).words
    assert "on the lab sheet" in run_html(official, "en")
    assert "on the lab sheet" not in run_html(other, "en")


def test_a_run_without_an_epoch_says_so(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "bai3", history=[], accuracy=None)
    page = Elements(run_html(run, "en"))
    assert page.images == []
    assert "no learning curves" in page.words.lower() or "no epoch" in page.words.lower()
    assert "0 of 10" in page.words


def test_a_comparison_shows_candidates_and_verdicts(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "lstm", "bai3", wrong=range(0, 3_000)),
        write_run(tmp_path / "gru", "bai5", wrong=range(2_000, 6_000)),
    ]
    page = Elements(comparison_html(compare_runs(runs), "en"))
    assert "88.00% (87.59–88.40)" in page.words
    assert "84.00% (83.54–84.45)" in page.words
    assert "did better than" in page.words
    assert page.names.count("table") == 2


@pytest.mark.process
def test_inside_ipython_results_show_themselves(tmp_path: Path) -> None:
    """In a separate process, because IPython has one shell per process."""
    pytest.importorskip("IPython")
    folder = train(random_dataset(), miniature("bai5"), tmp_path / "run").folder
    script = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
import hoiquy
from hoiquy.callbacks.notebook import default_listener
from hoiquy.events import ignore
assert default_listener() is ignore  # a terminal shows no HTML
hoiquy.set_language("vi")
content, _ = shell.display_formatter.format(hoiquy.load_run({str(folder)!r}))
print(content["text/html"][:4000])
"""
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert "Accuracy trên tập kiểm tra" in shown.stdout


def test_outside_ipython_nothing_of_it_is_imported() -> None:
    script = "import sys, hoiquy, hoiquy.workflows.train; print('IPython' in sys.modules)"
    fresh = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert fresh.stdout.strip() == "False", fresh.stderr
