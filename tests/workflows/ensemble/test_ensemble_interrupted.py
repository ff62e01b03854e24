"""A training of an ensemble that stops anywhere predicts, and is resumed to the same bits."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_line import call_hoiquy, only_line_of_error, stop_when
from hoiquy.errors import RunError, StoppedError
from hoiquy.events import EnsembleStep, Event, Preparing, StepFinished
from hoiquy.prediction.load import load_predictor
from hoiquy.workflows.ensemble import members
from hoiquy.workflows.ensemble import training as ensemble_training
from hoiquy.workflows.run import Run, load_run
from hoiquy.workflows.train import resume
from hoiquy.workflows.verify import verify
from own_tables import rows, write_csv
from small_ensembles import ensemble_bits, small_ensemble

Act = Callable[[], None]


class Killed(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def kill() -> None:
    raise Killed


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def listening(when: Callable[[Event], bool], act: Act, times: int = 1) -> Callable[[Event], None]:
    """A listener that acts at the event of this number for which `when` holds."""
    left = times

    def listen(event: Event) -> None:
        nonlocal left
        left -= when(event)
        if left == 0:
            left = -1
            act()

    return listen


def in_linear(event: Event) -> bool:
    return event == Preparing("linear")


def in_network(event: Event) -> bool:
    return isinstance(event, StepFinished)


def between(event: Event) -> bool:
    return isinstance(event, EnsembleStep)


@pytest.fixture(scope="module", autouse=True)
def every_network_is_chosen() -> Iterator[None]:
    """So that all folds are trained, although a network gains nothing on so few texts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "_NO_GAIN", -1e9)
        patch.setattr(members, "_NO_WEIGHT", -1.0)
        yield


MOMENTS = [(in_linear, 1), (in_network, 1), (in_network, 33), (between, 1), (between, 3)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("whole")
    return small_ensemble(place / "run", write_csv(place / "phim.csv", rows(20)))


@pytest.mark.parametrize(("when", "times"), MOMENTS)
def test_ctrl_c_stops_and_resuming_gives_the_same_bits(
    when: Callable[[Event], bool], times: int, whole: Run, tmp_path: Path
) -> None:
    table, out = whole.folder.parent / "phim.csv", tmp_path / "run"
    hint = f"resume with: hoiquy resume {out}$"
    with pytest.raises(StoppedError, match=f"stopped by Ctrl-C.*; {hint}"):
        small_ensemble(out, table, on_event=listening(when, interrupt, times))
    assert load_run(out).result.status == "interrupted"
    predicted = call_hoiquy("predict", out, "phim này tuyệt vời", "--lang", "en")
    if when is in_linear:  # it stops at once, without a model
        only_line_of_error(predicted, 2)
    else:
        assert predicted.returncode == 0, predicted.stderr
        assert f"{out} is unfinished" in predicted.stderr.splitlines()[-1]
    assert verify(out).problems == []
    assert ensemble_bits(resume(out).folder) == ensemble_bits(whole.folder)


@pytest.mark.parametrize(("when", "times"), MOMENTS)
def test_killed_it_is_resumed_to_the_same_bits(
    when: Callable[[Event], bool], times: int, whole: Run, tmp_path: Path
) -> None:
    table, out = whole.folder.parent / "phim.csv", tmp_path / "run"
    with pytest.raises(Killed):
        small_ensemble(out, table, on_event=listening(when, kill, times))
    assert verify(out).problems == []
    assert ensemble_bits(resume(out).folder) == ensemble_bits(whole.folder)
    assert not list(out.rglob("*.tmp"))


def test_before_the_first_model_nothing_predicts(whole: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(Killed):
        small_ensemble(out, whole.folder.parent / "phim.csv", on_event=listening(in_linear, kill))
    with pytest.raises(RunError, match=r"no ensemble\.json.*hoiquy resume"):
        load_predictor(out)
    only_line_of_error(call_hoiquy("predict", out, "phim"), 2)
    assert call_hoiquy("report", out, "--out", tmp_path / "page.html").returncode == 0


def test_killed_before_it_is_a_run_the_folder_can_be_used_again(
    whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, out = whole.folder.parent / "phim.csv", tmp_path / "run"
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("hoiquy.workflows.ensemble.files.EnsembleFolder.start", lambda *_: kill())
        small_ensemble(out, table)
    assert (out / "plan.json").exists()
    assert ensemble_bits(small_ensemble(out, table).folder) == ensemble_bits(whole.folder)


def test_killed_at_the_end_it_is_only_scored_again(
    whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, out = whole.folder.parent / "phim.csv", tmp_path / "run"
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("hoiquy.workflows.ensemble.files.EnsembleFolder.finish", lambda _: kill())
        small_ensemble(out, table)
    monkeypatch.setattr(ensemble_training, "train_network", kill)
    assert ensemble_bits(resume(out).folder) == ensemble_bits(whole.folder)


@pytest.mark.process
@pytest.mark.skipif(not hasattr(os, "fork"), reason="sends a signal to a process")
def test_ctrl_c_ends_the_program_with_one_line(whole: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = ["train", whole.folder.parent / "phim.csv", "--quiet", "--out", out]
    code, errors = stop_when(command, (out / "ensemble.json").exists, signal.SIGINT)
    assert code == 130, errors
    (line,) = errors.splitlines()
    assert line.startswith("hoiquy: stopped by Ctrl-C")
    assert line.endswith(f"resume with: hoiquy resume {out}")


def test_a_complete_run_is_returned_as_it_is(whole: Run) -> None:
    before = ensemble_bits(whole.folder)
    assert resume(whole.folder).result == whole.result
    assert ensemble_bits(whole.folder) == before
