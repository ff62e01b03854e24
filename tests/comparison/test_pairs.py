"""Which test a pair gets, what it claims, and how Holm counts all of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from hoiquy.comparison import compare_runs
from hoiquy.comparison.baselines import Baseline, BaselineFacts
from hoiquy.comparison.statistics.crossed import (
    crossed_difference,
    difference_from_fixed,
    documents_difference,
)
from hoiquy.comparison.statistics.paired import (
    agreement,
    mcnemar_exact,
    mcnemar_mid_p,
    paired_interval,
)
from trained_runs import answers, right_about, write_seeds, write_trained


def simple(documents: int = 2_000, wrong: int = 280) -> Baseline:
    facts = BaselineFacts("nb-svm", {}, "data", "ab" * 32, ["neg", "pos"], 2.5, 70)
    return Baseline(facts, answers(right_about(documents, range(wrong))))


def test_several_seeds_each_ask_about_the_recipes(tmp_path: Path) -> None:
    runs = write_seeds(tmp_path, [0.86, 0.87, 0.88])
    runs += write_seeds(tmp_path, [0.855, 0.875], "bai5")
    found = compare_runs(runs)
    (pair,) = found.pairs
    first, second = (one.correct() for one in found.candidates)
    assert first.shape == (3, 2_000)
    assert second.shape == (2, 2_000)
    expected = crossed_difference(first, second)
    assert pair.test == "seeds"
    assert pair.difference == pytest.approx(0.005)
    assert (pair.low, pair.high) == expected.interval()
    assert (pair.p_value, pair.standard_error) == (expected.p_value(), expected.standard_error)
    assert pair.smallest_visible == expected.smallest_visible(0.05)
    assert (pair.exact_p, pair.bootstrap) == (None, None)
    assert (pair.detectable, pair.verdict) == (False, "no_difference")


def test_a_baseline_has_no_seeds(tmp_path: Path) -> None:
    found = compare_runs(write_seeds(tmp_path, [0.86, 0.87, 0.88]), [simple()])
    (pair,) = found.pairs
    expected = difference_from_fixed(*(one.correct() for one in found.candidates))
    assert pair.test == "seeds"
    assert (pair.p_value, pair.low) == (expected.p_value(), expected.interval()[0])


@pytest.mark.parametrize("against", ["bai5", "baseline"])
def test_one_training_each_is_mcnemars(tmp_path: Path, against: str) -> None:
    runs = write_seeds(tmp_path, [0.87])
    baselines = []
    if against == "bai5":
        runs += write_seeds(tmp_path, [0.86], "bai5")
    else:
        baselines.append(simple())
    found = compare_runs(runs, baselines)
    (pair,) = found.pairs
    first, second = (one.correct()[0] for one in found.candidates)
    counts = agreement(first, second)
    assert pair.test == "mcnemar"
    assert (pair.p_value, pair.exact_p) == (mcnemar_mid_p(counts), mcnemar_exact(counts))
    assert (pair.low, pair.high) == paired_interval(counts)
    assert pair.bootstrap == pytest.approx((pair.low, pair.high), abs=1e-3)


def test_one_training_against_several_asks_about_these(tmp_path: Path) -> None:
    runs = write_seeds(tmp_path, [0.86, 0.87, 0.88]) + write_seeds(tmp_path, [0.85], "bai5")
    found = compare_runs(runs)
    (pair,) = found.pairs
    expected = documents_difference(*(one.correct() for one in found.candidates))
    assert pair.test == "documents"
    assert (pair.p_value, pair.low, pair.high) == (expected.p_value(), *expected.interval())
    assert pair.bootstrap == pytest.approx((pair.low, pair.high), abs=1e-3)


def test_holm_counts_every_pair(tmp_path: Path) -> None:
    runs = [
        *write_seeds(tmp_path, [0.91]),
        *write_seeds(tmp_path, [0.865], "bai4"),
        *write_seeds(tmp_path, [0.86], "bai5"),
    ]
    pairs = compare_runs(runs, [simple()]).pairs
    theirs = multipletests([pair.p_value for pair in pairs], method="holm")
    assert [pair.adjusted_p for pair in pairs] == pytest.approx(theirs[1])
    assert [pair.detectable for pair in pairs] == theirs[0].tolist()
    assert {pair.detectable for pair in pairs} == {True, False}


def test_what_could_have_been_seen_is_holms_next_step(tmp_path: Path) -> None:
    runs = [
        *write_seeds(tmp_path, [0.60]),
        *write_seeds(tmp_path, [0.865], "bai4"),
        *write_seeds(tmp_path, [0.86], "bai5"),
    ]
    first, second, third = compare_runs(runs).pairs
    assert first.detectable
    assert second.detectable
    assert first.smallest_visible is None
    # two were found, so that the third would have had to reach 0.05 and not 0.05 / 3
    assert third.smallest_visible == pytest.approx(2.8 * third.standard_error, rel=2e-3)


def test_a_clear_winner(tmp_path: Path) -> None:
    runs = write_seeds(tmp_path, [0.80, 0.81, 0.80])
    runs += write_seeds(tmp_path, [0.88, 0.881, 0.882], "bai5")
    (pair,) = compare_runs(runs).pairs
    assert (pair.detectable, pair.verdict) == (True, "second_better")
    assert pair.smallest_visible is None
    (pair,) = compare_runs(runs[::-1]).pairs
    assert (pair.detectable, pair.verdict) == (True, "first_better")


def test_the_same_means_by_one_training_each_would_be_called_a_difference(tmp_path: Path) -> None:
    """Trainings that are far apart for each recipe: one of each misleads, three do not."""
    runs = write_seeds(tmp_path, [0.89, 0.85, 0.87])
    runs += write_seeds(tmp_path, [0.85, 0.87, 0.88], "bai5")
    (one_each,) = compare_runs([runs[0], runs[3]]).pairs
    (all_seeds,) = compare_runs(runs).pairs
    assert one_each.detectable
    assert not all_seeds.detectable


def test_disagreeing_interval_and_test_claim_nothing(tmp_path: Path) -> None:
    """Few documents: here p is below 0.05, but the interval holds 0."""
    found = {}
    for apart in range(4, 9):
        one = write_trained(tmp_path / f"a{apart}", right_about(40, []))
        other = write_trained(tmp_path / f"b{apart}", right_about(40, range(apart)), "bai5")
        (pair,) = compare_runs([one, other]).pairs
        found[apart] = pair
    for pair in found.values():
        says_so = pair.p_value < 0.05 and not pair.low <= 0 <= pair.high
        assert pair.detectable == says_so
    assert not found[4].detectable
    assert found[8].detectable


def test_the_same_answers(tmp_path: Path) -> None:
    right = right_about(40, [3])
    runs = [write_trained(tmp_path / name, right, name) for name in ("bai3", "bai5")]
    (pair,) = compare_runs(runs).pairs
    assert (pair.difference, pair.p_value, pair.detectable) == (0, 1, False)
    assert pair.smallest_visible is None


def test_json_has_all_of_it(tmp_path: Path) -> None:
    found = compare_runs(write_seeds(tmp_path, [0.86, 0.88]), [simple()])
    read = json.loads(found.to_json())
    network, baseline = read["candidates"]
    assert (network["name"], network["seeds"], network["kind"]) == ("bai3", [1, 2], "network")
    assert network["accuracies"] == pytest.approx([0.86, 0.88])
    assert network["runs"] == [str(tmp_path / "bai3-seed1"), str(tmp_path / "bai3-seed2")]
    assert (baseline["kind"], baseline["parameters"]) == ("baseline", 70)
    (pair,) = read["pairs"]
    assert (pair["first"], pair["second"], pair["test"]) == ("bai3", "nb-svm", "seeds")
    assert pair["adjusted_p"] == found.pairs[0].adjusted_p
    assert (read["documents"], read["official_test"]) == (2_000, False)
    assert np.isfinite(pair["standard_error"])


def test_the_majority_class_is_a_family_of_its_own(tmp_path: Path) -> None:
    """Whether a network learned anything does not depend on what else is compared."""
    runs = [*write_seeds(tmp_path, [0.55]), *write_seeds(tmp_path, [0.87], "bai4")]
    runs += write_seeds(tmp_path, [0.86], "bai5")
    share = BaselineFacts("majority", {}, "data", "ab" * 32, ["neg", "pos"], 0.1, 2)
    always = answers(np.arange(2_000) % 2 == 0)  # the first of two equal classes
    found = compare_runs(runs, [Baseline(share, always), simple()])
    with_majority = [pair for pair in found.pairs if pair.second == "majority"]
    others = [pair for pair in found.pairs if pair.second != "majority"]
    assert [pair.adjusted_p for pair in with_majority] == [one.p_value for one in with_majority]
    corrected = multipletests([pair.p_value for pair in others], method="holm")[1]
    assert [pair.adjusted_p for pair in others] == pytest.approx(corrected)
    assert with_majority[0].verdict == "first_better"
