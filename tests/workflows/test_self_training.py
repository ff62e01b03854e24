"""A named recipe with texts without labels: a teacher, soft labels and a student in one folder."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hoiquy
from example_run import error_line
from hoiquy.cli.main import main
from hoiquy.comparison.collection import run_folders
from hoiquy.data.dataset import Documents
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import DataRead, EpochFinished, Event, Preparing
from hoiquy.runs.files import REPEATABLE, SOFT_LABEL_FOLDER, TEACHER
from hoiquy.workflows.distillation.soft_labels import load_soft_labels
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import retrain
from soft_label_reviews import labelled, reviews, small, unlabelled

RECIPE = small("training.epochs=2")


class Stopped(BaseException):
    """Ends a training as a killed process would: nothing in hoiquy catches it."""


def bits(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPEATABLE}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("texts") / "crawl.txt"
    place.write_text("\n".join(unlabelled()) + "\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, texts: Path) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    heard: list[Event] = []
    train(labelled(), RECIPE, out, unlabelled=[texts], on_event=heard.append)
    lines = [event.description for event in heard if isinstance(event, DataRead)]
    *each, combined = [line for line in lines if "validation accuracy" in line]
    assert [line.split(":")[0] for line in each] == ["teacher", "nb-svm"]
    assert combined.startswith("70 texts labelled; ")
    return out


def test_the_student_learns_from_what_its_teachers_labelled(whole: Path) -> None:
    soft_labels = load_soft_labels(whole / SOFT_LABEL_FOLDER)
    names = [teacher.name for teacher in soft_labels.facts.teachers]
    assert names == [str(whole / TEACHER), "nb-svm"]
    student, teacher = hoiquy.load_run(whole), hoiquy.load_run(whole / TEACHER)
    assert student.environment()["soft_labels"]["folder"] == str(soft_labels.folder)
    assert student.result.soft_labelled_documents == len(unlabelled())
    assert student.result.pseudo_label_iteration == 1
    assert teacher.result.soft_labelled_documents == 0
    assert student.recipe == teacher.recipe == RECIPE
    assert retrain(whole, data=labelled()) == []
    assert run_folders(whole.parent) == [whole]


def test_a_folder_that_was_moved_finds_its_soft_labels(whole: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(whole, tmp_path / "moved")
    hidden = whole.rename(tmp_path / "hidden")
    try:
        assert retrain(moved, data=labelled()) == []
    finally:
        hidden.rename(whole)


def test_stopped_in_any_part_it_continues_to_the_same_bits(
    whole: Path, texts: Path, tmp_path: Path
) -> None:
    """Stopped after each epoch, and when NB-SVM is trained, with all that was done kept."""
    stops = 0

    def listen(event: Event) -> None:
        nonlocal seen, stops
        training = isinstance(event, Preparing) and event.what == "baseline"
        if training or isinstance(event, EpochFinished):
            seen += 1
            if seen > 1:  # it comes one part further each time
                stops += 1
                raise Stopped

    out, options = tmp_path / "out", {"on_event": listen, "checkpoint_seconds": 0.0}
    for attempt in range(20):
        seen = 0
        try:
            if attempt == 0:
                train(labelled(), RECIPE, out, unlabelled=[texts], **options)  # type: ignore[arg-type]
            else:
                resume(out, data=labelled(), **options)  # type: ignore[arg-type]
            break
        except Stopped:
            continue
    assert stops == 2  # within the teacher, and within the student
    assert bits(out) == bits(whole)
    assert bits(out / TEACHER) == bits(whole / TEACHER)


def test_other_documents_than_the_teachers_are_refused(texts: Path, tmp_path: Path) -> None:
    """Stopped when its teacher is complete, and resumed when the data set has changed."""

    def listen(event: Event) -> None:
        if isinstance(event, Preparing) and event.what == "baseline":
            raise Stopped

    out = tmp_path / "out"
    with pytest.raises(Stopped):
        train(labelled(), RECIPE, out, unlabelled=[texts], on_event=listen)
    for act in (lambda: hoiquy.load_run(out), lambda: train(labelled(), RECIPE, out)):
        assert f"resume with: hoiquy resume {out}" in error_line(act)
    data = labelled()
    changed = replace(data, train=Documents(*reviews(len(data.train), seed=77)))
    with pytest.raises(RunError, match="invented is not the data that"):
        resume(out, data=changed)


def test_texts_in_memory_cannot_be_resumed_before_they_are_labelled(tmp_path: Path) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, EpochFinished):
            raise Stopped

    with pytest.raises(Stopped):
        train(labelled(), RECIPE, tmp_path / "out", unlabelled=[unlabelled()], on_event=stop)
    with pytest.raises(RunError, match="were in memory"):
        resume(tmp_path / "out", data=labelled())


@pytest.mark.parametrize(
    ("texts", "options", "error", "problem"),
    [
        (["missing.txt"], {}, DataError, r"missing\.txt"),
        ("-", {}, InputError, "standard input"),
        ([["", " "]], {}, DataError, "no text without a label"),
        ([["a text", 2]], {}, DataError, "of type int"),
        ([["a text"]], {"minutes": 3}, InputError, "leave out minutes"),
        ([["a text"]], {"ray": "auto"}, InputError, "leave out ray"),
        ([["a text"]], {"engine": "keras"}, InputError, "own engine"),
        ([["a text"]], {"metric": "macro_f1"}, InputError, "metric"),
    ],
)
def test_what_cannot_be_is_an_error_before_anything_is_trained(
    texts: Any, options: dict[str, Any], error: Any, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=problem):
        train(labelled(), RECIPE, tmp_path / "out", unlabelled=texts, **options)
    assert not (tmp_path / "out").exists()


def test_a_token_store_has_no_texts_for_nb_svm(tmp_path: Path) -> None:
    hoiquy.encode(labelled(), RECIPE, tmp_path / "store")
    for data in (tmp_path / "store", hoiquy.load_dataset(tmp_path / "store")):
        with pytest.raises(DataError, match="store is a token store without texts"):
            train(data, RECIPE, tmp_path / "out", unlabelled=[unlabelled()])


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data = labelled()
    lines = [
        f"{text},{label}" for text, label in zip(data.train.texts, data.train.labels, strict=True)
    ]
    Path("reviews.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    Path("texts.txt").write_text("\n".join(unlabelled()), encoding="utf-8")
    Path("small.toml").write_text(RECIPE.to_toml(), encoding="utf-8")
    parts = [f"{text},{number % 2}" for number, text in enumerate(data.test.texts)]
    Path("parts.csv").write_text("\n".join(["text,label", *parts]), encoding="utf-8")
    command = ["train", "reviews.csv", "--unlabelled", "texts.txt", "--recipe", "small.toml"]
    options = ["--test", "parts.csv", "--validation", "parts.csv", "--log", "tensorboard=tb"]
    with pytest.raises(SystemExit) as stop:
        main([*command, "--out", "out", *options, "--json"])
    result = json.loads(capsys.readouterr().out)
    assert stop.value.code == 0
    assert result["test_documents"] == result["validation_documents"] == len(parts)
    assert result["soft_labelled_documents"] == len(set(unlabelled()) - set(data.test.texts))
    assert [*Path("tb").rglob("events.out.*")]
