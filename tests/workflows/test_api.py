"""The functions of `hoiquy` and the methods of a run, on one small training."""

import re
import subprocess
import sys
import typing
from functools import partial
from inspect import signature
from pathlib import Path

import numpy as np
import pytest

import hoiquy
from hoiquy.cli.train import train as command
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import EpochFinished, Event
from hoiquy.interop.export import Exported
from hoiquy.messages import language
from hoiquy.recipe.recipe import parse_recipe
from small_reviews import SMALL, write_reviews

TEXTS = ["word1 mango word2", "lemon word3", ""]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("api") / "aclImdb", each=60)


@pytest.fixture(scope="module")
def run(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> hoiquy.Run:
    return hoiquy.train(
        reviews, parse_recipe(SMALL, "small"), tmp_path_factory.mktemp("api") / "run",
        settings={"training.epochs": 2},
    )  # fmt: skip


def test_training_resuming_and_loading_give_the_same_run(run: hoiquy.Run) -> None:
    assert isinstance(run, hoiquy.Run)
    assert run.recipe.training.epochs == len(run.history) == 2
    assert hoiquy.load_run(run.folder) == run
    assert hoiquy.resume(run.folder) == run


def test_train_has_the_default_recipe_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[object] = []

    def stop(recipe: object, *arguments: object) -> None:
        chosen.append(recipe)
        raise hoiquy.HoiquyError("stopped")

    monkeypatch.setattr("hoiquy.workflows.train._checked_choice", stop)
    (default,) = (option.default for option in command.params if option.name == "recipe")
    with pytest.raises(hoiquy.HoiquyError, match="stopped"):
        hoiquy.train("reviews.csv", out=tmp_path / "run")
    assert chosen == [default] == ["auto"]
    with pytest.raises(InputError, match="run folder"):
        hoiquy.train("reviews.csv", "fast")


def test_events_are_passed_to_a_function(reviews: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    recipe = parse_recipe(SMALL, "small")
    run = hoiquy.train(reviews, recipe, tmp_path / "run", on_event=events.append)
    records = [event.record for event in events if isinstance(event, EpochFinished)]
    assert records == run.history


def test_predict(run: hoiquy.Run) -> None:
    probabilities = run.predict_proba(TEXTS)
    assert probabilities.shape == (3, 2)
    assert probabilities.dtype == np.float32
    classes = [run.result.classes[at] for at in probabilities.argmax(axis=1)]
    assert run.predict(TEXTS) == classes == ["pos", "neg", classes[2]]
    for source in (run, run.folder, str(run.folder), hoiquy.load_predictor(run)):
        assert hoiquy.predict(source, TEXTS) == classes
    with pytest.raises(DataError, match="single string"):
        hoiquy.predict(run, "a film")


def test_explain(run: hoiquy.Run) -> None:
    trace = hoiquy.explain(run, TEXTS[0])
    assert isinstance(trace, hoiquy.ReadingTrace)
    assert [word.word for word in trace.words] == TEXTS[0].split()
    np.testing.assert_allclose(trace.probabilities[-1], run.predict_proba(TEXTS)[0], atol=1e-6)


def test_evaluate_scores_the_test_documents_of_a_data_set(run: hoiquy.Run, reviews: Path) -> None:
    measures = hoiquy.evaluate(run.folder, reviews)
    assert isinstance(measures, hoiquy.Measures)
    assert measures.accuracy == run.result.test_accuracy
    assert measures.accuracy_low < measures.accuracy < measures.accuracy_high + 1e-9
    assert measures.to_json()["accuracy"] == measures.accuracy
    assert run.evaluate(hoiquy.load_dataset(reviews)).loss == measures.loss


def test_evaluate_scores_all_rows_of_tables_and_lists(run: hoiquy.Run, tmp_path: Path) -> None:
    pairs = [("mango word1", "pos"), ("mango", "pos"), ("lemon word2", "pos")]
    table = tmp_path / "new.csv"
    table.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in pairs))
    for data in (table, pairs, [{"text": text, "label": label} for text, label in pairs]):
        measures = run.evaluate(data)
        assert measures.details.documents == 3
        assert measures.accuracy == pytest.approx(2 / 3)
    parts = {"train": pairs * 4 + [("lemon", "neg")] * 10, "test": [("lemon", "neg")]}
    assert run.evaluate(parts).details.documents == 1
    with pytest.raises(DataError, match="good"):
        run.evaluate([("mango", "good")])


