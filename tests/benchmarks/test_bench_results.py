"""Medians, spreads and ratios of what was measured, and the tables and charts made of them."""

import json
from pathlib import Path

import pytest
from bench_results import case, invented_results, participant
from hoiquy.bench.cases import layer_flops
from hoiquy.bench.report import write_report
from hoiquy.bench.results import HOIQUY, Participant, spread
from hoiquy.bench.table import tables, to_markdown


def test_spread_is_median_lowest_and_highest() -> None:
    assert spread([5.0, 1.0, 2.0]) == (2.0, 1.0, 5.0)
    assert spread([1.0, 2.0]).median == 1.5
    with pytest.raises(ValueError, match="no value"):
        spread([])


def test_a_ratio_is_taken_within_each_round() -> None:
    # the machine was three times slower in the second round: the ratio does not see it
    ours = Participant(HOIQUY, HOIQUY, "reachable", milliseconds=[[10.0], [30.0], [11.0]])
    theirs = Participant("torch", "PyTorch", "full", milliseconds=[[20.0], [60.0], [22.0]])
    measured = case("training", "bai3", [ours, theirs])
    assert measured.ratio(theirs) == (2.0, 2.0, 2.0)
    assert measured.ratio(ours).median == 1.0


def test_only_rounds_that_all_finished_count() -> None:
    ours = Participant(HOIQUY, HOIQUY, "reachable", milliseconds=[[10.0], [99.0]])
    theirs = Participant("torch", "PyTorch", "full", milliseconds=[[20.0]])
    measured = case("training", "bai3", [ours, theirs])
    assert measured.rounds == 1
    assert measured.ratio(theirs) == (2.0, 2.0, 2.0)


def test_what_cutting_the_embedding_saves() -> None:
    own = participant(HOIQUY, 10)
    both = [participant("torch", 80), participant("torch", 60, "cut")]
    saved = case("training", "bai3", [own, *both]).saved_by_cutting("torch")
    assert saved is not None
    assert saved.median == pytest.approx(0.25)
    assert case("training", "bai1", [own, both[0]]).saved_by_cutting("torch") is None


def test_share_of_sgemm_is_taken_with_the_rate_of_the_same_round() -> None:
    one = Participant(HOIQUY, HOIQUY, "reachable", milliseconds=[[100.0], [100.0], [200.0]])
    measured = case("layers", "LSTM", [one], flops=5e9)  # 50, 50 and 25 GFLOP/s
    assert measured.sgemm_share(one) == (0.5, 0.5, 0.5)


def test_operations_of_a_layer() -> None:
    layer = {"cell": "lstm", "time": 200, "batch": 128, "inputs": 128, "units": 200}
    products = 3 * 2 * 200 * 128 * (128 + 200) * 800
    assert layer_flops(layer | {"wants_d_x": True}) == products
    assert layer_flops(layer | {"wants_d_x": False}) == products - 2 * 200 * 128 * 128 * 800


def test_tables_have_a_cell_for_each_column() -> None:
    made = tables(invented_results())
    assert len(made) == 7
    for table in made:
        assert all(len(row) == len(table.header) for row in table.rows), table.title
    full, cut = made[:2]
    assert full.rows[2][2] == "750 (750–900) · 2.50×"
    assert cut.rows[0][2].endswith("24% less")
    assert [row[0] for row in cut.rows] == ["bai3", "bai4", "bai5"]


def test_the_page_says_where_it_was_measured() -> None:
    page = to_markdown(invented_results())
    assert "invented, 2 threads; 3 rounds; sgemm 100 (50–100) GFLOP/s" in page
    assert "2026-01-02" in page


def test_report_files(tmp_path: Path) -> None:
    paths = write_report(invented_results(), tmp_path / "out")
    names = ["bench.json", "bench.md", "training.png", "inference.png", "sizes.png"]
    assert [path.name for path in paths] == names
    measured = json.loads(paths[0].read_text(encoding="utf-8"))
    row = measured["cases"][0]["participants"][1]
    assert len(row["milliseconds"]) == 3
    assert row["ratio"]["median"] == pytest.approx(2.5)
    for path in paths[2:]:
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size > 10_000


def test_a_case_without_a_whole_round_is_left_out(tmp_path: Path) -> None:
    results = invented_results()
    for one in results.cases[0].participants[1:]:
        one.milliseconds = []
    assert len(results.of("training")) == 4
    write_report(results, tmp_path)
