"""An ensemble learns from texts without labels, also when it is resumed."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

import hoiquy
from hoiquy.comparison.candidates import settings_of
from hoiquy.errors import DataError, InputError, RunError, StoppedError
from hoiquy.events import EnsembleStep, Event, PretrainingStep
from hoiquy.runs.folder import load_environment_of
from hoiquy.workflows.distillation.soft_labels import load_soft_labels
from hoiquy.workflows.ensemble import students, training
from hoiquy.workflows.ensemble.members import Members
from hoiquy.workflows.ensemble.plan import load_plan
from hoiquy.workflows.ensemble.pretrained import LANGUAGE_MODEL, PRETRAINED
from hoiquy.workflows.ensemble.retraining import member_folders
from hoiquy.workflows.ensemble.students import SOFT_LABELS, STUDENT, planned_student, rows_of_fold
from hoiquy.workflows.pretraining.folder import load_language_model
from hoiquy.workflows.run import Run
from hoiquy.workflows.train import resume
from hoiquy.workflows.verify import retrain
from own_tables import rows, write_csv
from small_ensembles import small_ensemble

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
def little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MINUTES", 0.6)
    monkeypatch.setattr(students, "_MOST_TEXTS", 40)
    monkeypatch.setattr(students, "_FEWEST_TEXTS", 20)


def train(out: Path, table: Path, texts: object, on_event: Callable[[Event], None]) -> Run:
    return small_ensemble(out, table, on_event, unlabelled=texts)


def ignored(event: Event) -> None:
    pass


def test_a_network_starts_from_a_language_model_and_teaches_students(
    tmp_path: Path, table: Path, texts: Path
) -> None:
    steps: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, EnsembleStep):
            steps.append(event.model)

    run = train(tmp_path / "run", table, texts, listen)
    saved = load_language_model(run.folder / LANGUAGE_MODEL)
    assert saved.result.status == "complete"
    assert "xuất" in saved.vocabulary().words  # only the texts without labels have it
    assert load_environment_of(run.folder)["unlabelled"] == [str(texts.resolve())]
    assert settings_of(run)["unlabelled"]  # `hoiquy compare` tells it from one without
    assert steps[:3] == ["linear", "lsa", f"{PRETRAINED}-1"]
    of_students = [step for step in steps if step.startswith(STUDENT)]
    plan = load_plan(run.folder)
    for step in of_students:
        folder = run.folder / SOFT_LABELS / step.rpartition("-")[2]
        labels = load_soft_labels(folder).documents()
        assert len(labels) == plan.labelled_texts == 40
        assert set(labels.texts) <= set(texts.read_text(encoding="utf-8").splitlines())
    assert {path.name for path in member_folders(run.folder)} == set(steps)
    assert retrain(run.folder) == []


def test_students_alone_are_trained_again_by_the_same_teachers(
    tmp_path: Path, table: Path, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_students(self: Members, names: list[str]) -> list[str]:
        return [STUDENT] if STUDENT in names else names

    monkeypatch.setattr(Members, "worth", only_students)
    run = train(tmp_path / "run", table, texts, ignored)
    assert load_plan(run.folder).chosen == [STUDENT]
    assert retrain(run.folder) == []


@pytest.mark.parametrize("within", [PretrainingStep, EnsembleStep])
def test_an_interrupted_training_goes_on_to_the_same_bits(
    tmp_path: Path, table: Path, texts: Path, within: type
) -> None:
    def listen(event: Event) -> None:
        if isinstance(event, within) and getattr(event, "model", PRETRAINED) >= PRETRAINED:
            raise StoppedError("stopped", 130)

    with pytest.raises(StoppedError):
        train(tmp_path / "run", table, texts, listen)
    planned = load_plan(tmp_path / "run")
    resumed = resume(tmp_path / "run", quiet=True)
    assert load_plan(resumed.folder).pretraining_minutes == planned.pretraining_minutes
    assert load_language_model(resumed.folder / LANGUAGE_MODEL).result.status == "complete"
    assert retrain(resumed.folder) == []


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
        ([["a text"]], {"small": True}, InputError),
        ([["a text"]], {"engine": "keras"}, InputError),
        ([["a text"]], {"recipe": "fast"}, InputError),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    tmp_path: Path, table: Path, texts: list[object], options: dict[str, object], error: type
) -> None:
    with pytest.raises(error):
        hoiquy.train(table, out=tmp_path / "run", unlabelled=texts, quiet=True, **options)
    assert not (tmp_path / "run").exists()


def test_texts_that_are_all_empty_or_labelled_are_an_error(tmp_path: Path, table: Path) -> None:
    texts = ["", " \n", rows(20)[0][0]]
    with pytest.raises(DataError, match="no text without a label"):
        small_ensemble(tmp_path / "run", table, unlabelled=[texts])


def test_students_of_two_folds_train_on_different_texts() -> None:
    first, second = (set(rows_of_fold(100, 40, fold, 1).tolist()) for fold in (0, 1))
    assert len(first) == len(second) == 40
    assert not first & second
    assert set(rows_of_fold(10, 40, 3, 1).tolist()) == set(range(10))


def test_students_have_texts_that_fit_the_time() -> None:
    from hoiquy.recipe.recipe import load_recipe

    recipe = load_recipe("lm")
    assert planned_student(recipe, 19, 1.0, None) is None
    assert planned_student(recipe, 1000, 1.0, 10.0) is None
    planned = planned_student(recipe, 1000, 0.01, 1.0)
    assert planned is not None
    assert planned[1] <= 100


def stop_after(model: str) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        if isinstance(event, EnsembleStep) and event.model == model:
            raise StoppedError("stopped", 130)

    return listen
