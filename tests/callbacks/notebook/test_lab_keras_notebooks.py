"""The lab's Keras notebooks: from one source, with outputs, with the recipes' networks."""

import ast
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from blocked_keras import BLOCKED
from hoiquy.keras.runner.notebook import without_commands
from hoiquy.recipe.recipe import load_recipe

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

import lab_notebooks  # noqa: E402  (in tools)

from notebook_running import execute, set_parameters  # noqa: E402

EXERCISES = ("bai1", "bai2", "bai3", "bai4", "bai5")
QUESTIONS = 8
VIETNAMESE = re.compile("[àáãèéìíòóõùúýăâđêôơưạảấầẩậắằặẹẻẽếềểệịỏọốồổộớờởợụủứừửựỳỷỹ]", re.IGNORECASE)
EACH = pytest.mark.parametrize("lang", lab_notebooks.LANGUAGES)


def saved(lang: str) -> Any:
    return nbformat.read(lab_notebooks.NOTEBOOKS[lang], as_version=4)


def code_of(lang: str) -> str:
    code = [cell.source for cell in saved(lang).cells if cell.cell_type == "code"]
    return "\n".join(without_commands(source, []) for source in code)


@EACH
def test_it_is_what_the_source_makes(lang: str) -> None:
    made, found = lab_notebooks.notebook(lang), saved(lang)
    nbformat.validate(found)
    assert found.metadata == made.metadata
    for cell, source in zip(found.cells, made.cells, strict=True):
        assert (cell.id, cell.cell_type, cell.source) == (
            source.id, source.cell_type, source.source,
        ), "run tools/lab_notebooks.py"  # fmt: skip


