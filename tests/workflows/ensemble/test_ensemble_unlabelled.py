"""An ensemble learns from texts without labels, also when it is resumed."""

import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import hoiquy
from hoiquy.comparison.candidates import settings_of
from hoiquy.data import TableOptions
from hoiquy.errors import DataError, InputError, RunError, StoppedError
from hoiquy.events import DataRead, EnsembleStep, Event
from hoiquy.prediction.load import load_predictor
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.ensemble import MEMBERS
from hoiquy.runs.files import SOFT_LABEL_FOLDER
from hoiquy.runs.folder import load_environment_of
from hoiquy.workflows.distillation.soft_labels import load_soft_labels
from hoiquy.workflows.ensemble import semi_supervised, students
from hoiquy.workflows.ensemble.plan import load_plan
from hoiquy.workflows.ensemble.retraining import member_folders
from hoiquy.workflows.ensemble.students import (
    SecondsOfText,
    fitting_texts,
    planned_texts,
    rows_of_fold,
)
from hoiquy.workflows.run import Run, load_run
from hoiquy.workflows.train import resume
from hoiquy.workflows.verify import retrain
from own_tables import rows, write_csv
from small_ensembles import TINY, small_ensemble

GOOD = ["phim", "hay", "tuyệt", "vời", "đẹp", "thích", "cảm", "động", "xuất", "sắc"]
BAD = ["phim", "dở", "tệ", "chán", "nhạt", "buồn", "ngủ", "thất", "vọng", "phí", "tiền"]


def review(rng: random.Random) -> str:
    return " ".join(rng.choices(rng.choice([GOOD, BAD]), k=rng.randint(5, 12)))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    rng, place = random.Random(1), tmp_path / "crawl.txt"
    place.write_text("".join(review(rng) + "\n" for _ in range(300)), encoding="utf-8")
    return place


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "phim.csv", rows(20))


@pytest.fixture(autouse=True)
def few_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(students, "_MOST_TEXTS", 40)
    monkeypatch.setattr(students, "_LEAST_DOCUMENTS", 200)


def train(out: Path, table: Path, texts: object, on_event: Callable[[Event], None]) -> Run:
    return small_ensemble(out, table, on_event, unlabelled=texts)


def ignored(event: Event) -> None:
    pass


def test_linear_classifiers_teach_the_networks_of_each_fold(
    tmp_path: Path, table: Path, texts: Path
) -> None:
    steps: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, EnsembleStep):
            steps.append(event.model)

    run = train(tmp_path / "run", table, texts, listen)
    assert load_environment_of(run.folder)["unlabelled"] == [str(texts.resolve())]
    assert settings_of(run)["unlabelled"]  # `hoiquy compare` tells it from one without
    assert steps == ["linear", "lsa", *(f"words-{1 + fold}" for fold in range(5))]
    for fold in range(5):
        labels = load_soft_labels(run.folder / SOFT_LABEL_FOLDER / str(1 + fold))
        assert {teacher.name for teacher in labels.facts.teachers} == {"linear", "lsa"}
        assert len(labels.documents()) == load_plan(run.folder).soft_labelled[fold] == 40
        assert set(labels.documents().texts) <= set(texts.read_text(encoding="utf-8").splitlines())
        words = Predictor.from_run(
            load_run(run.folder / MEMBERS / f"words-{1 + fold}")
        ).vocabulary.words
        assert "xuất" in words  # only the texts without labels have it
    assert {path.name for path in member_folders(run.folder)} == set(steps)
    assert retrain(run.folder) == []


def test_a_student_is_better_than_what_few_labels_teach(tmp_path: Path) -> None:
    """Most words of a text are in no labelled one, but occur with its words in the others."""
    rng = random.Random(3)
    words = {
        label: ["".join(rng.choices("abcdeghiklmnopqrstuvxy", k=5)) for _ in range(60)]
        for label in ("hay", "dở")
    }

    def some(each: int, length: int) -> list[tuple[str, str]]:
        return [
            (" ".join(rng.choices(words[label], k=length)), label)
            for label in words
            for _ in range(each)
        ]

    labelled, tests = some(6, 3), some(50, 3)
    unlabelled = [text for text, _ in some(300, 8)]
    table = write_csv(tmp_path / "train.csv", labelled)
    run = train(tmp_path / "run", table, [unlabelled], ignored)
    probabilities = load_predictor(run).predict_proba([text for text, _ in tests])
    predicted = [run.result.classes[best] for best in probabilities.argmax(axis=1)]
    assert sum(one == label for one, (_, label) in zip(predicted, tests, strict=True)) >= 95


