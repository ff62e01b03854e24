"""Means, worst cells, tables and the picture of the grid, and how often participants step."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grid.cell import FIXED, Cell, gflop
from grid.heat_map import draw_heat_map
from grid.inputs import BATCHES, draw_documents
from grid.measure import CellResult, GridCase, Turns, plan_turns
from grid.participants import SGEMM
from grid.plan import Planned, plan_layers
from grid.results import GridResults, ratio_of, sgemm_share
from grid.tables import to_markdown
from layer_rate import SGEMM_SIZE
from peers.results import HOIQUY, Participant

SMALL = Cell("GRU", False, 1, 32, 8, 50, masked=False)
LARGE = Cell("LSTM", True, 2, 512, 128, 50, masked=True)
LAYER = Cell("LSTM", False, 1, 512, 128, 50, masked=False)


def participant(name: str, *milliseconds: float, problem: str = "") -> Participant:
    rounds = [[time] for time in milliseconds]
    return Participant(name, name.title(), "full", {name: "1.0"}, rounds, 0, problem)


def measured(cell: Cell, own: float, peer: float, what: str = "step") -> CellResult:
    """Three rounds, the second of them twice as slow."""
    participants = [
        participant(HOIQUY, own, 2 * own, own),
        participant("torch", peer, 2 * peer, peer),
    ]
    return CellResult(GridCase(what, cell, drawn=cell not in FIXED), participants)


def results(*cells: CellResult) -> GridResults:
    machine = {"processor": "AMD EPYC", "date": "2026-01-02T03:04:05"}
    settings = {"threads": 2, "rounds": 3, "cells": 60, "seed": 24}
    return GridResults(machine, settings, {"torch-compile": "no C++ compiler"}, [*cells])


def test_mean_is_geometric_over_the_medians_of_ratios() -> None:
    all_cells = results(measured(SMALL, 1, 4), measured(LARGE, 10, 10))
    mean = all_cells.mean("torch", all_cells.of("step"))
    assert mean is not None
    assert mean.ratio == pytest.approx(2.0)
    assert (mean.cells, mean.lowest) == (2, 1.0)
    assert all_cells.mean("keras-jax", all_cells.of("step")) is None


def test_worst_cells_are_those_of_the_lowest_ratio() -> None:
    all_cells = results(measured(SMALL, 1, 4), measured(LARGE, 10, 10))
    assert [(ratio, one.case.cell) for ratio, one in all_cells.worst("torch", "step", 5)] == [
        (1.0, LARGE),
        (4.0, SMALL),
    ]


def test_a_peer_that_failed_has_no_ratio_and_its_reason_is_shown() -> None:
    failed = measured(SMALL, 1, 4)
    failed.participants[1] = participant("torch", problem="took too long")
    assert ratio_of(failed, "torch") is None
    page = to_markdown(results(failed))
    assert "- Torch, GRU(32), 8 × 50: took too long" in page
    assert "- torch-compile: no C++ compiler" in page
    assert "| GRU(32), 8 × 50 | 1.00 (1.00–2.00) | – |" in page


def test_tables_show_the_drawn_cells_by_level_and_all_cells() -> None:
    page = to_markdown(
        results(
            measured(SMALL, 1, 4),
            measured(LARGE, 10, 10),
            measured(FIXED[0], 100, 300),
            measured(SMALL, 2, 1, what="predict"),
        )
    )
    assert "| all | 2 | 2.00× (1.00) |" in page  # without the fixed cell
    assert "| batch: 8 | 1 | 4.00× (4.00) |" in page
    assert "| padding: masked | 1 | 1.00× (1.00) |" in page
    assert "| units: 64 | 0 | – |" in page
    assert "| LSTM(200), 128 × 200 \\* | 100 (100–200) | 3.00× (3.00–3.00) |" in page
    assert "| 2 layers 2×LSTM(512), 128 × 50 masked |" in page
    assert "## Prediction of a batch" in page
    assert "AMD EPYC, 2 threads, 3 rounds; 2 of 60 drawn cells, seed 24; hoiquy 1.0" in page


def test_layers_have_their_share_of_sgemm() -> None:
    layer = measured(LAYER, 20, 30, what="layer")
    product = 2 * SGEMM_SIZE**3
    product_ms = 1e3 * product / 100e9  # at 100 GFLOP/s
    layer_ms = 1e3 * gflop(LAYER) / 50  # at 50
    layer.participants[0] = participant(HOIQUY, layer_ms, 3 * layer_ms)
    layer.participants.append(participant(SGEMM, product_ms, 3 * product_ms))
    assert sgemm_share(layer) == pytest.approx((0.5, 0.5, 0.5))
    assert sgemm_share(measured(SMALL, 1, 4)) is None
    page = to_markdown(results(layer))
    assert "| layer | hoiquy, ms | share of sgemm | Torch |" in page
    assert "| 50% |" in page


def test_layers_of_the_plan_are_the_first_ones_each_once() -> None:
    planned = [
        Planned(LARGE, False, ("step",)),
        Planned(replace(LARGE, layers=1), True, ("step", "predict")),
        Planned(SMALL, True, ("step",)),
    ]
    assert plan_layers(planned) == [Planned(LAYER, False, ("layer",))]


def test_file_holds_every_time() -> None:
    row = json.loads(results(measured(SMALL, 1, 4)).to_json())["cells"][0]
    assert row["case"]["cell"]["units"] == 32
    assert row["participants"][1]["milliseconds"] == [[4], [8], [4]]
    assert row["participants"][1]["ratio"]["median"] == 4


def test_interrupted_run_has_a_report(tmp_path: Path) -> None:
    unfinished = CellResult(GridCase("step", SMALL, drawn=True))
    begun = CellResult(unfinished.case, [participant(HOIQUY, 1.0), participant("torch")])
    for kept in (results(unfinished), results(begun)):
        assert to_markdown(kept).startswith("# The grid")
        json.loads(kept.to_json())
        draw_heat_map(kept, tmp_path / "grid.png")


def test_picture(tmp_path: Path) -> None:
    draw_heat_map(results(measured(SMALL, 1, 4), measured(LARGE, 10, 1)), tmp_path / "grid.png")
    assert (tmp_path / "grid.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("seconds", "turns"),
    [
        ([0.001, 0.002], Turns(5, 1, 10)),
        ([0.05, 0.1], Turns(5, 1, 2)),
        ([0.4, 1.0], Turns(5, 0, 1)),
        ([5.0, 20.0], Turns(3, 0, 1)),  # fewer rounds where they take long
    ],
)
def test_short_steps_are_taken_more_often(seconds: list[float], turns: Turns) -> None:
    assert plan_turns(seconds, 5) == turns


def test_fewer_rounds_than_three_where_they_are_wanted() -> None:
    assert plan_turns([5.0, 20.0], 2).rounds == 2


@pytest.mark.parametrize("masked", [False, True])
def test_padding_follows_the_words_of_masked_documents(masked: bool) -> None:
    cell = replace(SMALL, batch=64, masked=masked)
    documents, lengths = draw_documents(cell)
    assert documents.shape == (BATCHES, 64, 50)
    assert documents.dtype == np.int32
    assert 0 <= documents.min() <= documents.max() < 10_000
    assert np.array_equal((documents > 0).sum(axis=-1), lengths)
    ends = documents[..., 0 if masked else -1]
    assert (ends > 0).all()  # no document is empty, and padding is at one end only
    assert 14 <= np.median(lengths) <= 21
    assert 0.02 < (lengths == 50).mean() < 0.2  # cut
    assert np.array_equal(documents, draw_documents(cell)[0])
