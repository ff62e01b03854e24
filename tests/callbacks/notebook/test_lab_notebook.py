"""The lab as a notebook: complete, in both languages, and it runs from top to bottom."""

import json
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

from notebook_running import execute, set_parameters  # noqa: E402

NOTEBOOK = Path(__file__).parents[3] / "examples" / "lab.ipynb"
QUESTIONS = 15
PARAMETERS = """
DATA = {data!r}
SUFFIX = "-quick"
SETTINGS = ["data.max_length=8", "training.epochs=1", "text.num_words=30"]
LENGTHS = (4, 6)
SEEDS = 2
OUT = "lab-runs"
LANGUAGE = {lang!r}
"""


def cells(kind: str) -> list[Any]:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def test_it_is_valid_and_committed_without_outputs() -> None:
    nbformat.validate(nbformat.read(NOTEBOOK, as_version=4))
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells("code"))
    content = json.loads(NOTEBOOK.read_text("utf-8"))
    assert set(content["metadata"]) == {"kernelspec", "language_info"}


def test_every_text_is_in_both_languages() -> None:
    """Vietnamese first, English below as a quotation; cells to fill in have both in one line."""
    for cell in cells("markdown"):
        lines = cell.source.splitlines()
        if cell.source.startswith(("**Trả lời · Your answer:**", "|")):
            continue
        english = [line for line in lines if line.startswith(">")]
        vietnamese = [line for line in lines if line and not line.startswith((">", "#", "|"))]
        assert english, cell.source
        assert vietnamese or lines[0].startswith("#"), cell.source


def test_formulas_stand_on_one_line() -> None:
    """JupyterLab takes them out before it reads the text: a > of a quotation would be within."""
    for cell in cells("markdown"):
        assert all(line.count("$") % 2 == 0 for line in cell.source.splitlines()), cell.source


def test_questions_are_numbered_and_asked_in_both_languages() -> None:
    asked = "\n".join(cell.source for cell in cells("markdown"))
    numbers = range(1, QUESTIONS + 1)
    for number in numbers:
        assert f"**Câu hỏi {number}.**" in asked
        assert f"**Question {number}.**" in asked
    assert f"**Question {len(numbers) + 1}." not in asked


# jupyter_client and ipykernel warn of themselves, which is no fault of the notebook.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("lang", ["vi", pytest.param("en", marks=pytest.mark.slow)])
@pytest.mark.process
def test_it_runs_on_miniature_data(lang: str, reviews: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    set_parameters(notebook, PARAMETERS.format(data=str(reviews), lang=lang))
    outputs = execute(notebook, tmp_path)
    shown = [output.data for output in outputs if output.output_type == "execute_result"]
    runs = [data["text/html"] for data in shown if "data:image/png" in data.get("text/html", "")]
    titles = {"vi": "Bài {} (chạy nhanh)", "en": "Exercise {} (quick)"}
    for number in range(1, 6):
        assert any(titles[lang].format(number) in run for run in runs)
    comparison = shown[-1]["text/html"]
    assert "TF-IDF" in comparison
    assert {"vi": "Chưa phát hiện", "en": "No detectable"}[lang] in comparison or {
        "vi": "tốt hơn", "en": "better than"
    }[lang] in comparison  # fmt: skip
    # five exercises, one with other knobs, two lengths, and a second seed of two of them
    assert len(list((tmp_path / "lab-runs").glob("*/result.json"))) == 5 + 1 + 2 + 2
    report = (tmp_path / "lab-runs" / "report.html").read_text("utf-8")
    assert report.count("SimpleRNN(200)") > 1
