"""hoiquy's own workers of the grid, in this process, and why a native library is left out."""

import importlib
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from grid import participants
from grid.cell import EMBEDDING, GATES, WORDS, Cell
from grid.inputs import BATCHES, write_inputs
from grid.participants import GRID_PEERS, LAYER_PEERS, OWN_LAYER, SGEMM_PEER, UNROLLED, fits, gather
from hoiquy.errors import HoiquyError
from hoiquy.nn.layers import LSTM
from layer_rate import Layer, drawn_layer
from peers import native
from peers.libraries import Peer
from peers.native import build_library

WORKERS = Path(__file__).parents[2] / "benchmarks" / "peers" / "workers"
CELL = Cell("GRU", True, 2, 8, 4, 6, masked=True)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ModuleType:
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    monkeypatch.setenv("HOIQUY_BENCH_KERAS", "hoiquy")
    monkeypatch.setenv("HOIQUY_BENCH_THREADS", "2")
    monkeypatch.syspath_prepend(str(WORKERS))
    monkeypatch.delitem(sys.modules, request.param, raising=False)
    return importlib.import_module(request.param)


def task_of(cell: Cell, folder: Path) -> dict[str, Any]:
    sizes = {"words": WORDS, "embedding": EMBEDDING, "gates": GATES[cell.kind]}
    files = {name: str(folder / f"{name}.npz") for name in ("documents", "weights")}
    write_inputs(folder / "documents.npz", cell)
    return asdict(cell) | sizes | files


@pytest.mark.parametrize("worker", ["grid_keras_worker"], indirect=True)
def test_user_code_on_hoiquy_trains_and_predicts(worker: ModuleType, tmp_path: Path) -> None:
    steps, probabilities = worker.prepare(task_of(CELL, tmp_path))
    before = probabilities()
    assert before.shape == (CELL.batch, 1)
    assert np.ptp(before) > 0.01  # documents differ, so that a wrong mask shows
    with np.load(tmp_path / "weights.npz") as arrays:
        assert len(arrays) == 1 + 2 * 2 * 3 + 2
        assert all(array.any() for array in arrays.values())  # biases, too
    for _ in range(BATCHES):
        steps["step"]()
    assert not np.array_equal(steps["predict"](), before)


@pytest.mark.parametrize("worker", ["hoiquy_layer_worker"], indirect=True)
@pytest.mark.parametrize("kind", GATES)
def test_layer_alone_computes_last_state_and_gradients(
    kind: str, worker: ModuleType, tmp_path: Path
) -> None:
    cell = Cell(kind, False, 1, 8, 4, 6, masked=False)
    steps, outputs = worker.prepare(task_of(cell, tmp_path))
    found = outputs()
    columns = GATES[kind] * cell.units
    assert found.shape == (cell.batch * cell.units + (EMBEDDING + cell.units) * columns,)
    assert np.abs(found[cell.batch * cell.units :]).max() == 1
    steps["layer"]()
    np.testing.assert_array_equal(outputs(), found)


def test_drawn_layer_is_time_first() -> None:
    layer = drawn_layer(Layer("", LSTM, 4, 3, 5, 7, 2))
    assert layer.x.shape == (2, 7, 3)
    assert layer.x.swapaxes(0, 1).flags.c_contiguous


def test_peers_that_cannot_take_part_have_a_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(participants, "ensure_environment", lambda _: tmp_path / "bin" / "python")
    monkeypatch.setattr(participants.shutil, "which", lambda _: None)
    found = gather([OWN_LAYER, SGEMM_PEER], LAYER_PEERS, ["onednn", "libxsmm", "torch"])
    assert [peer.name for peer in found.peers] == ["hoiquy", "sgemm"]
    reason = "no C++ compiler on the path (c++, g++, clang++)"
    assert found.left_out == dict.fromkeys(LAYER_PEERS, reason)
    assert gather([], GRID_PEERS, ["torch-compile"]).left_out == {"torch-compile": reason}
    assert [peer.name for peer in gather([], GRID_PEERS, ["torch"]).peers] == ["torch"]


def test_a_missing_header_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(native.shutil, "which", lambda name: name if name == "c++" else None)
    monkeypatch.setitem(native._DEBIAN, "libxsmm", ("libxsmm-dev", "no_such_header.h"))
    with pytest.raises(HoiquyError, match=r"no_such_header.h is missing: .*libxsmm-dev"):
        build_library("libxsmm", tmp_path)


def test_a_failing_compiler_is_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(native.shutil, "which", lambda _: sys.executable)  # rejects -O2
    with pytest.raises(HoiquyError, match=r"onednn_layer.cpp cannot be compiled: "):
        build_library("onednn", tmp_path)
    assert not [*tmp_path.iterdir()]


def test_everything_that_computes_is_pinned() -> None:
    peers = [*GRID_PEERS.values(), *LAYER_PEERS.values()]
    assert all("==" in line for peer in peers for line in peer.requirements)


def test_what_fits_a_cell() -> None:
    long = Cell("GRU", False, 1, 32, 8, 200, masked=False)
    assert not fits(GRID_PEERS[UNROLLED], long)
    assert not fits(LAYER_PEERS["libxsmm"], long)
    assert fits(LAYER_PEERS["onednn"], long)
    assert fits(Peer("torch", "", "", ()), long)
