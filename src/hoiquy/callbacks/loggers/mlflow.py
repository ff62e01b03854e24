"""A training as a run of MLflow, in a local database or on a server."""

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hoiquy.callbacks.loggers.logger import Ending, Logger
from hoiquy.callbacks.loggers.scalars import epoch_measures, recipe_settings, result_measures
from hoiquy.errors import InputError, MissingExtraError
from hoiquy.events import RunOpened
from hoiquy.runs.files import RECIPE, SUMMARY
from hoiquy.runs.folder import Run
from hoiquy.runs.history import EpochRecord
from hoiquy.system.atomic_write import make_folder

EXPERIMENT = "hoiquy"  # unless MLFLOW_EXPERIMENT_NAME is set
_OF_EVERY_EPOCH = "val_loss"
_OWNER = "hoiquy.run"  # tag with the hash of the run folder's path
_STATUS: dict[Ending, str] = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}
_MOST_PARAMETERS = 100  # MLflow's limit per request

# By default MLflow waits minutes for a dead server, prints to standard output, sends telemetry, and
# refuses folders of its old layout. Variables that the user has set are kept.
_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_FILE_STORE": "true",
}


def mlflow_logger(place: str) -> Logger:
    """A logger to a tracking URI of MLflow, or to a folder with a `mlflow.db`.

    Raises MissingExtraError if MLflow is not installed, InputError for a URI that it does not know,
    HoiquyError if the folder cannot be made.
    """
    with _settings():
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise MissingExtraError(
                "--log mlflow=… needs MLflow: pip install 'hoiquy[mlflow]'"
            ) from error
        uri, artifacts = _addresses(place)
        try:
            return MlflowLogger(MlflowClient(tracking_uri=uri), artifacts)
        except Exception as error:  # stores raise any error for a bad address
            raise InputError(f"--log mlflow={place}: {error}") from error


class MlflowLogger:
    """Each training is a run of the experiment "hoiquy", named after its run folder."""

    def __init__(self, client: Any, artifacts: str | None) -> None:
        self._client = client
        self._artifacts = artifacts  # where the files of a new experiment go; None: MLflow's choice
        self._run_id = ""

    def begin(self, opened: RunOpened) -> set[int]:
        folder = opened.folder.resolve()
        owner = hashlib.sha256(str(folder).encode()).hexdigest()
        with _settings():
            experiment = self._experiment()
            before = self._newest_run(experiment, owner) if opened.resumed else None
            if before is not None:
                self._run_id = before
                self._client.update_run(before, status="RUNNING")
                history = self._client.get_metric_history(before, _OF_EVERY_EPOCH)
                return {metric.step for metric in history}
            tags = {_OWNER: owner, "hoiquy.folder": str(folder)}
            run = self._client.create_run(experiment, run_name=folder.name, tags=tags)
            self._run_id = run.info.run_id
            self._log_settings(opened)
        return set()

    def log_epoch(self, record: EpochRecord, documents_per_second: float | None) -> None:
        with _settings():
            self._log(epoch_measures(record, documents_per_second), record.epoch)

    def log_result(self, run: Run, figures: Sequence[Path]) -> None:
        with _settings():
            self._log(result_measures(run), run.result.epochs)
            for name, value in (("data", run.result.data), ("engine", run.result.engine)):
                self._client.set_tag(self._run_id, f"hoiquy.{name}", value)
            for figure in figures:
                self._client.log_artifact(self._run_id, str(figure), "figures")
            for name in (RECIPE, SUMMARY):
                self._client.log_artifact(self._run_id, str(run.folder / name))

    def end(self, ending: Ending) -> None:
        if self._run_id:
            with _settings():
                self._client.set_terminated(self._run_id, _STATUS[ending])
            self._run_id = ""

    def _experiment(self) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        experiment = self._client.get_experiment_by_name(name)
        if experiment is not None:
            return str(experiment.experiment_id)
        return str(self._client.create_experiment(name, artifact_location=self._artifacts))

    def _newest_run(self, experiment: str, owner: str) -> str | None:
        found = self._client.search_runs(
            [experiment],
            f"tags.`{_OWNER}` = '{owner}'",
            max_results=1,
            order_by=["attributes.start_time DESC"],
        )
        return str(found[0].info.run_id) if found else None

    def _log_settings(self, opened: RunOpened) -> None:
        from mlflow.entities import Param

        settings = [Param(k, str(v)) for k, v in recipe_settings(opened.recipe).items()]
        for at in range(0, len(settings), _MOST_PARAMETERS):
            self._client.log_batch(self._run_id, params=settings[at : at + _MOST_PARAMETERS])

    def _log(self, measures: dict[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        metrics = [Metric(name, value, now, step) for name, value in measures.items()]
        self._client.log_batch(self._run_id, metrics=metrics)


def _addresses(place: str) -> tuple[str, str | None]:
    """The tracking URI of a place, and where the files of a new experiment go.

    A folder of MLflow's old layout, with meta.yaml in it, keeps that layout.
    """
    if "://" in place or place.startswith(("file:", "databricks")):
        return place, None
    folder = Path(place).resolve()
    make_folder(folder)
    if any(folder.glob("*/meta.yaml")):
        return folder.as_uri(), None
    return f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()


@contextmanager
def _settings() -> Iterator[None]:
    """Set the variables of `_SETTINGS` that the user has not set."""
    added = [name for name in _SETTINGS if name not in os.environ]
    os.environ.update({name: _SETTINGS[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
