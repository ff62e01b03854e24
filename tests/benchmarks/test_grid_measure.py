"""A cell of the grid: everybody computes the same, takes turns, and may fail alone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grid import measure, plan
from grid.cell import Cell
from grid.measure import CellResult, GridCase, GridWorkers, measure_cell
from grid.plan import Planned, measure_grid
from grid.results import GridResults
from hoiquy.errors import HoiquyError
from peers.libraries import Peer
from peers.results import HOIQUY
from peers.rounds import Method

# Both participants are this worker. The first one writes what the others read.
FAKE = """
import sys, time
from pathlib import Path
import numpy as np

def versions():
    return {"fake": "1.0"}

def prepare(task):
    if FAULT == "prepare":
        raise ValueError("no such layer")
    with np.load(task["documents"]) as arrays:
        documents = arrays["batches"][0]
    assert documents.shape == (task["batch"], task["length"])
    outputs = np.full((task["batch"], 1), 0.5 + (0.01 if FAULT == "outputs" else 0))

    steps = []

    def step():
        steps.append(1)
        if FAULT == "slow" or FAULT == "later" and len(steps) > 4:
            time.sleep(60)

    return {"step": step, "predict": step}, lambda: outputs
"""
CELL = Cell("LSTM", False, 1, 32, 8, 50, masked=True)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "PAUSE_SECONDS", 0)


@pytest.fixture
def results() -> list[CellResult]:
    return [CellResult(GridCase(what, CELL, drawn=True)) for what in ("step", "predict")]


def workers_of(folder: Path, fault: str = "", own_fault: str = "") -> GridWorkers:
    peers = []
    for name, of in ((HOIQUY, own_fault), ("torch", fault), ("keras-jax", "")):
        module = f"fake_{name.replace('-', '_')}"
        (folder / f"{module}.py").write_text(f"FAULT = {of!r}\n{FAKE}")
        peers.append(Peer(name, name, module, (), variables={"PYTHONPATH": str(folder)}))
    return GridWorkers(peers, Method(2, 1, {peer.name: Path(sys.executable) for peer in peers}))


def test_all_take_turns_at_all_that_is_measured(results: list[CellResult], tmp_path: Path) -> None:
    with workers_of(tmp_path) as workers:
        measure_cell(CELL, results, workers)
        processes = [workers.worker(peer).process for peer in workers.peers]
        measure_cell(CELL, results, workers)  # the same workers
        assert [workers.worker(peer).process for peer in workers.peers] == processes
    assert all(process.poll() is not None for process in processes)
    for result in results:
        assert [one.name for one in result.measured] == [HOIQUY, "torch", "keras-jax"]
        assert [len(one.milliseconds) for one in result.measured] == [2, 2, 2]
        assert result.participants[0].versions == {"fake": "1.0"}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("prepare", "torch: ValueError: no such layer"),
        ("outputs", "torch does not compute the same function as hoiquy: outputs differ"),
        ("slow", "torch took more than 1 seconds to turn"),
        ("later", "torch took more than 1 seconds to turn"),  # in the second round
    ],
)
def test_a_peer_that_fails_has_no_times_in_that_cell(
    fault: str,
    message: str,
    results: list[CellResult],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measure, "LIMIT_SECONDS", 1 if fault in ("slow", "later") else 60)
    with workers_of(tmp_path, fault) as workers:
        measure_cell(CELL, results, workers)
    assert [one.name for one in results[0].measured] == [HOIQUY, "keras-jax"]
    (failed,) = [one for one in results[0].participants if one.name == "torch"]
    assert failed.problem.startswith(message)


def test_without_hoiquy_there_is_no_cell(results: list[CellResult], tmp_path: Path) -> None:
    with (
        workers_of(tmp_path, own_fault="prepare") as workers,
        pytest.raises(HoiquyError, match="hoiquy: ValueError: no such layer"),
    ):
        measure_cell(CELL, results, workers)


def test_no_cell_begins_that_would_not_end_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock: Iterator[float] = iter(range(0, 10_000, 25))
    monkeypatch.setattr(plan.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(plan, "measure_cell", lambda *_: None)
    monkeypatch.setattr(plan, "summary", lambda _: "")
    found, planned = GridResults({}, {}), [Planned(CELL, True, ("step",))] * 20
    saved: list[int] = []
    measure_grid(planned, workers_of(tmp_path), found, 300, lambda: saved.append(len(found.cells)))
    assert 1 < len(found.cells) < 20
    assert saved == [*range(1, len(found.cells) + 1)]
    assert f"The time is over (--minutes): {20 - len(found.cells)} cells not measured" in (
        capsys.readouterr().err
    )