@pytest.mark.parametrize("last", ["linear", "lsa", "words-1", "words-3"])
def test_an_interrupted_training_goes_on_to_the_same_bits(
    tmp_path: Path, table: Path, texts: Path, last: str
) -> None:
    with pytest.raises(StoppedError):
        train(tmp_path / "run", table, texts, stop_after(last))
    resumed = resume(tmp_path / "run", quiet=True)
    assert "words-5" in {path.name for path in member_folders(resumed.folder)}
    assert retrain(resumed.folder) == []


def test_texts_that_have_changed_are_an_error(tmp_path: Path, table: Path, texts: Path) -> None:
    with pytest.raises(StoppedError):
        train(tmp_path / "run", table, texts, stop_after("words-1"))
    before = texts.read_text(encoding="utf-8")
    texts.write_text(before.partition("\n")[2], encoding="utf-8")
    with pytest.raises(RunError, match="texts without labels have changed"):
        resume(tmp_path / "run", quiet=True)
    texts.write_text(before, encoding="utf-8")
    resume(tmp_path / "run", quiet=True)
    texts.write_text(before + "phim mới\n", encoding="utf-8")
    with pytest.raises(RunError, match="texts without labels have changed"):
        retrain(tmp_path / "run")


def test_texts_in_memory_cannot_be_resumed(tmp_path: Path, table: Path) -> None:
    rng = random.Random(1)
    texts = [[review(rng) for _ in range(300)]]
    with pytest.raises(StoppedError):
        train(tmp_path / "run", table, texts, stop_after("linear"))
    with pytest.raises(RunError, match="were in memory"):
        resume(tmp_path / "run", quiet=True)


@pytest.mark.parametrize(
    ("texts", "options", "error"),
    [
        (["missing.txt"], {}, DataError),
        (["-"], {}, InputError),
        ([], {}, InputError),
        ([pd.DataFrame({"text": ["a text"]})], {}, DataError),
        (pd.Series(["a text"]), {}, DataError),
        ([["a text"]], {"small": True}, InputError),
        ([["a text"]], {"engine": "keras"}, InputError),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    tmp_path: Path, table: Path, texts: object, options: dict[str, object], error: type
) -> None:
    with pytest.raises(error):
        hoiquy.train(table, out=tmp_path / "run", unlabelled=texts, quiet=True, **options)
    assert not (tmp_path / "run").exists()


def test_texts_that_are_all_empty_or_labelled_are_an_error(tmp_path: Path, table: Path) -> None:
    texts = ["", " \n", rows(20)[0][0]]
    with pytest.raises(DataError, match="no text without a label"):
        small_ensemble(tmp_path / "run", table, unlabelled=[texts])
    assert not (tmp_path / "run").exists()  # so that the same command can name others


def test_without_time_for_students_the_networks_of_the_labelled_texts_are_planned(
    tmp_path: Path, table: Path, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(semi_supervised, "planned_texts", lambda *_: (0, 0))
    monkeypatch.delitem(TINY, "training.epochs")  # a setting would hide what is planned

    def stop(event: Event) -> None:
        if isinstance(event, DataRead) and event.description.startswith("no time for networks"):
            raise StoppedError("no time", 130)

    with pytest.raises(StoppedError, match="no time"):
        train(tmp_path / "run", table, texts, stop)


def test_students_of_two_folds_train_on_different_texts() -> None:
    first = set(rows_of_fold(100, [40], 1).tolist())
    second = set(rows_of_fold(100, [40, 30], 1).tolist())
    assert (len(first), len(second)) == (40, 30)
    assert not first & second
    assert set(rows_of_fold(10, [40, 40, 40], 1).tolist()) == set(range(10))


def test_students_have_texts_that_fit_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(students, "_MOST_TEXTS", 50_000)
    of_text = SecondsOfText(labelling=0.001, training=0.002)
    assert planned_texts(1000, 0.1, of_text) == (0, 0)
    count, epochs = planned_texts(1000, 2.0, of_text)
    assert 200 <= count < 1000
    assert epochs == 2
    assert count * (0.001 + epochs * 0.002) <= 2.0
    assert planned_texts(10, 1.0, of_text)[0] == 10


def test_further_folds_have_as_many_texts_as_their_time_allows() -> None:
    assert fitting_texts(1000, took=10.0, seconds=20.0) == 1000
    assert fitting_texts(1000, took=10.0, seconds=4.0) == 400
    assert fitting_texts(1000, took=10.0, seconds=1.0) == 0
    assert fitting_texts(50, took=10.0, seconds=10.0) == 50


def test_several_labels_a_document_are_an_error(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "phim.csv", [(f"phim {n}", "a|b") for n in range(40)])
    options = TableOptions(label_separator="|")
    with pytest.raises(DataError, match="several labels a document"):
        hoiquy.train(table, out=tmp_path / "run", options=options, unlabelled=[["a text"]])


def stop_after(model: str) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        if isinstance(event, EnsembleStep) and event.model == model:
            raise StoppedError("stopped", 130)

    return listen
