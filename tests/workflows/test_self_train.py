"""Rounds of teaching and learning end in the same bits wherever they were stopped."""

import json
from pathlib import Path

import pytest

import hoiquy
from hoiquy.cli.main import main
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import DataRead, EpochFinished, Event, Preparing
from hoiquy.runs.files import REPEATABLE
from hoiquy.workflows.distillation.soft_labels import load_soft_labels
from hoiquy.workflows.self_train import self_train
from soft_label_reviews import labelled, small, unlabelled

RECIPE = small("training.epochs=2")


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def bits(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPEATABLE}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    told: list[Event] = []
    self_train(labelled(), [unlabelled()], RECIPE, out, iterations=2, on_event=told.append)
    lines = [event.description for event in told if isinstance(event, DataRead)]
    assert [line.partition(":")[0] for line in lines] == ["iteration 1 of 2", "iteration 2 of 2"]
    assert "70 texts; " in lines[0] and "run-1 " in lines[1] and "combined " in lines[1]
    return out


def test_each_round_learns_from_what_the_one_before_has_taught(whole: Path) -> None:
    assert sorted(path.name for path in whole.iterdir()) == [
        "run-0", "run-1", "run-2", "soft-labels-1", "soft-labels-2",
    ]  # fmt: skip
    for number in (1, 2):
        soft_labels = load_soft_labels(whole / f"soft-labels-{number}")
        names = [teacher.name for teacher in soft_labels.facts.teachers]
        assert names == [str(whole / f"run-{number - 1}"), "nb-svm"]
        run = hoiquy.load_run(whole / f"run-{number}")
        assert run.environment()["soft_labels"]["folder"] == str(soft_labels.folder)
        assert run.result.soft_labelled_documents == len(unlabelled())
        assert soft_labels.facts.iteration == run.result.pseudo_label_iteration == number
    soft_label_folders = [
        load_soft_labels(whole / f"soft-labels-{number}").soft_labels_sha256() for number in (1, 2)
    ]
    assert len(set(soft_label_folders)) == 2
    assert hoiquy.load_run(whole / "run-0").result.soft_labelled_documents == 0


def test_stopped_in_any_part_it_goes_on_to_the_same_bits(whole: Path, tmp_path: Path) -> None:
    """Stopped after each epoch, and whenever NB-SVM is trained, with all that was done kept."""
    stops = 0

    def listen(event: Event) -> None:
        nonlocal seen, stops
        training = isinstance(event, Preparing) and event.what == "baseline"
        if training or isinstance(event, EpochFinished):
            seen += 1
            if seen > 1:  # it comes one part further each time
                stops += 1
                raise Stopped

    for _ in range(20):
        seen = 0
        try:
            run = self_train(
                labelled(), [unlabelled()], RECIPE, tmp_path, iterations=2, on_event=listen,
                checkpoint_seconds=0,
            )  # fmt: skip
            break
        except Stopped:
            continue
    assert stops == 4
    assert run.folder == tmp_path / "run-2"
    assert bits(run.folder) == bits(whole / "run-2")


def test_what_is_there_is_kept_unless_it_is_another(whole: Path) -> None:
    told: list[Event] = []
    run = self_train(labelled(), [unlabelled()], RECIPE, whole, iterations=2, on_event=told.append)
    assert run.folder == whole / "run-2" and not [e for e in told if isinstance(e, EpochFinished)]
    with pytest.raises(RunError, match=r"run-0 was trained with another recipe .* another --out"):
        self_train(labelled(), [unlabelled()], RECIPE, whole, settings=["training.seed=5"])
    with pytest.raises(InputError, match="standard input cannot be used"):
        self_train(labelled(), "-", RECIPE, whole)
    with pytest.raises(RunError, match=r"run-0 is a run folder: choose another --out"):
        self_train(labelled(), [unlabelled()], RECIPE, whole / "run-0")
    with pytest.raises(InputError, match="0 iterations"):
        self_train(labelled(), [unlabelled()], RECIPE, whole, iterations=0)
    with pytest.raises(RunError, match=r"soft-labels-2 has .* other data|is not the data that"):
        self_train(labelled(seed=4), [unlabelled()], RECIPE, whole, iterations=3)


def test_what_no_lesson_could_read_is_told_before_the_first_run(
    whole: Path, tmp_path: Path
) -> None:
    out, missing = tmp_path / "out", tmp_path / "crawl.txt"
    with pytest.raises(DataError, match=r"crawl\.txt"):
        self_train(labelled(), [unlabelled(), missing], RECIPE, out)
    hoiquy.encode(labelled(), RECIPE, tmp_path / "store")
    for data in (tmp_path / "store", hoiquy.load_dataset(tmp_path / "store")):
        with pytest.raises(DataError, match="store is a token store without texts"):
            self_train(data, [unlabelled()], RECIPE, out)
    assert not out.exists()
    run = self_train(
        labelled(), [missing], RECIPE, whole, iterations=2
    )  # all its lessons are there
    assert run.folder == whole / "run-2"


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
    command = ["self-train", "reviews.csv", "texts.txt", "--recipe", "small.toml"]
    command += ["--iterations", "1"]
    with pytest.raises(SystemExit) as stop:
        main([*command, "--out", "out", "--json"])
    assert stop.value.code == 0
    assert json.loads(capsys.readouterr().out)["soft_labelled_documents"] == len(unlabelled())
    with pytest.raises(SystemExit) as stop:
        main([*command, "--out", "out", "--set", "training.seed=9"])
    assert stop.value.code != 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "another recipe" in said[0] and "choose another --out" in said[0]
    parts = [f"{text},{number % 2}" for number, text in enumerate(data.test.texts)]
    Path("parts.csv").write_text("\n".join(["text,label", *parts]), encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main([*command, "--out", "out", "--test", "parts.csv"])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "parts.csv" in said[0]
    options = ["--test", "parts.csv", "--validation", "parts.csv", "--log", "tensorboard=tb"]
    with pytest.raises(SystemExit) as stop:
        main([*command, "--out", "tested", *options, "--json"])
    result = json.loads(capsys.readouterr().out)
    assert stop.value.code == 0
    assert result["test_documents"] == result["validation_documents"] == len(parts)
    assert result["soft_labelled_documents"] == len(set(unlabelled()) - set(data.test.texts))
    assert [*Path("tb").rglob("events.out.*")]
    with pytest.raises(SystemExit) as stop:
        main(["self-train", "other.csv", *command[2:], "--out", "out"])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "reviews.csv" in said[0] and "other.csv" in said[0]


def test_an_unknown_keyword_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="iteration"):
        self_train(labelled(), [unlabelled()], RECIPE, tmp_path, iteration=2)  # type: ignore[call-arg]
    with pytest.raises(InputError, match="self_train has no option minutes"):
        self_train(labelled(), [unlabelled()], RECIPE, tmp_path, minutes=2)  # type: ignore[call-arg]
    assert not list(tmp_path.iterdir())
