"""Trainings in MLflow's own stores, read back with its client."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hoiquy.errors import HoiquyError, InputError, StoppedError
from hoiquy.events import Event, StepFinished
from hoiquy.runs.folder import Run
from hoiquy.workflows.train import resume, train
from miniatures import miniature, random_dataset

# MLflow uses what newer releases of its dependencies deprecate.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

RECIPE = miniature("bai5", "training.epochs=3")


@pytest.fixture(autouse=True)
def mlflow_is_installed() -> None:
    """Imported where a test runs, not by every process that collects tests: it takes seconds."""
    pytest.importorskip("mlflow", reason="mlflow-skinny is not installed")
    pytest.importorskip("sqlalchemy", reason="MLflow's database needs SQLAlchemy")


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_EXPERIMENT_NAME", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for MLflow: making its database takes seconds, so that the tests share one."""
    yield tmp_path_factory.mktemp("mlflow")


def client(folder: Path) -> Any:
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")


def runs_named(folder: Path, name: str) -> list[Any]:
    experiment = client(folder).get_experiment_by_name("hoiquy")
    found = client(folder).search_runs([experiment.experiment_id])
    return [run for run in found if run.info.run_name == name]


def curve(folder: Path, run_id: str, name: str) -> list[tuple[int, float]]:
    metrics = client(folder).get_metric_history(run_id, name)
    return sorted((metric.step, metric.value) for metric in metrics)


def expected(run: Run, name: str) -> list[tuple[int, float]]:
    return [(record.epoch, getattr(record, name)) for record in run.history]


def test_everything_of_a_training_is_there(store: Path, tmp_path: Path) -> None:
    run = train(random_dataset(), RECIPE, tmp_path / "whole", log=[f"mlflow={store}"])
    (found,) = runs_named(store, "whole")
    assert found.info.status == "FINISHED"
    for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
        assert curve(store, found.info.run_id, name) == expected(run, name)
    assert [epoch for epoch, _ in curve(store, found.info.run_id, "documents_per_second")] == [
        1,
        2,
        3,
    ]
    assert found.data.metrics["test_accuracy"] == run.result.test_accuracy
    assert found.data.params["training.learning_rate"] == str(RECIPE.training.learning_rate)
    assert found.data.params["model.layers.2.type"] == "gru"
    assert found.data.tags["hoiquy.folder"] == str(run.folder.resolve())
    assert found.data.tags["hoiquy.data"] == "invented"
    artifacts = client(store).list_artifacts(found.info.run_id)
    assert {artifact.path for artifact in artifacts} == {"figures", "recipe.toml", "summary.txt"}
    copied = store / "artifacts" / found.info.run_id / "artifacts" / "figures" / "accuracy.png"
    assert copied.read_bytes() == (run.folder / "figures" / "accuracy.png").read_bytes()


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_resumed_it_goes_on_in_the_same_run(steps: int, store: Path, tmp_path: Path) -> None:
    out, option = tmp_path / f"stopped-{steps}", [f"mlflow={store}"]

    def stop(event: Event) -> None:
        if isinstance(event, StepFinished) and 2 * (event.epoch - 1) + event.step == steps:
            raise StoppedError("")

    with pytest.raises(StoppedError):
        train(random_dataset(), RECIPE, out, on_event=stop, checkpoint_seconds=0, log=option)
    (found,) = runs_named(store, out.name)
    assert found.info.status == "KILLED"
    run = resume(out, data=random_dataset(), log=option)
    (found,) = runs_named(store, out.name)
    assert found.info.status == "FINISHED"
    assert curve(store, found.info.run_id, "val_loss") == expected(run, "val_loss")


def test_another_training_in_the_same_folder_is_another_run(store: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        recipe = RECIPE.with_settings([f"training.seed={seed}"])
        run = train(random_dataset(), recipe, tmp_path / "again", log=[f"mlflow={store}"])
        run.folder.rename(tmp_path / f"seed{seed}")
    assert sorted(found.data.params["training.seed"] for found in runs_named(store, "again")) == [
        "1", "2",
    ]  # fmt: skip


def test_a_folder_of_the_old_layout_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow.tracking import MlflowClient

    old = MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri())
    old.create_experiment("hoiquy")
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE")
    run = train(random_dataset(), RECIPE, tmp_path / "run", log=[f"mlflow={tmp_path / 'mlruns'}"])
    assert not (tmp_path / "mlruns" / "mlflow.db").exists()
    experiment = old.get_experiment_by_name("hoiquy")
    (found,) = old.search_runs([experiment.experiment_id])
    assert found.data.metrics["test_accuracy"] == run.result.test_accuracy


def test_a_server_that_is_gone_ends_the_log_and_not_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as free:  # no process listens on a port that was just released
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    received: list[Event] = []
    run = train(
        random_dataset(), RECIPE, tmp_path / "run", on_event=received.append,
        log=[f"mlflow=http://127.0.0.1:{port}"],
    )  # fmt: skip
    assert run.result.status == "complete"
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert line.startswith(f"hoiquy: --log mlflow=http://127.0.0.1:{port} is switched off")
    assert shown.out == ""


def test_settings_of_the_environment_are_put_back(store: Path, tmp_path: Path) -> None:
    import os

    before = dict(os.environ)
    train(random_dataset(), RECIPE, tmp_path / "quiet", log=[f"mlflow={store}"])
    assert dict(os.environ) == before


@pytest.mark.parametrize("place", ["nonsense://x", "sqlite:////dev/null/m.db"])
def test_an_address_that_cannot_be_used_is_refused_at_once(place: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"--log mlflow={place}"):
        train(random_dataset(), RECIPE, tmp_path / "run", log=[f"mlflow={place}"])
    assert not (tmp_path / "run").exists()


def test_a_place_that_is_a_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "ml").write_text("")
    with pytest.raises(HoiquyError, match="ml"):
        train(random_dataset(), RECIPE, tmp_path / "run", log=[f"mlflow={tmp_path / 'ml'}"])
