"""Models follow their folders: the old one answers until the new one is whole."""

import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from running import Caller, serving, until

from hoiquy.prediction.load import load_predictor
from hoiquy.server.served_models import ServedModels
from hoiquy.server.settings import Limits
from hoiquy.system.atomic_write import write_bytes

TEXT = "word1 mango"


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hoiquy.server.service.REFRESH_SECONDS", 0.02)


def answer(caller: Caller, model: str = "lstm") -> Any:
    found = caller.post("/api/predict", {"text": TEXT, "model": model})
    assert found.status == 200, found.content
    return found.json()["answers"][0]["probabilities"]


def replace(run: Path, by: Path) -> None:
    """File after file, as a copy would do it; result.json comes last."""
    for file in sorted(by.iterdir(), key=lambda file: file.name == "result.json"):
        if file.is_file():
            shutil.copy(file, run / file.name)


def test_a_new_run_takes_the_place_of_the_old_while_callers_ask(runs: Path) -> None:
    new = load_predictor(runs / "deep" / "gru").predict_proba([TEXT])[0].tolist()
    with serving(runs, default="lstm") as caller:
        old = answer(caller)
        replace(runs / "lstm", runs / "deep" / "gru")
        seen = []
        until(lambda: seen.append(answer(caller)) or seen[-1] != old)
        assert all(one == pytest.approx(old, abs=1e-6) for one in seen[:-1])
        assert seen[-1] == pytest.approx(new, abs=1e-6)


@pytest.mark.parametrize("name", ["weights.safetensors", "result.json", "vocabulary.txt"])
def test_a_damaged_new_run_is_told_and_the_old_answers(
    runs: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "hoiquy.server")
    line = 'hoiquy_model_loads_total{outcome="failed"}'
    with serving(runs, default="lstm") as caller:
        old = answer(caller)
        content = (runs / "lstm" / name).read_bytes()
        write_bytes(runs / "lstm" / name, content[:-10] + b"0123456789")
        until(lambda: caller.metric(line) == 1)
        assert answer(caller) == old
        assert "cannot load lstm" in caplog.text and name in caplog.text
        write_bytes(runs / "lstm" / name, content)
        until(lambda: caller.metric('hoiquy_model_loads_total{outcome="loaded"}') >= 2)
        assert answer(caller) == old
        assert caller.metric(line) == 1


def test_an_unfinished_run_does_not_replace_a_whole_one(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    look = ServedModels.refresh
    monkeypatch.setattr(ServedModels, "refresh", lambda self: looks.append(look(self)))
    with serving(runs, default="lstm") as caller:
        old = answer(caller)
        (runs / "lstm" / "result.json").unlink()
        before = len(looks)
        until(lambda: len(looks) > before + 2)
        assert answer(caller) == old


def test_a_folder_that_goes_is_withdrawn_and_one_that_comes_is_served(runs: Path) -> None:
    with serving(runs, default="lstm") as caller:
        answer(caller, "deep/gru")
        assert caller.metric("hoiquy_models_loaded") == 2
        shutil.move(runs / "deep" / "gru", runs / "moved")
        until(lambda: caller.post("/api/predict", {"text": "a", "model": "deep/gru"}).status == 404)
        until(lambda: caller.post("/api/predict", {"text": "a", "model": "moved"}).status == 200)


def test_the_network_that_was_asked_longest_ago_makes_room(runs: Path) -> None:
    with serving(runs, default="lstm", limits=Limits(models=2)) as caller:
        for model in ("deep/gru", "lstm", "ba-lớp", "deep/gru", "lstm"):
            answer(caller, model)
            assert caller.metric("hoiquy_models_loaded") <= 2


def test_the_default_is_the_most_accurate(runs: Path) -> None:
    with serving(runs) as caller:
        models = caller.get("/api/models").json()["models"]
        best = max(models, key=lambda one: one["test_accuracy"])["test_accuracy"]
        chosen = next(one for one in models if one["default"])
        assert chosen["test_accuracy"] == best
        assert caller.predict("mango").json()["model"] == chosen["name"]


def test_where_the_best_is_damaged_the_next_answers(runs: Path) -> None:
    with serving(runs) as caller:
        best = caller.predict("mango").json()["model"]
    weights = runs / best / "weights.safetensors"
    write_bytes(weights, weights.read_bytes()[:-10])
    with serving(runs) as caller:
        assert caller.predict("mango").json()["model"] != best
        assert best not in {one["name"] for one in caller.get("/api/models").json()["models"]}
        assert caller.metric('hoiquy_model_loads_total{outcome="failed"}') == 1
