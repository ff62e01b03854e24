"""Medians, ranges and ratios of what was measured, and the tables made of them."""

import json

import pytest

from hoiquy.recipe.recipe import load_recipe
from layer_rate import LAYERS, layer_flops
from peers.cases import Case
from peers.results import HOIQUY, CaseResult, Participant, Results, spread
from peers.table import to_markdown


def participant(name: str, *milliseconds: float, embedding: str = "full") -> Participant:
    """One time for each round."""
    embedding = "cut" if name == HOIQUY else embedding
    rounds = [[time] for time in milliseconds]
    return Participant(name, name, embedding, {name: "1.0"}, rounds, 3 * 2**20)


def measured(*participants: Participant, what: str = "training") -> CaseResult:
    variants = tuple(dict.fromkeys(one.embedding for one in participants if one.name != HOIQUY))
    case = Case(what, "bai3", load_recipe("bai3"), 4, 128, 2, 1, variants)
    return CaseResult(case, list(participants))


def test_spread_is_median_lowest_and_highest() -> None:
    assert spread([5.0, 1.0, 2.0]) == (2.0, 1.0, 5.0)
    assert participant("torch", 4.0, 9.0, 5.0).spread() == (5.0, 4.0, 9.0)
    assert Participant("torch", "", "cut", {}, [[1.0, 2.0, 9.0]]).spread().median == 2.0


def test_ratio_is_taken_within_each_round() -> None:
    # The machine was three times slower in the second round, which changes no ratio.
    peer = participant("torch", 20.0, 60.0, 22.0)
    result = measured(participant(HOIQUY, 10.0, 30.0, 11.0), peer)
    assert result.ratio(peer) == (2.0, 2.0, 2.0)


def test_only_rounds_that_all_finished_count() -> None:
    peer = participant("torch", 20.0)
    result = measured(participant(HOIQUY, 10.0, 99.0), peer)
    assert result.rounds == 1
    assert result.ratio(peer) == (2.0, 2.0, 2.0)
    unfinished = measured(participant(HOIQUY, 10.0), participant("torch"))
    assert Results({}, {}, [result, unfinished]).of("training") == [result]


def test_time_saved_by_cutting_the_embedding() -> None:
    own, full = participant(HOIQUY, 10), participant("torch", 80)
    result = measured(own, full, participant("torch", 60, embedding="cut"))
    assert result.saved_by_cutting("torch") == pytest.approx(0.25)
    assert result.saved_by_cutting(HOIQUY) is None
    assert measured(own, full).saved_by_cutting("torch") is None


def test_operations_of_a_layer() -> None:
    lstm = LAYERS[1]
    products = 3 * 2 * 200 * 128 * (128 + 200) * 800
    assert layer_flops(lstm) == products
    reads_values = products - 2 * 200 * 128 * 128 * 800
    assert layer_flops(lstm._replace(reads_values=True)) == reads_values


def test_report_shows_the_measured_figures() -> None:
    peers = [participant("torch", 25, 30, 25), participant("torch", 20, 24, 20, embedding="cut")]
    own = participant(HOIQUY, 10, 12, 10)
    many = measured(own, participant("torch", 20, 24, 20), what="inference")
    results = Results(
        {"processor": "AMD EPYC", "date": "2026-01-02T03:04:05"},
        {"threads": 2, "rounds": 3},
        [measured(own, *peers), many],
    )
    page = to_markdown(results)
    full, cut, memory, rates = [line for line in page.splitlines() if line.startswith("| bai3")]
    assert full == "| bai3 | 10 (10–12) | 25 (25–30) · 2.50× (2.50–2.50) |"
    assert cut == "| bai3 | 10 (10–12) | 20 (20–24) · 2.00× (2.00–2.00) · 20% less |"
    assert memory == "| bai3 | 3 | 3 / 3 |"
    assert rates.startswith("| bai3 | 12,800 (10,667–12,800) | 6,400 (5,333–6,400) · 2.00×")
    assert "AMD EPYC, 2 threads, 3 rounds; hoiquy 1.0; torch 1.0; 2026-01-02" in page
    row = json.loads(results.to_json())["cases"][0]["participants"][1]
    assert row["ratio"]["median"] == 2.5
    assert row["milliseconds"] == [[25], [30], [25]]
