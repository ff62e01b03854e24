"""The lab as notebooks: complete, in both languages, and they run from top to bottom."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

EXAMPLES = Path(__file__).parents[3] / "examples"
NOTEBOOK = EXAMPLES / "lab.ipynb"
KERAS_NOTEBOOK = EXAMPLES / "lab_keras.ipynb"
QUESTIONS = {NOTEBOOK: 15, KERAS_NOTEBOOK: 8}
PARAMETERS = """
DATA = {data!r}
SUFFIX = "-quick"
SETTINGS = ["data.max_length=8", "training.epochs=1", "text.num_words=30"]
LENGTHS = (4, 6)
SEEDS = 2
OUT = "lab-runs"
LANGUAGE = {lang!r}
"""


EACH = pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)

# Run by Python at its start: it makes the real modules fail, whether or not they are installed.
_BLOCKED = """
import sys

class Blocked:
    def find_spec(self, fullname, path, target=None):
        if fullname.partition(".")[0] in ("keras", "tensorflow", "tf_keras", "jax", "torch"):
            raise ImportError(f"{fullname} is blocked")

sys.meta_path.insert(0, Blocked())
"""


def cells(path: Path, kind: str) -> list[Any]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def set_parameters(notebook: Any, source: str) -> None:
    """Replace the cell of parameters by one that sets the same names."""
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    names = [line.split(" = ")[0] for line in parameters.source.splitlines()]
    parameters.source = source.strip()
    assert [line.split(" = ")[0] for line in parameters.source.splitlines()] == names


def execute(notebook: Any, folder: Path) -> list[Any]:
    """Run all cells in a folder and return their outputs, none of which is an error."""
    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources=resources
    ).execute()
    outputs = [output for c in notebook.cells for output in c.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    return outputs


@EACH
def test_it_is_valid_and_committed_without_outputs(path: Path) -> None:
    nbformat.validate(nbformat.read(path, as_version=4))
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells(path, "code"))
    content = json.loads(path.read_text("utf-8"))
    assert set(content["metadata"]) == {"kernelspec", "language_info"}


@EACH
def test_every_text_is_in_both_languages(path: Path) -> None:
    """Vietnamese first, English below as a quotation; cells to fill in have both in one line."""
    for cell in cells(path, "markdown"):
        lines = cell.source.splitlines()
        if cell.source.startswith(("**Trả lời · Your answer:**", "|")):
            continue
        english = [line for line in lines if line.startswith(">")]
        vietnamese = [line for line in lines if line and not line.startswith((">", "#", "|"))]
        assert english, cell.source
        assert vietnamese or lines[0].startswith("#"), cell.source


@EACH
def test_formulas_stand_on_one_line(path: Path) -> None:
    """JupyterLab takes them out before it reads the text: a > of a quotation would be within."""
    for cell in cells(path, "markdown"):
        assert all(line.count("$") % 2 == 0 for line in cell.source.splitlines()), cell.source


@EACH
def test_questions_are_numbered_and_asked_in_both_languages(path: Path) -> None:
    asked = "\n".join(cell.source for cell in cells(path, "markdown"))
    numbers = range(1, QUESTIONS[path] + 1)
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


@pytest.mark.filterwarnings("default")
@pytest.mark.process
def test_the_keras_notebook_runs_without_keras(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_BLOCKED, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("HOIQUY_IMDB", str(reviews))
    notebook = nbformat.read(KERAS_NOTEBOOK, as_version=4)
    set_parameters(notebook, "QUICK = True\nREVIEWS = 60\nEPOCHS = 1\nSEED = 1")
    outputs = execute(notebook, tmp_path)
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    for name in ("bai1", "bai2", "bai3", "bai4", "bai5"):
        assert f"{name}: " in printed
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 5
    assert printed.endswith("True\n")  # the model that is loaded predicts the same
