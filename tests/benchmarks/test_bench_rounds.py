"""Workers answer, take turns, must agree with hoiquy, and are gone when it is over."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hoiquy.bench import rounds
from hoiquy.bench.cases import Case, plan_cases
from hoiquy.bench.documents import draw_documents
from hoiquy.bench.peers import PEERS, Peer
from hoiquy.bench.results import CaseResult, Results
from hoiquy.bench.rounds import Method, measure_case
from hoiquy.bench.run import run_cases
from hoiquy.bench.worker import Worker, WorkerError, own_variables

from hoiquy.errors import HoiquyError, RecipeError
from hoiquy.recipe.recipe import Recipe, load_recipe

# The mean of a document's embedding rows and one dense layer, in NumPy.
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
QUIET = str


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE)
    return load_recipe(str(path))


def fake_peer(folder: Path, off: float = 0.0) -> Peer:
    (folder / "fake_worker.py").write_text(f"OFF = {off}\n{FAKE}")
    kinds = frozenset({"training", "inference"})
    return Peer("torch", "Fake", "fake_worker", (), kinds, {"PYTHONPATH": str(folder)})


def method(count: int = 2) -> Method:
    variables = own_variables(1) | {"HOIQUY_KERNELS": "plain"}
    return Method(count, 0.0, 1, sys.executable, variables, {"torch": Path(sys.executable)})


def empty(what: str = "training") -> CaseResult:
    return CaseResult(what, "tiny", "tiny", 8, 6, "", 0, 0.0)


def test_turns_of_hoiquy_and_a_peer(recipe: Recipe, tmp_path: Path) -> None:
    case = Case("training", "tiny", "training", recipe, 2, 8, count=3, embeddings=("full", "cut"))
    result, told = empty(), []
    measure_case(case, [fake_peer(tmp_path)], method(), result, told.append)
    assert [(p.name, p.embedding) for p in result.participants] == [
        ("hoiquy", "reachable"),
        ("torch", "full"),
        ("torch", "cut"),
    ]
    for one in result.participants:
        assert [len(times) for times in one.milliseconds] == [3, 3]
        assert one.peak_bytes > 2**20
    assert len(result.sgemm_gflops) == 2
    turns = [line for line in told if line.startswith("round")]
    assert turns[0].endswith("hoiquy")
    assert turns[3].endswith("Fake")  # another one begins the second round


@pytest.mark.parametrize("kind", ["inference", "latency"])
def test_inference(kind: str, recipe: Recipe) -> None:
    case = Case(kind, "tiny", kind, recipe, batch_size=10, skip=0)  # type: ignore[arg-type]
    result = empty(kind)
    measure_case(case, [], method(1), result, QUIET)
    assert result.rounds == 1


def test_layers_alone() -> None:
    [case] = plan_cases(["layers"], ["bai1-quick"], [], 1)
    small = {"time": 3, "batch": 4, "units": 5}
    case.layer.update(small)
    result = empty("layers")
    measure_case(case, [], method(1), result, QUIET)
    assert result.rounds == 1


def test_another_function_is_an_error(recipe: Recipe, tmp_path: Path) -> None:
    case = Case("training", "tiny", "training", recipe, 2, 8)
    with pytest.raises(HoiquyError, match="Fake does not compute what hoiquy computes for tiny"):
        measure_case(case, [fake_peer(tmp_path, off=0.01)], method(), empty(), QUIET)


def test_ctrl_c_keeps_whole_rounds_and_leaves_no_process(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Worker] = []
    start = rounds.start_worker

    def noted(*arguments: object) -> Worker:
        started.append(start(*arguments))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(rounds, "start_worker", noted)

    def press(text: str) -> None:
        if "round 3" in text:
            raise KeyboardInterrupt

    results = Results({}, {})
    case = Case("training", "tiny", "training", recipe, 2, 8)
    with pytest.raises(KeyboardInterrupt):
        run_cases([case], [], method(5), results, press, lambda case: None)
    assert results.cases[0].rounds == 2
    assert len(started) == 2
    for worker in started:
        with pytest.raises(ProcessLookupError):
            os.kill(worker.process_id, 0)


def test_a_worker_that_ends_says_why() -> None:
    script = "import sys; sys.stdin.readline(); sys.exit('no memory left')"
    with Worker("torch", [sys.executable, "-c", script], {}) as worker:
        with pytest.raises(WorkerError, match="torch has ended unexpectedly: no memory left"):
            worker.ask(do="turn")
        with pytest.raises(WorkerError, match="ended"):
            worker.ask(do="turn")


def test_a_worker_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hoiquy.bench.worker._PATIENCE", 0.1)
    with Worker("deaf", [sys.executable, "-c", "import time; time.sleep(600)"], {}) as worker:
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(worker.process_id, 0)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(WorkerError, match="torch cannot be started"):
        Worker("torch", ["no/such/python"], {})


def test_documents_are_indices_padded_on_the_left() -> None:
    recipe = load_recipe("bai3")
    documents = draw_documents(recipe, 2, 64)
    assert documents.shape == (2, 64, 200)
    assert documents.dtype == np.int32
    assert 0 <= documents.min() <= documents.max() < recipe.text.num_words
    assert np.array_equal(documents, draw_documents(recipe, 2, 64))
    padded = documents == 0
    assert 0.1 < padded.mean() < 0.5
    assert not (padded[..., 1:] & ~padded[..., :-1]).any()  # nothing but padding before padding


def test_recipes_that_the_peers_cannot_build(tmp_path: Path) -> None:
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE)
    with pytest.raises(RecipeError, match="tiny: a pooling layer"):
        plan_cases(["training"], [str(path)], [PEERS["torch"]], 1)
    assert plan_cases(["training"], [str(path)], [], 1)
    with pytest.raises(RecipeError, match="auto: a softmax cannot be measured against peers"):
        plan_cases(["training"], ["auto"], [PEERS["torch"]], 1)
    assert plan_cases(["training"], ["auto"], [], 1)


def test_layers_of_the_same_shape_are_measured_once() -> None:
    cases = plan_cases(["layers"], [], [], 1)
    assert [case.label for case in cases] == [
        "SimpleRNN(200) on 200 × 128 × 1 (bai1)",
        "LSTM(200) on 200 × 128 × 128 (bai3)",
        "GRU(200) on 200 × 128 × 128 (bai5)",
    ]
