"""Training on Ray actors gives the bits of one process, even if some of them die."""

import importlib.util
import os
import re
import signal
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from data_parallel_recipes import DOCUMENTS, bits, every_setting

from hoiquy.cli.main import main
from hoiquy.data.dataset import Dataset
from hoiquy.errors import InputError, MissingExtraError, StoppedError, TrainingError
from hoiquy.events import Event, Listener, StepFinished, WorkersChanged
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import Run
from hoiquy.training.encoding.prepare import Prepared
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import fit
from hoiquy.training.ray import data_parallel
from hoiquy.training.ray import session as sessions
from hoiquy.training.ray.data_parallel import RaySteps, RayWorkers
from hoiquy.training.ray.gradient_worker import GradientWorker
from hoiquy.training.ray.session import Session
from hoiquy.workflows.train import resume, train
from miniatures import miniature, prepared, random_dataset
from small_reviews import SMALL, write_reviews

LONGER = "training.epochs=4"

pytestmark = pytest.mark.usefixtures("many_shards")


@cache
def case(name: str, epochs: int = 3) -> tuple[Recipe, Prepared]:
    recipe = every_setting(name, epochs)
    return recipe, prepared(recipe, DOCUMENTS)


@cache
def alone(name: str) -> dict[str, object]:
    """The bits of one process."""
    return bits(fit(*case(name)))


def files(run: Run) -> list[bytes]:
    return [(run.folder / name).read_bytes() for name in REPEATABLE]


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[RaySteps]:
    """The steps whose workers were started, once for each start."""
    started: list[RaySteps] = []
    start = RaySteps.start

    def record(steps: RaySteps) -> None:
        start(steps)
        started.append(steps)

    monkeypatch.setattr(RaySteps, "start", record)
    return started


def process_of(steps: RaySteps, worker: int) -> int:
    import ray

    name, _ = ray.get(steps.actors[worker].describe.remote())
    found = re.search(r"\(process (\d+)\)", name)
    assert found is not None and int(found[1]) != os.getpid()
    return int(found[1])


def after_step(step: int, do: Callable[[], object], events: list[Event]) -> Listener:
    """A listener that does something after a step of the first epoch of two steps."""

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepFinished) and (event.epoch, event.step) == (1, step):
            do()

    return listen


def changes(events: list[Event]) -> list[str]:
    return [event.line for event in events if isinstance(event, WorkersChanged)]


@pytest.mark.parametrize(("name", "count"), [("bai3", 1), ("bai5", 2), ("strong", 4)])
def test_several_actors_give_the_bits_of_one_process(
    ray_here: Session, name: str, count: int
) -> None:
    events: list[Event] = []
    fitted = fit(*case(name), FitCallbacks(events.append), workers=RayWorkers(count, is_local=True))
    assert bits(fitted) == alone(name)
    assert sum(isinstance(event, StepFinished) for event in events) == 6 and not changes(events)


def test_a_worker_killed_in_the_middle_of_a_step_is_replaced(
    ray_here: Session, tmp_path: Path, starts: list[RaySteps]
) -> None:
    events: list[Event] = []
    killed: list[int] = []

    def kill() -> None:  # it is stopped first, so that it dies before it has done its share
        killed.append(process_of(starts[0], 1))
        os.kill(killed[0], signal.SIGSTOP)
        threading.Timer(0.3, os.kill, (killed[0], signal.SIGKILL)).start()

    recipe, data = miniature("strong", LONGER), random_dataset()
    listener = after_step(1, kill, events)
    run = train(data, recipe, tmp_path / "run", ray="auto", workers=3, on_event=listener)
    assert files(run) == files(train(data, recipe, tmp_path / "alone"))
    (line,) = changes(events)
    assert re.fullmatch(
        rf"the worker on \S+ \(process {killed[0]}\) has died; repeating the step", line
    )
    assert len(starts) == 2


