"""Calls of loggers in trainings that finish, stop or fail, and trainings with failing loggers."""

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hoiquy.callbacks.loggers import logged
from hoiquy.callbacks.loggers.from_options import KINDS
from hoiquy.callbacks.loggers.logger import Ending
from hoiquy.callbacks.loggers.scalars import epoch_measures, recipe_settings, result_measures
from hoiquy.errors import InputError, MissingExtraError, StoppedError, TrainingError
from hoiquy.events import EpochFinished, Event, Listener, RunOpened, StepFinished, ignore
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.training import loop as training
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.scoring import Scores
from hoiquy.workflows.train import resume, train
from miniatures import miniature, random_dataset

EPOCHS = 3


class Diary:
    """A logger that records its calls and fails at a chosen one."""

    def __init__(self, fails_in: str = "") -> None:
        self.fails_in = fails_in
        self.calls: list[str] = []
        self.shown: set[int] = set()
        self.speeds: dict[int, float | None] = {}

    def _tell(self, method: str, what: str) -> None:
        self.calls.append(what)
        if method == self.fails_in:
            raise OSError(28, "No space left on device")

    def begin(self, opened: RunOpened) -> set[int]:
        self._tell("begin", f"{'on' if opened.resumed else 'new'} {opened.folder.name}")
        return set(self.shown)

    def log_epoch(self, record: EpochRecord, documents_per_second: float | None) -> None:
        self._tell("log_epoch", f"epoch {record.epoch}")
        self.shown.add(record.epoch)
        self.speeds[record.epoch] = documents_per_second

    def log_result(self, run: Run, figures: Sequence[Path]) -> None:
        assert all(figure.read_bytes().startswith(b"\x89PNG") for figure in figures)
        self._tell("log_result", f"result {run.result.test_accuracy}")

    def end(self, ending: Ending) -> None:
        self._tell("end", ending)


Keep = Callable[[str], Diary]


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Put a diary where `--log diary=x` finds it."""

    def keep(fails_in: str) -> Diary:
        diary = Diary(fails_in)
        monkeypatch.setitem(KINDS, "diary", lambda place: diary)
        return diary

    return keep


def raise_after(steps: int, error: Exception) -> Listener:
    count = 0

    def listen(event: Event) -> None:
        nonlocal count
        count += isinstance(event, StepFinished)
        if count == steps and isinstance(event, StepFinished):
            raise error

    return listen


RECIPE = miniature("bai3", f"training.epochs={EPOCHS}")  # two steps an epoch


def test_a_training_is_told_from_begin_to_end(diary: Keep, tmp_path: Path) -> None:
    kept = diary("")
    run = train(random_dataset(), RECIPE, tmp_path / "run", log=["diary=x"])
    epochs = [f"epoch {number}" for number in range(1, EPOCHS + 1)]
    assert kept.calls == ["new run", *epochs, f"result {run.result.test_accuracy}", "finished"]
    assert all(speed and speed > 0 for speed in kept.speeds.values())


@pytest.mark.parametrize("steps", range(1, 2 * EPOCHS + 1))
def test_resumed_after_any_step_no_epoch_is_doubled_or_lost(
    steps: int, diary: Keep, tmp_path: Path
) -> None:
    kept, out = diary(""), tmp_path / "run"
    with pytest.raises(StoppedError):
        train(
            random_dataset(), RECIPE, out, on_event=raise_after(steps, StoppedError("")),
            checkpoint_seconds=0, log=["diary=x"],
        )  # fmt: skip
    assert kept.calls[-1] == "stopped"
    resume(out, data=random_dataset(), log=["diary=x"])
    assert [line for line in kept.calls if line.startswith("epoch")] == [
        "epoch 1",
        "epoch 2",
        "epoch 3",
    ]
    assert kept.calls.count("on run") == 1
    assert kept.calls[-1] == "finished"


def test_an_epoch_that_was_saved_and_not_told_is_caught_up_with(
    diary: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the validation documents are scored: the epoch's event never comes."""
    kept, score = diary(""), training.score

    def scored(model: Model, split: Split, pool: ShardPool) -> Scores:
        if kept.shown == {1}:
            signal.raise_signal(signal.SIGINT)
        return score(model, split, pool)

    monkeypatch.setattr(training, "score", scored)
    with pytest.raises(StoppedError, match="after epoch 2"):
        train(random_dataset(), RECIPE, tmp_path / "run", log=["diary=x"])
    assert kept.calls == ["new run", "epoch 1", "epoch 2", "stopped"]
    assert kept.speeds[2] is None


