"""The doctor among the other listeners: what it tells, also when a training is resumed."""

from dataclasses import replace
from pathlib import Path

import pytest
from planted import FAULTS, recipe, reviews

from hoiquy.callbacks.terminal.progress import TrainingProgress
from hoiquy.events import Diagnosed, EpochFinished, Event, Resumed
from hoiquy.messages import Lang
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.files import DIAGNOSTICS
from hoiquy.workflows.train import resume, train

FAULT = FAULTS["ranks fed as magnitudes"]


class Stopped(BaseException):
    """Simulates the end of a process."""


def stop_after(epoch: int, received: list[Event]) -> object:
    def listen(event: Event) -> None:
        received.append(event)
        if isinstance(event, EpochFinished) and event.record.epoch == epoch:
            raise Stopped

    return listen


def keys(received: list[Event]) -> list[str]:
    return [event.diagnostic.key for event in received if isinstance(event, Diagnosed)]


def test_it_tells_what_it_sees_when_it_sees_it(tmp_path: Path) -> None:
    received: list[Event] = []
    train(FAULT.data, FAULT.recipe(), tmp_path / "run", on_event=received.append)
    kinds = [
        event.diagnostic.key if isinstance(event, Diagnosed) else event.record.epoch
        for event in received
        if isinstance(event, Diagnosed | EpochFinished)
    ]
    assert kinds == ["ranks_as_magnitudes", 1, 2, 3, "chance_from_ranks", 4, 5, 6]


@pytest.mark.parametrize("epoch", [1, 2, 3, 5])
def test_resumed_it_finds_the_same_and_does_not_repeat_itself(epoch: int, tmp_path: Path) -> None:
    whole = train(FAULT.data, FAULT.recipe(), tmp_path / "whole")
    before: list[Event] = []
    with pytest.raises(Stopped):
        listener = stop_after(epoch, before)
        train(FAULT.data, FAULT.recipe(), tmp_path / "run", on_event=listener)  # type: ignore[arg-type]
    after: list[Event] = []
    run = resume(tmp_path / "run", data=FAULT.data, on_event=after.append)
    assert any(isinstance(event, Resumed) for event in after)
    assert (run.folder / DIAGNOSTICS).read_bytes() == (whole.folder / DIAGNOSTICS).read_bytes()
    reported = keys(after)[1:]  # diagnostics before the first epoch are reported again
    assert reported == (["chance_from_ranks"] if epoch < 3 else [])


def test_a_class_whose_name_no_terminal_shows(tmp_path: Path) -> None:
    """The diagnostic can still be read."""
    data = replace(reviews(100, 20, positive=0.95), classes=("neg\x1b[2J", "pos\x9b1m"))
    run = train(data, recipe("training.epochs=1"), tmp_path / "run")
    (found,) = [
        diagnostic for diagnostic in run.diagnostics() if diagnostic.key == "class_imbalance"
    ]
    assert (found.values["smallest"], found.values["largest"]) == ("neg?[2J", "pos?1m")


@pytest.mark.parametrize(("lang", "words"), [("en", "The network reads each word"), ("vi", "Mạng")])
def test_it_is_shown_on_a_line_of_its_own(
    lang: Lang, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    diagnostic = Diagnostic(
        "ranks_as_magnitudes", {"highest": 9999}, 'model={layers=[{type="embedding", units=8}]}'
    )
    TrainingProgress(lang=lang)(Diagnosed(diagnostic))
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"  ! {diagnostic.text(lang)}"
    assert words in line and "[{type=" in line  # no markup to rich
    TrainingProgress(quiet=True, lang=lang)(Diagnosed(diagnostic))
    assert capsys.readouterr().err == ""