def test_figures_and_report(run: hoiquy.Run, tmp_path: Path) -> None:
    figures = run.figures(tmp_path / "figures", lang="en")
    assert {path.suffix for path in figures} == {".png", ".svg"}
    assert all(path.stat().st_size for path in figures)
    page = hoiquy.report(run, out=tmp_path / "report.html", lang="en")
    assert page == tmp_path / "report.html"
    assert "<html" in page.read_text("utf-8")
    notes: list[str] = []
    by_path = hoiquy.report(run.folder, out=tmp_path / "same.html", lang="en", on_note=notes.append)
    assert by_path.read_bytes() == page.read_bytes()
    assert notes
    markdown = hoiquy.report(run, out=tmp_path / "report.md", lang="vi")
    assert markdown.read_text("utf-8").startswith("#")


def test_report_errors(run: hoiquy.Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^.*report.pdf: expected a file name ending in .html"):
        hoiquy.report(run, out=tmp_path / "report.pdf")
    with pytest.raises(RunError, match="name a run folder"):
        hoiquy.report([], tmp_path / "report.html")


def test_a_run_in_three_lines_and_its_remarks(
    run: hoiquy.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_chosen", ["en"])
    first, second, third = repr(run).splitlines()
    assert first.startswith(f"<Run {str(run.folder)!r}: ") and "2 classes (neg, pos)" in first
    assert second.startswith("  test accuracy ") and "95% interval" in second
    assert f"{run.result.parameters:,} parameters>" in third
    english, vietnamese = run.remarks("en"), run.remarks("vi")
    assert len(english) == len(vietnamese) > 0
    assert all(isinstance(remark, str) for remark in english)
    assert run.remarks() == english


WORDS = (("mango", "pos"), ("lemon", "neg"))


def test_progress_is_shown_in_a_script_unless_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_chosen", ["en"])
    pairs = [(f"{word} {at}", label) for at in range(20) for word, label in WORDS]
    settings = {"training.epochs": 1}
    train = partial(hoiquy.train, pairs, "fast", settings=settings)
    run = train(tmp_path / "shown")
    shown = capsys.readouterr()
    assert "fast  epoch 1/1  loss" in shown.err and shown.out == ""
    train(tmp_path / "quiet", quiet=True)
    train(tmp_path / "heard", on_event=lambda event: None)
    hoiquy.resume(run.folder, quiet=True)
    assert capsys.readouterr().err == ""


def test_export(run: hoiquy.Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"model.pt: expected a file name ending in .onnx"):
        hoiquy.export(run, tmp_path / "model.pt")
    pytest.importorskip("onnxruntime")
    exported = hoiquy.export(run.folder, tmp_path / "model.onnx", format="onnx")
    assert isinstance(exported, Exported)
    assert exported.model.exists()
    assert exported.parity.largest.largest_difference < 1e-5


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_keras_files_are_exported_and_imported(
    run: hoiquy.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras-home"))
    pytest.importorskip("keras")
    model = hoiquy.export(run, tmp_path / "model.keras").model
    imported = hoiquy.import_keras(str(model), tmp_path / "imported")
    assert isinstance(imported, hoiquy.Run)
    np.testing.assert_allclose(imported.predict_proba(TEXTS), run.predict_proba(TEXTS), atol=1e-5)


def test_verify(run: hoiquy.Run, tmp_path: Path) -> None:
    verified = hoiquy.verify(run)
    assert verified.problems == []
    assert "weights.safetensors" in verified.files
    assert hoiquy.verify(run.folder) == verified
    with pytest.raises(RunError, match="nowhere"):
        hoiquy.verify(tmp_path / "nowhere")


@pytest.mark.parametrize("name", hoiquy.__all__)
def test_public_names_are_typed_documented_and_short(name: str) -> None:
    public = getattr(hoiquy, name)
    assert public.__doc__
    if isinstance(public, type):
        return
    parameters = signature(public).parameters
    kinds = [parameter.kind.name for parameter in parameters.values()]
    assert len([kind for kind in kinds if not kind.startswith("VAR_")]) <= 8
    assert not {"argv", "command"} & set(parameters)
    assert set(typing.get_type_hints(public)) == {*parameters, "return"}
    described = public.__doc__.partition("Args:")[2]
    for parameter in parameters if len(parameters) > 1 else ():
        assert re.search(rf"^ +\*{{0,2}}{parameter}: ", described, re.MULTILINE), parameter


def test_report_is_the_function_whatever_was_imported() -> None:
    script = (
        "import hoiquy; before = hoiquy.report; import hoiquy.report; import hoiquy.report.curves;"
        "from hoiquy.report import curves; from hoiquy import report;"
        "assert before is report is hoiquy.report; print(report.__name__, curves.__name__)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert shown.stdout.split() == ["report", "hoiquy.report.curves"]
