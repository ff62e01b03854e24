"""`metric` of a training: what an ensemble's class offsets aim at, and where there is none."""

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy
from command_line import call_hoiquy
from hoiquy.errors import InputError, StoppedError
from hoiquy.events import EnsembleStep, Event
from hoiquy.runs.ensemble import load_ensemble
from hoiquy.workflows.ensemble.plan import load_plan
from several_labels import dataset as with_several_labels

SETTINGS = {"training.epochs": 1, "model.layers.0.units": 4}  # one small network


def unequal_rows(count: int = 120) -> list[tuple[str, str]]:
    """Texts of a frequent and a rare class that no classifier tells apart without mistakes."""
    rng = np.random.default_rng(5)
    found = []
    for number in range(count):
        rare = number % 5 == 0
        telling = ("lemon" if rng.random() < 0.6 else "plum") if rare else "apple"
        words = [f"word{at}" for at in rng.integers(0, 20, 5)]
        telling = "plum" if not rare and rng.random() < 0.2 else telling
        found.append((" ".join([*words, telling, f"n{number}"]), "rare" if rare else "frequent"))
    return found


def test_offsets_aim_at_the_metric(tmp_path: Path) -> None:
    found = {}
    for metric in ("log_loss", "macro_f1"):
        run = hoiquy.train(
            unequal_rows(400), "auto", tmp_path / metric, settings=SETTINGS, metric=metric
        )
        assert load_plan(run.folder).metric == metric
        found[metric] = load_ensemble(run.folder, 2)
        assert found[metric].metric == metric
    assert found["log_loss"].offsets == [0, 0]
    assert found["macro_f1"].offsets[1] > found["macro_f1"].offsets[0]


def test_a_resumed_training_keeps_the_metric(tmp_path: Path) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, EnsembleStep):
            os.kill(os.getpid(), signal.SIGINT)

    data = unequal_rows(40)
    common: dict[str, Any] = {"settings": SETTINGS, "metric": "log_loss"}
    with pytest.raises(StoppedError):
        hoiquy.train(data, "auto", tmp_path / "run", on_event=stop, **common)
    run = hoiquy.resume(tmp_path / "run", data=data)
    assert run.result.status == "complete"
    ensemble = load_ensemble(run.folder, 2)
    assert (ensemble.metric, ensemble.offsets) == ("log_loss", [0, 0])


@pytest.mark.parametrize(
    ("recipe", "changes", "says"),
    [
        ("fast", {}, "with the recipe 'fast' a single network is trained: leave out metric"),
        ("auto", {"engine": "keras"}, "with the engine 'keras' a single network"),
        ("auto", {"ray": "auto"}, "with Ray a single network"),
        ("auto", {"log": ["tensorboard=tb"]}, "with loggers a single network"),
    ],
)
def test_a_single_network_has_no_metric(
    recipe: str, changes: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=says):
        hoiquy.train(
            tmp_path / "missing.csv", recipe, tmp_path / "run", metric="macro_f1", **changes
        )
    assert not (tmp_path / "run").exists()


def test_offsets_of_several_labels_follow_the_metric(tmp_path: Path) -> None:
    found = {}
    for metric in ("macro_f1", "log_loss"):
        data = with_several_labels(60, 20)
        run = hoiquy.train(data, "auto", tmp_path / metric, metric=metric, small=True)  # type: ignore[arg-type]
        found[metric] = load_ensemble(run.folder, 3)
        assert run.result.metric == metric
    assert found["log_loss"].offsets == [0, 0, 0]
    assert found["macro_f1"].held_out.macro_f1 >= found["log_loss"].held_out.macro_f1


def test_an_unknown_metric_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="metric is 'f1', expected one of accuracy, macro_f1"):
        hoiquy.train(unequal_rows(), "auto", tmp_path / "run", metric="f1")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="resume has no option metric"):
        hoiquy.resume(tmp_path / "run", metric="macro_f1")


def test_the_command_has_the_option(tmp_path: Path) -> None:
    result = call_hoiquy(
        "train", tmp_path / "x.csv", "--recipe", "fast", "--metric", "log_loss",
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert result.returncode == 2
    assert "metric 'log_loss' needs the ensemble of the recipe 'auto'" in result.stderr
