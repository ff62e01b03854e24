"""Runs that Ray trains are the runs that one process trains, whatever happens to its workers."""

import json
import os
import signal
from hashlib import sha256
from pathlib import Path

import pytest
from killing import has_checkpoint, killing

from hoiquy.cli.main import main
from hoiquy.data.dataset import Dataset
from hoiquy.errors import StoppedError, TrainingError
from hoiquy.events import EpochElsewhere, Event, RunCompleted, UnderWay
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import Run, load_environment_of, load_run
from hoiquy.system.file_lock import is_locked
from hoiquy.training.ray import tasks
from hoiquy.training.ray.session import Session, Spread
from hoiquy.workflows.plan import PlannedRun, plan_recipes, run_plan
from miniatures import miniature, random_dataset

RAY = Spread("auto", 4)
LONG = "training.epochs=12"  # a second or two


@pytest.fixture(scope="module")
def documents() -> Dataset:
    return random_dataset(300)


def plan(out: Path, *settings: str, seeds: int = 2) -> list[PlannedRun]:
    recipes = [miniature(name, "training.batch_size=20", *settings) for name in ("bai3", "bai5")]
    return plan_recipes(out, recipes, seeds)


def bits(run: Run) -> dict[str, str]:
    """Every bit of what a training leaves, weights and predictions among it."""
    found = {path.name: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
    assert {"weights.safetensors", "predictions.parquet"} <= found.keys() & set(REPEATABLE)
    return {name: sha256(found[name]).hexdigest() for name in REPEATABLE if name in found}


def test_four_at_once_are_the_same_bits(
    ray_here: Session, documents: Dataset, tmp_path: Path
) -> None:
    serial = run_plan(plan(tmp_path / "serial"), documents)
    events: list[Event] = []
    heard: list[tuple[str, bool]] = []
    spread = run_plan(
        plan(tmp_path / "spread"), documents, events.append,
        lambda run, trained: heard.append((run.folder.name, trained)), spread=RAY,
    )  # fmt: skip
    assert ray_here.cpus == 4
    assert [run.folder.name for run in spread] == [run.folder.name for run in serial]
    assert list(map(bits, spread)) == list(map(bits, serial))
    assert sorted(heard) == sorted((run.folder.name, True) for run in spread)
    told = {
        (event.run, event.record.epoch) for event in events if isinstance(event, EpochElsewhere)
    }
    assert told == {(run.folder.name, epoch) for run in spread for epoch in (1, 2)}
    assert {e.folder for e in events if isinstance(e, RunCompleted)} == {r.folder for r in spread}
    assert [event for event in events if isinstance(event, UnderWay)]
    assert not [path for path in (tmp_path / "spread").iterdir() if path.is_file()]

    heard.clear()
    again = run_plan(
        plan(tmp_path / "spread", seeds=3), documents,
        on_run=lambda run, trained: heard.append((run.folder.name, trained)), spread=RAY,
    )  # fmt: skip
    assert {name for name, trained in heard if trained} == {"bai3-seed3", "bai5-seed3"}
    assert [bits(run) for run in again if run.folder.name[-1] != "3"] == list(map(bits, spread))


def test_a_worker_that_is_killed_goes_on_from_its_checkpoint(
    ray_here: Session, documents: Dataset, tmp_path: Path
) -> None:
    serial = run_plan(plan(tmp_path / "serial", LONG, seeds=1), documents)
    entries = plan(tmp_path / "spread", LONG, seeds=1)
    killer = killing(entries[0].folder, has_checkpoint(entries[0].folder), signal.SIGKILL)
    spread = run_plan(entries, documents, spread=RAY)
    killer.join()
    assert spread[0].cost().resumed == 1 and spread[1].cost().resumed == 0
    assert list(map(bits, spread)) == list(map(bits, serial))


def test_an_error_of_one_run_is_told_as_it_is_without_ray(
    ray_here: Session, documents: Dataset, tmp_path: Path
) -> None:
    exploding = miniature("bai1", "training.learning_rate=10", "data.max_length=80")
    recipes = [exploding, miniature("bai3", "training.batch_size=20", "training.epochs=2000")]
    messages = []
    for name, spread in (("serial", None), ("spread", RAY)):
        with pytest.raises(TrainingError) as error:
            run_plan(plan_recipes(tmp_path / name, recipes, 1), documents, spread=spread)
        messages.append(str(error.value).replace(str(tmp_path / name), "OUT"))
    assert messages[0] == messages[1]
    assert not is_locked(tmp_path / "spread" / "bai3-seed1")  # it was stopped, and waited for


def test_stopped_by_a_signal_all_save_and_the_same_call_goes_on(
    ray_here: Session, documents: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_LOOK_SECONDS", 0.05)  # before a quick machine has trained them
    serial = run_plan(plan(tmp_path / "serial", LONG, seeds=1), documents)
    entries = plan(tmp_path / "spread", LONG, seeds=1)
    begun = [has_checkpoint(entry.folder) for entry in entries]

    def stop(event: Event) -> None:
        if isinstance(event, UnderWay) and all(ripe() for ripe in begun):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(StoppedError, match="stopped by Ctrl-C"):
        run_plan(entries, documents, stop, spread=RAY)
    assert {load_run(entry.folder).result.status for entry in entries} == {"interrupted"}
    spread = run_plan(entries, documents, spread=RAY)
    assert [run.cost().resumed for run in spread] == [1, 1]
    assert list(map(bits, spread)) == list(map(bits, serial))


def test_the_command_prints_its_answer_alone(
    ray_here: Session,
    documents: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with Path("reviews.jsonl").open("w") as file:
        for text, label in zip(documents.train.texts, documents.train.labels, strict=True):
            file.write(json.dumps({"text": text, "label": int(label)}) + "\n")
    for recipe in (miniature("bai3"), miniature("bai5")):
        Path(f"{recipe.name}.toml").write_text(recipe.to_toml())
    with pytest.raises(SystemExit) as end:
        main(
            [
                "compare", "--recipe", "bai3.toml", "--recipe", "bai5.toml", "--seeds", "1",
                "--data", "reviews.jsonl", "--out", "out", "--no-baselines", "--ray", "auto",
                "--workers", "2", "--json",
            ]
        )  # fmt: skip
    assert end.value.code == 0
    said = capsys.readouterr()
    names = [one["name"] for one in json.loads(said.out)["candidates"]]
    assert names == ["bai3", "bai5"]
    assert "bai5-seed1  epoch 2/2" in said.err and "bai5-seed1: test accuracy" in said.err
    kept = load_environment_of(Path("out/bai3-seed1"))
    assert kept["data_source"] == str(tmp_path / "reviews.jsonl")
