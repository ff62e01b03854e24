"""Participants get the same batches, must agree with hoiquy, and take turns."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hoiquy.errors import HoiquyError, RecipeError
from hoiquy.recipe.recipe import Recipe, load_recipe
from peers import rounds
from peers.cases import Case, draw_documents, plan_cases
from peers.libraries import PEERS, Peer
from peers.results import HOIQUY, CaseResult
from peers.rounds import Method, measure_case
from peers.worker import Worker

# The mean of a document's embedding rows and a dense layer, in NumPy.
FAKE = """
import numpy as np

def versions():
    return {"fake": "1.0"}

def prepare(task):
    with np.load(task["weights"]) as arrays:
        rows, kernel, bias = [arrays[name] for name in arrays]
    with np.load(task["documents"]) as arrays:
        documents = arrays["batches"][0]

    def probabilities():
        mean = rows[documents[: task["check"]]].mean(axis=1)
        return 1 / (1 + np.exp(-(mean @ kernel + bias))) + OFF

    return probabilities, probabilities
"""
RECIPE = """
name = "tiny"
data = {max_length = 6}
text = {num_words = 20}
training = {batch_size = 8}
model.layers = [
  {type = "embedding", units = 4},
  {type = "pooling", over_time = "mean"},
  {type = "dense", activation = "sigmoid"},
]
"""
METHOD = Method(2, 1, {HOIQUY: Path(sys.executable), "torch": Path(sys.executable)})


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    monkeypatch.setattr(rounds, "PAUSE_SECONDS", 0)
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE)
    return load_recipe(str(path))


def fake_peer(folder: Path, off: float = 0.0) -> Peer:
    (folder / "fake_worker.py").write_text(f"OFF = {off}\n{FAKE}")
    return Peer("torch", "Fake", "fake_worker", (), variables={"PYTHONPATH": str(folder)})


def training(recipe: Recipe) -> Case:
    return Case("training", "tiny", recipe, 2, 8, 3, 1, ("full", "cut"))


def test_participants_take_turns(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = []
    ask = Worker.ask

    def noted(worker: Worker, **request: Any) -> dict[str, Any]:
        if request["do"] == "turn" and request["count"] == 3:
            turns.append(worker.title)
        return ask(worker, **request)

    monkeypatch.setattr(Worker, "ask", noted)
    result = CaseResult(training(recipe))
    measure_case(result.case, [fake_peer(tmp_path)], METHOD, result)
    assert turns == ["hoiquy", "Fake", "Fake", "Fake", "Fake", "hoiquy"]
    assert [(one.name, one.embedding) for one in result.participants] == [
        ("hoiquy", "cut"),
        ("torch", "full"),
        ("torch", "cut"),
    ]
    for one in result.participants:
        assert [len(times) for times in one.milliseconds] == [3, 3]
        assert one.peak_bytes > 2**20 or sys.platform != "linux"


def test_another_function_is_an_error(recipe: Recipe, tmp_path: Path) -> None:
    result = CaseResult(training(recipe))
    with pytest.raises(HoiquyError, match="Fake does not compute the same function as hoiquy"):
        measure_case(result.case, [fake_peer(tmp_path, off=0.01)], METHOD, result)
    assert result.rounds == 0


def test_worker_that_ends_is_an_error_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "serve.py"
    script.write_text("import sys; sys.stdin.readline(); sys.exit('no memory left')")
    monkeypatch.setattr("peers.worker._SERVE", script)
    with Worker("torch", sys.executable, "torch_worker", {}) as worker:
        for _ in range(2):
            with pytest.raises(HoiquyError, match="torch ended unexpectedly: no memory left"):
                worker.ask(do="turn")


def test_interrupted_worker_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "serve.py"
    script.write_text("import time; time.sleep(600)")
    monkeypatch.setattr("peers.worker._SERVE", script)
    with (
        pytest.raises(KeyboardInterrupt),
        Worker("torch", sys.executable, "torch_worker", {}) as worker,
    ):
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(worker.process.pid, 0)


def test_documents_are_indices_padded_on_the_left() -> None:
    recipe = load_recipe("bai3")
    documents = draw_documents(recipe, 2, 64)
    assert documents.shape == (2, 64, 200)
    assert documents.dtype == np.int32
    assert 0 <= documents.min() <= documents.max() < recipe.text.num_words
    assert np.array_equal(documents, draw_documents(recipe, 2, 64))
    padded = documents == 0
    assert 0.1 < padded.mean() < 0.5
    assert not (padded[..., 1:] & ~padded[..., :-1]).any()  # only padding precedes padding


def test_cases_of_a_varied_setting() -> None:
    cases = plan_cases(["training"], ["bai1", "bai3"], "data.max_length=25,50", 1)
    assert [(case.label, case.recipe.data.max_length, case.embeddings) for case in cases] == [
        ("bai1 data.max_length=25", 25, ("full",)),
        ("bai1 data.max_length=50", 50, ("full",)),
        ("bai3 data.max_length=25", 25, ("full", "cut")),
        ("bai3 data.max_length=50", 50, ("full", "cut")),
    ]


@pytest.mark.parametrize(("name", "part"), [("auto", "a softmax output"), ("tiny", "pooling")])
def test_recipes_that_peers_cannot_build(
    name: str, part: str, recipe: Recipe, tmp_path: Path
) -> None:
    file = str(tmp_path / "tiny.toml") if name == "tiny" else name
    with pytest.raises(RecipeError, match=f"{name}: the benchmark cannot compare {part}"):
        plan_cases(["training"], [file], "", 1)


def test_everything_that_computes_is_pinned() -> None:
    assert all("==" in line for peer in PEERS.values() for line in peer.requirements)
