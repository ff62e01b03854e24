"""A training that is interrupted and resumed ends in the bits of one that never was."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from example_run import error_line
from hoiquy.data.dataset import Dataset
from hoiquy.events import EpochFinished, Event, Resumed, StepFinished
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import checkpoint_numbers, load_checkpoint
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import Run, load_run
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import verify
from miniatures import LAB, miniature, random_dataset

STEPS, EPOCHS = 4, 3  # 99 training documents in batches of 32
EVERYTHING = (
    "training.batch_size=32", f"training.epochs={EPOCHS}", "training.clip_norm=0.5",
    "training.early_stopping.restore_best=true", "training.class_weight={neg=0.4, pos=1.7}",
    "training.schedule={type='exponential', decay_rate=0.7}",
)  # fmt: skip


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def stop_after(steps: int) -> Callable[[Event], None]:
    seen = 0

    def listen(event: Event) -> None:
        nonlocal seen
        seen += isinstance(event, StepFinished)
        if seen == steps:
            raise Stopped

    return listen


def bits(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPEATABLE}


def stopped(data: Dataset, recipe: Recipe, out: Path, steps: int, seconds: float = 0) -> Path:
    with pytest.raises(Stopped):
        train(data, recipe, out, on_event=stop_after(steps), checkpoint_seconds=seconds)
    return out


def test_the_checkpoint_before_the_newest_is_kept_within_an_epoch(tmp_path: Path) -> None:
    recipe = miniature("bai3", "training.batch_size=20")
    folder = stopped(random_dataset(), recipe, tmp_path / "run", steps=4)
    newest, before = checkpoint_numbers(folder)
    assert newest == before + 1
    found = load_checkpoint(folder)
    assert found is not None and found.facts["position"]["step"] == 3  # saved after its event


@pytest.mark.parametrize(
    ("name", "every"),  # at every so many steps
    [
        ("strong", 1),
        *((name, 5) for name in LAB),
        *(pytest.param(name, 1, marks=pytest.mark.slow) for name in LAB),
    ],
)
def test_stopped_after_any_step_it_ends_in_the_same_bits(
    name: str, every: int, tmp_path: Path
) -> None:
    recipe, data = miniature(name, *EVERYTHING), random_dataset()
    whole = bits(train(data, recipe, tmp_path / "whole").folder)
    for steps in range(1, EPOCHS * STEPS + 1, every):
        folder = stopped(data, recipe, tmp_path / str(steps), steps)
        run = resume(folder, data=data)
        assert bits(run.folder) == whole
        assert run.cost().resumed == (steps > 1)  # a step is saved after it is told
        assert not (folder / "checkpoint").exists()


def test_it_goes_on_from_the_newest_checkpoint_and_says_so(tmp_path: Path) -> None:
    recipe, data = miniature("bai3", *EVERYTHING), random_dataset()
    folder = stopped(data, recipe, tmp_path / "run", 2 * STEPS, seconds=1e9)
    told: list[Event] = []
    before = load_checkpoint(folder)
    assert before is not None
    cost = resume(folder, data=data, on_event=told.append).cost()
    for key in ("seconds", "processor_seconds"):  # what came before the stop counts on
        assert getattr(cost, key) > before.facts["cost"][key] > 0
    assert Resumed(epoch=2, step=0) in told
    assert [e.epoch for e in told if isinstance(e, StepFinished)] == [2] * STEPS + [3] * STEPS
    assert [e.record.epoch for e in told if isinstance(e, EpochFinished)] == [2, 3]


def test_stopped_before_the_first_checkpoint_it_begins_again(tmp_path: Path) -> None:
    recipe, data = miniature("bai1", *EVERYTHING), random_dataset()
    whole = bits(train(data, recipe, tmp_path / "whole").folder)
    folder = stopped(data, recipe, tmp_path / "run", 2, seconds=1e9)
    assert checkpoint_numbers(folder) == []
    assert bits(resume(folder, data=data).folder) == whole


def test_a_complete_run_is_left_as_it_is(tmp_path: Path) -> None:
    recipe, data = miniature("bai1"), random_dataset()
    done = train(data, recipe, tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in done.folder.iterdir()}
    assert resume(done.folder).result == done.result
    assert {path: path.stat().st_mtime_ns for path in done.folder.iterdir()} == before


@pytest.fixture
def interrupted(tmp_path: Path) -> Path:
    return stopped(random_dataset(), miniature("bai3", *EVERYTHING), tmp_path / "run", 6)


def go_on(folder: Path, **options: bool) -> Run:
    return resume(folder, data=random_dataset(), **options)


def test_two_checkpoints_are_kept(interrupted: Path) -> None:
    assert len(checkpoint_numbers(interrupted)) == 2
    assert len(list((interrupted / "checkpoint").iterdir())) == 4


@pytest.mark.parametrize("kind", ["json", "safetensors"])
@pytest.mark.parametrize(
    "damage", [bytes, lambda content: content[:-9], lambda c: c[:99] + b"~" + c[100:]]
)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    kind: str, damage: Callable[[bytes], bytes], interrupted: Path, tmp_path: Path
) -> None:
    newest = interrupted / "checkpoint" / f"{checkpoint_numbers(interrupted)[0]:010}.{kind}"
    content = newest.read_bytes()
    newest.write_bytes(damage(content) if damage is not bytes else b"")
    assert str(newest) in verify(interrupted)[1][0]
    told: list[Event] = []
    run = resume(interrupted, data=random_dataset(), on_event=told.append)
    said = next(event for event in told if isinstance(event, Resumed))
    assert str(newest) in said.damaged[0]
    whole = train(random_dataset(), run.recipe, tmp_path / "whole")
    assert bits(interrupted) == bits(whole.folder)


def test_without_a_whole_checkpoint_it_says_what_to_do(interrupted: Path) -> None:
    for path in (interrupted / "checkpoint").glob("*.json"):
        path.write_text("{")
    assert "no checkpoint of" in error_line(lambda: go_on(interrupted))


def test_other_data_is_refused(interrupted: Path) -> None:
    other = random_dataset(seed=2)
    message = error_line(lambda: resume(interrupted, data=other))
    assert "data " in message and "--allow-changes" in message


def change_version(folder: Path) -> None:
    environment = json.loads((folder / "environment.json").read_text())
    environment["exact"]["numpy"] = "1.0"
    write_checksummed(folder, {"environment.json": json.dumps(environment).encode()})


def test_another_version_is_refused_or_marks_the_run(interrupted: Path) -> None:
    change_version(interrupted)
    assert "numpy 1.0 → " in error_line(lambda: go_on(interrupted))
    run = go_on(interrupted, allow_changes=True)
    assert len(run.result.changes) == 1 and run.result.changes[0].startswith("numpy 1.0 → ")


def test_the_mark_stays_when_it_is_resumed_once_more(interrupted: Path) -> None:
    change_version(interrupted)
    with pytest.raises(Stopped):
        resume(interrupted, data=random_dataset(), allow_changes=True, on_event=stop_after(1))
    run = go_on(interrupted, allow_changes=True)
    assert run.result.changes[0].startswith("numpy 1.0 → ")


def test_a_changed_recipe_is_refused(interrupted: Path) -> None:
    path = interrupted / "recipe.toml"
    path.write_text(path.read_text().replace("epochs = 3", "epochs = 4"))
    assert f"{path} is damaged, or was changed" in error_line(lambda: go_on(interrupted))


def test_an_interrupted_run_can_be_read(interrupted: Path) -> None:
    run = load_run(interrupted)
    assert (run.result.status, run.result.epochs, len(run.history)) == ("interrupted", 1, 1)
    assert run.weights().keys() >= {"lstm/kernel"}