def test_with_less_room_after_a_death_fewer_workers_continue(
    ray_here: Session, starts: list[RaySteps], monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    events: list[Event] = []
    occupied = [occupy(processors=2)]

    def lose_machine() -> None:
        os.kill(process_of(starts[0], 1), signal.SIGKILL)
        occupied.append(occupy(processors=1))
        monkeypatch.setattr(data_parallel, "_places", lambda threads: 1)

    workers = RayWorkers(2, is_local=True)
    fitted = fit(*case("bai3"), FitCallbacks(after_step(2, lose_machine, events)), workers=workers)
    assert bits(fitted) == alone("bai3")
    assert changes(events)[1:] == ["1 of 2 workers have started: training with these"]
    assert starts[1].count == 1
    for actor in occupied:
        ray.kill(actor)


def occupy(processors: int) -> Any:
    """An actor that has taken so many processors."""
    import ray

    class Idle:
        def is_placed(self) -> bool:
            return True

    actor = ray.remote(num_cpus=processors)(Idle).remote()
    assert ray.get(actor.is_placed.remote())
    return actor


def test_workers_that_hang_are_replaced(
    ray_here: Session, starts: list[RaySteps], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []

    def hang() -> None:
        os.kill(process_of(starts[0], 0), signal.SIGSTOP)
        monkeypatch.setattr(data_parallel, "STEP_SECONDS", 3.0)
        threading.Timer(4.0, monkeypatch.setattr, (data_parallel, "STEP_SECONDS", 300.0)).start()

    workers = RayWorkers(1, is_local=True)
    fitted = fit(*case("bai3"), FitCallbacks(after_step(1, hang, events)), workers=workers)
    assert bits(fitted) == alone("bai3")
    assert changes(events) == ["the workers have not responded for 3 seconds; repeating the step"]


def test_an_error_that_comes_back_ends_the_training(
    ray_here: Session, starts: list[RaySteps], monkeypatch: pytest.MonkeyPatch
) -> None:
    class FailingWorker(GradientWorker):
        def compute(self, *arguments: Any) -> None:
            raise MemoryError("no room")

    events: list[Event] = []
    monkeypatch.setattr(data_parallel, "GradientWorker", FailingWorker)
    monkeypatch.setattr(data_parallel, "MAX_FAILURES", 2)
    workers = RayWorkers(1, is_local=True)
    with pytest.raises(
        TrainingError, match="2 times in one step: a worker failed: MemoryError: no"
    ):
        fit(*case("bai3"), FitCallbacks(events.append), workers=workers)
    assert changes(events) == ["a worker failed: MemoryError: no room; repeating the step"] * 2
    assert len(starts) == 2


def test_a_worker_that_cannot_start_is_an_error(
    ray_here: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoWorker(GradientWorker):
        def __init__(self, threads: int) -> None:
            raise OSError("no space left")

    monkeypatch.setattr(data_parallel, "GradientWorker", NoWorker)
    with pytest.raises(TrainingError, match="cannot start the workers: OSError: no space left"):
        fit(*case("bai3"), workers=RayWorkers(1, is_local=True))


def test_a_worker_with_another_version_is_refused(
    ray_here: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = data_parallel.exact_facts
    monkeypatch.setattr(data_parallel, "exact_facts", lambda kind: facts(kind) | {"numpy": "1.0"})
    said = r"the worker on \S+ \(process \d+\) would not compute the same bits: numpy 1.0 → "
    with pytest.raises(InputError, match=said):
        fit(*case("bai3"), workers=RayWorkers(1, is_local=True))


def test_a_stopped_training_resumes_with_any_number_of_workers(
    ray_here: Session, tmp_path: Path
) -> None:
    recipe, data, run = miniature("bai3", LONGER), random_dataset(), tmp_path / "run"
    stop = after_step(1, partial(os.kill, os.getpid(), signal.SIGINT), [])
    with pytest.raises(StoppedError, match="stopped by Ctrl-C after epoch 1, step 1"):
        train(data, recipe, run, ray="auto", workers=2, on_event=stop)
    resumed = resume(run, data=data, ray="auto")
    assert files(resumed) == files(train(data, recipe, tmp_path / "alone"))


def test_the_command_trains_on_ray(
    ray_here: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, recipe = tmp_path / "data", tmp_path / "small.toml"
    write_reviews(data, 40)
    recipe.write_text(SMALL)
    weights = []
    for name, options in (("alone", []), ("ray", ["--ray", "auto", "--workers", "1"])):
        out = tmp_path / name
        assert run_command("train", data, "--recipe", recipe, "--out", out, *options) == 0
        weights.append((out / "weights.safetensors").read_bytes())
    assert weights[0] == weights[1]
    assert "starting the workers" in capsys.readouterr().err


def run_command(*arguments: object) -> object:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return end.value.code


@pytest.fixture(scope="module")
def documents() -> Dataset:
    return random_dataset()


def test_a_ray_that_is_too_small_is_refused_at_once(
    ray_here: Session, documents: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_THREADS", "6")
    with pytest.raises(InputError, match="room for 2 of 3 workers with 2 processors each: choose"):
        recipe = miniature("bai3", "training.batch_size=160")
        train(documents, recipe, tmp_path / "run", ray="auto", workers=3)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"engine": "keras", "ray": "auto"}, "ray needs hoiquy's own engine"),
        ({"workers": 2}, "--workers 2 needs --ray: without Ray, one process trains on all"),
        ({"workers": 0, "ray": "auto"}, "0 workers: expected 1 or more"),
        ({"ray": "nowhere"}, "expected auto, or HOST:PORT"),
        ({"ray": "nowhere.invalid:6379"}, "no Ray can be reached at nowhere.invalid:6379: "),
    ],
)
def test_options_are_checked_before_the_folder_is_made(
    needs_ray: None, documents: Dataset, options: dict[str, Any], line: str, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(InputError, match=line):
        train(documents, "bai3", out, **options)
    assert not out.exists()


@pytest.mark.parametrize("command", ["train", "resume"])
def test_the_command_names_threads_where_there_is_no_ray(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, run = tmp_path / "data", tmp_path / "run"
    write_reviews(data, 8)
    arguments = {"train": ["train", data, "--out", run], "resume": ["resume", run]}[command]
    if command == "resume":
        stopped = after_step(1, partial(os.kill, os.getpid(), signal.SIGINT), [])
        with pytest.raises(StoppedError):
            train(data, miniature("bai3"), run, on_event=stopped)
    assert run_command(*arguments, "--workers", "2") == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "--workers 2 needs --ray" in error and "HOIQUY_THREADS" in error


def test_without_ray_training_names_the_extra(
    documents: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(sessions, "find_spec", lambda name: None if name == "ray" else find(name))
    with pytest.raises(MissingExtraError, match=r"pip install 'hoiquy\[ray\]'"):
        train(documents, "bai3", tmp_path / "run", ray="auto", workers=2)
    assert not (tmp_path / "run").exists()