@EACH
def test_its_outputs_are_saved(lang: str) -> None:
    cells = [cell for cell in saved(lang).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == len(EXERCISES)
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert "(20000, 90)" in printed  # all reviews, as its text says
    assert not re.search(r"/tmp|/home|/root|/work", printed)
    assert printed.endswith("True\n")  # the model that is loaded predicts the same
    assert printed.count("Total params: ") == len(EXERCISES)
    assert ("bài đánh giá để train" in printed) == (lang == "vi")
    assert ("training and 5,000 test reviews" in printed) == (lang == "en")


def test_both_languages_are_complete() -> None:
    vietnamese, english = (lab_notebooks.cells(lang) for lang in lab_notebooks.LANGUAGES)
    assert [cell.kind for cell in vietnamese] == [cell.kind for cell in english]
    assert not [cell.source for cell in english if VIETNAMESE.search(cell.source)]
    for one, other in zip(vietnamese, english, strict=True):
        assert "<<" not in one.source + other.source
        if one.kind == "markdown":
            assert VIETNAMESE.search(one.source)
    for cells, word in ((vietnamese, "Câu hỏi"), (english, "Question")):
        asked = "\n".join(cell.source for cell in cells)
        numbers = [int(number) for number in re.findall(rf"\*\*{word} (\d+)\.\*\*", asked)]
        assert numbers == list(range(1, QUESTIONS + 1))


def test_only_keras_and_matplotlib_are_imported() -> None:
    modules = set()
    for node in ast.walk(ast.parse(code_of("en"))):
        if isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    assert {module.partition(".")[0] for module in modules} == {"keras", "matplotlib"}


def test_nothing_is_installed_unless_a_source_is_given() -> None:
    (cell,) = (cell for cell in lab_notebooks.cells("en") if "%pip" in cell.source)
    assert cell.source == 'SOURCE = ""\nif SOURCE:\n    %pip install --quiet "$SOURCE"'


@pytest.mark.parametrize("quick", [True, False])
def test_its_networks_and_settings_are_those_of_the_recipes(
    reviews: Path, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    monkeypatch.setenv("HOIQUY_IMDB", str(reviews))
    trained = trainings(code_of("en").replace("QUICK = True", f"QUICK = {quick}"), monkeypatch)
    assert len(trained) == len(EXERCISES)
    for exercise, (model, compiled, fitted) in zip(EXERCISES, trained, strict=True):
        recipe = load_recipe(exercise + ("-quick" if quick else ""))
        assert model.input_shape[1] == recipe.data.max_length
        layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
        assert len(layers) == len(recipe.model.layers)
        for layer, expected in zip(layers, recipe.model.layers, strict=True):
            check_layer(layer, expected)
        training = recipe.training
        assert compiled["loss"] == training.loss
        assert float(compiled["optimizer"].learning_rate) == pytest.approx(training.learning_rate)
        assert (fitted["batch_size"], fitted["epochs"]) == (training.batch_size, training.epochs)
        assert fitted["validation_split"] == recipe.data.validation_fraction


def trainings(source: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any, Any]]:
    """Each model of the notebook with the arguments of its compile and fit, which do nothing."""
    from hoiquy.keras import Sequential

    found: list[tuple[Any, Any, Any]] = []
    compiled: dict[int, Any] = {}

    def compile_(model: Any, **arguments: Any) -> None:
        compiled[id(model)] = arguments

    def fit(model: Any, *arrays: Any, **arguments: Any) -> SimpleNamespace:
        found.append((model, compiled[id(model)], arguments))
        measures = ("accuracy", "loss", "val_accuracy", "val_loss")
        return SimpleNamespace(history={name: [0.5] for name in measures})

    monkeypatch.setattr(Sequential, "compile", compile_)
    monkeypatch.setattr(Sequential, "fit", fit)
    monkeypatch.setattr(Sequential, "evaluate", lambda *arrays, **arguments: (0.5, 0.5))
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    source = source.replace("import keras\n", "import hoiquy.keras as keras\n")
    source = source.replace("from keras", "from hoiquy.keras").partition("bai5.save")[0]
    exec(compile(source, "notebook", "exec"), {})
    return found


def check_layer(layer: Any, expected: Any) -> None:
    """A layer of the notebook is the one of the recipe."""
    settings = layer.get_config()
    names = {"embedding": "Embedding", "dropout": "Dropout", "lstm": "LSTM", "gru": "GRU",
             "simple_rnn": "SimpleRNN", "dense": "Dense"}  # fmt: skip
    assert type(layer).__name__ == names[expected.type]
    if expected.type == "embedding":
        assert settings["output_dim"] == expected.units
    elif expected.type == "dropout":
        assert settings["rate"] == expected.rate
    elif expected.type == "dense":
        assert (settings["units"], settings["activation"]) == (2, expected.activation)
    else:
        assert settings["units"] == expected.units
        assert settings["return_sequences"] == expected.return_sequences
        assert settings["dropout"] == expected.dropout
        for name, size in (("kernel", expected.kernel_l2), ("recurrent", expected.recurrent_l2)):
            regularizer = settings[f"{name}_regularizer"]
            assert (regularizer["config"]["l2"] if regularizer else 0) == pytest.approx(size)


# jupyter_client and ipykernel warn of themselves, which is no fault of the notebook.
@pytest.mark.filterwarnings("default")
@pytest.mark.process
def test_it_runs_without_keras(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BLOCKED, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("HOIQUY_IMDB", str(reviews))
    notebook = lab_notebooks.notebook("en")
    set_parameters(notebook, "QUICK = True\nREVIEWS = 60\nEPOCHS = 1\nSEED = 1")
    outputs = execute(notebook, tmp_path)
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    for name in EXERCISES:
        assert f"{name}: test accuracy " in printed
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == len(EXERCISES)
    assert printed.endswith("True\n")


# Before the notebook's code: Keras would load the official reviews from the internet.
_INVENTED_REVIEWS = """
import numpy as np
from keras.datasets import imdb

rng = np.random.default_rng(1)
lists = np.array([rng.integers(1, 50, 12).tolist() for _ in range(40)], object)
labels = np.arange(40) % 2
imdb.load_data = lambda num_words: ((lists, labels), (lists, labels))
imdb.get_word_index = lambda: {f"word{at}": at for at in range(1, 50)}
"""


@pytest.mark.keras
@pytest.mark.process
@pytest.mark.skipif(find_spec("keras") is None, reason="Keras is not installed")
def test_its_code_runs_on_real_keras(tmp_path: Path) -> None:
    source = code_of("en").replace("EPOCHS = None", "EPOCHS = 1")
    script = tmp_path / "script.py"
    script.write_text(_INVENTED_REVIEWS + source, encoding="utf-8")
    environment = {**os.environ, "KERAS_BACKEND": "jax", "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for name in EXERCISES:
        assert f"{name}: test accuracy " in done.stdout
    assert done.stdout.endswith("True\n")
