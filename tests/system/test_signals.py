"""The first signal stops a training after its step; the second one stops it at once."""

import os
import signal
import threading
from pathlib import Path

import pytest

from hoiquy.errors import StoppedError
from hoiquy.events import Event, StepFinished
from hoiquy.system.signals import Interruption
from hoiquy.workflows.train import resume, train
from miniatures import miniature, random_dataset

RECIPE = miniature("bai1", "training.batch_size=32", "training.epochs=3")  # steps of 4 an epoch


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")]
)
def test_the_first_signal_is_recorded_the_second_interrupts(number: int, name: str) -> None:
    before = signal.getsignal(number)
    with Interruption() as interruption:
        assert interruption.signal_name is None
        os.kill(os.getpid(), number)
        assert interruption.signal_name == name
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before


def test_nested_blocks_share_a_signal() -> None:
    with Interruption() as outer:
        with Interruption() as inner:
            os.kill(os.getpid(), signal.SIGINT)
            assert (inner.signal_name, outer.signal_name) == ("Ctrl-C", None)
        assert outer.signal_name == "Ctrl-C"
        with Interruption() as later:
            assert later.signal_name == "Ctrl-C"


def test_other_threads_install_no_handler() -> None:
    before = signal.getsignal(signal.SIGINT)
    inside = []

    def enter() -> None:
        with Interruption():
            inside.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert inside == [before]


@pytest.mark.parametrize(("times", "error"), [(1, StoppedError), (2, KeyboardInterrupt)])
def test_a_training_is_stopped_after_its_step(
    times: int, error: type[BaseException], tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []

    def note(event: Event) -> None:
        if isinstance(event, StepFinished):
            steps.append((event.epoch, event.step))

    def listen(event: Event) -> None:
        note(event)
        if isinstance(event, StepFinished) and steps[-1] == (2, 2):
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)

    data, out = random_dataset(), tmp_path / "run"
    with pytest.raises(error):
        train(data, RECIPE, out, on_event=listen, checkpoint_seconds=1e9)
    assert steps[-1] == (2, 2)
    steps.clear()
    resume(out, data=data, on_event=note)
    assert steps[0] == ((2, 3) if times == 1 else (2, 1))