def test_a_log_that_begins_late_gets_the_epochs_before(diary: Keep, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(StoppedError):
        train(random_dataset(), RECIPE, out, on_event=raise_after(5, StoppedError("")))
    kept = diary("")
    resume(out, data=random_dataset(), log=["diary=x"])
    assert kept.calls[:4] == ["on run", "epoch 1", "epoch 2", "epoch 3"]


def test_a_training_that_fails_is_called_failed(diary: Keep, tmp_path: Path) -> None:
    kept = diary("")
    with pytest.raises(TrainingError):
        train(
            random_dataset(), RECIPE, tmp_path / "run",
            on_event=raise_after(3, TrainingError("the loss is nan")), log=["diary=x"],
        )  # fmt: skip
    assert kept.calls == ["new run", "epoch 1", "failed"]


@pytest.mark.parametrize("method", ["begin", "log_epoch", "log_result", "end"])
def test_a_logger_that_fails_is_told_once_and_left_out(
    method: str, diary: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = train(random_dataset(), RECIPE, tmp_path / "alone", quiet=True)
    kept = diary(method)
    out = tmp_path / "run"
    run = train(random_dataset(), RECIPE, out, log=["diary=x"], quiet=True)
    assert run.result == whole.result
    assert run.history == whole.history
    errors = capsys.readouterr().err
    assert errors.splitlines() == [
        f"hoiquy: --log diary=x is switched off, {out} continues: "
        "OSError: [Errno 28] No space left on device"
    ]
    failing = {"begin": "new run", "log_epoch": "epoch 1", "end": "finished"}.get(method, "result")
    assert kept.calls[-1].startswith(failing)  # nothing after it


def test_the_other_loggers_and_the_listener_go_on(
    diary: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary("log_epoch")
    other = Diary()
    monkeypatch.setitem(KINDS, "other", lambda place: other)
    received: list[Event] = []
    train(
        random_dataset(), RECIPE, tmp_path / "run", on_event=received.append,
        log=["diary=x", "other=y"],
    )  # fmt: skip
    assert other.calls[-1] == "finished"
    assert sum(isinstance(event, EpochFinished) for event in received) == EPOCHS


def test_without_options_the_listener_is_itself() -> None:
    with logged([], ignore) as listener:
        assert listener is ignore


@pytest.mark.parametrize("option", ["tensorboard", "tensorboard=", "wandb=x", "=x", ""])
def test_unknown_loggers_are_refused_before_anything_is_made(option: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(InputError, match="expected tensorboard=DIR, mlflow=DIR or mlflow=URI"):
        train(random_dataset(), RECIPE, out, log=[option])
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "module", "package"),
    [("tensorboard=x", "tensorboardX", "tensorboard"), ("mlflow=x", "mlflow.tracking", "mlflow")],
)
def test_a_missing_package_says_what_to_install(
    option: str, module: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingExtraError) as caught:
        train(random_dataset(), RECIPE, tmp_path / "run", log=[option])
    assert f"pip install 'hoiquy[{package}]'" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_is_logged(tmp_path: Path) -> None:
    run = train(random_dataset(), RECIPE, tmp_path / "run")
    record = run.history[0]
    measures = epoch_measures(record, 12.5)
    assert measures["val_loss"] == record.val_loss
    assert measures["documents_per_second"] == 12.5
    assert measures["gradient_norms/lstm"] == record.gradient_norms["lstm"]
    assert "epoch" not in measures
    result = result_measures(load_run(run.folder))
    assert result["test_accuracy"] == run.result.test_accuracy
    settings = recipe_settings(load_recipe("bai3"))
    assert settings["training.learning_rate"] == 1e-4
    assert settings["model.layers.2.units"] == 200
    for key, value in settings.items():  # each is what --set would take
        setting = f"{key}={str(value).lower() if isinstance(value, bool) else value}"
        assert load_recipe("bai3").with_settings([setting]) == load_recipe("bai3"), key
