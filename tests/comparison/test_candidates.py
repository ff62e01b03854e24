"""Which runs are one candidate, its name, and what cannot be compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hoiquy.comparison import compare_runs, label_of
from hoiquy.comparison.baselines import Baseline, BaselineFacts
from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.comparison.statistics.seeds import mean_interval
from hoiquy.errors import RunError
from trained_runs import answers, right_about, write_seeds, write_trained

ALL_RIGHT = right_about(40, [])


def baseline(documents: int = 40, fingerprint: str = "ab" * 32, name: str = "nb-svm") -> Baseline:
    facts = BaselineFacts(name, {}, "data", fingerprint, ["neg", "pos"], 2.5, 70)
    return Baseline(facts, answers(right_about(documents, [0, 1, 2])))


def test_seeds_of_a_recipe_are_one_contender(tmp_path: Path) -> None:
    runs = write_seeds(tmp_path, [0.86, 0.87, 0.88])
    (found,) = compare_runs([runs[2], runs[0], runs[1]]).candidates
    assert (found.name, found.label, found.kind) == ("bai3", "bai3", "network")
    assert found.seeds == (1, 2, 3)
    assert found.accuracies == pytest.approx((0.86, 0.87, 0.88))
    assert found.accuracy == pytest.approx(0.87)
    assert found.interval() == pytest.approx(mean_interval([0.86, 0.87, 0.88]))
    assert found.interval_over == "seeds"
    assert found.seconds == 62  # the mean
    assert [run.result.seed for run in found.runs] == [1, 2, 3]


def test_one_training_has_an_interval_over_the_documents(tmp_path: Path) -> None:
    (found,) = compare_runs(write_seeds(tmp_path, [0.86])).candidates
    assert found.interval() == accuracy_interval(1_720, 2_000)
    assert found.interval_over == "documents"


def test_a_soft_labelled_run_is_another_candidate(tmp_path: Path) -> None:
    plain = write_seeds(tmp_path, [0.86, 0.87])
    rounds = [
        replace(
            run,
            result=replace(run.result, soft_labelled_documents=70, pseudo_label_iteration=number),
        )
        for number in (1, 2)
        for run in plain
    ]
    found = compare_runs([*plain, *rounds]).candidates
    assert [(one.name, one.seeds) for one in found] == [
        ("bai3", (1, 2)),
        ("bai3 soft_labelled=70 iteration=1", (1, 2)),
        ("bai3 soft_labelled=70 iteration=2", (1, 2)),
    ]  # fmt: skip


def test_other_settings_are_another_contender_and_are_named(tmp_path: Path) -> None:
    runs = [
        write_trained(tmp_path / "a", ALL_RIGHT, settings=["training.epochs=5"]),
        write_trained(tmp_path / "b", ALL_RIGHT, seed=2, settings=["training.epochs=5"]),
        write_trained(tmp_path / "c", ALL_RIGHT),
        write_trained(tmp_path / "d", ALL_RIGHT, settings=["model.layers.2.units=9"]),
        write_trained(tmp_path / "e", ALL_RIGHT, "bai5"),
        write_trained(tmp_path / "f", ALL_RIGHT, "bai5", engine="keras (jax)"),
    ]
    found = compare_runs(runs).candidates
    assert [one.name for one in found] == [
        "bai3 model.layers.2.units=200 training.epochs=5",
        "bai3 model.layers.2.units=200 training.epochs=10",
        "bai3 model.layers.2.units=9 training.epochs=10",
        "bai5 engine=hoiquy",
        "bai5 engine=keras (jax)",
    ]
    assert [len(one.runs) for one in found] == [2, 1, 1, 1, 1]


def test_labels_keep_what_tells_contenders_apart(tmp_path: Path) -> None:
    runs = [
        write_trained(tmp_path / "a", ALL_RIGHT, settings=["training.epochs=5"]),
        write_trained(tmp_path / "b", ALL_RIGHT),
        write_trained(tmp_path / "c", ALL_RIGHT, "bai5"),
    ]
    found = compare_runs(runs, [baseline()]).relabelled({"bai3": "LSTM", "bai5": "GRU"})
    labels = [one.label for one in found.candidates]
    assert labels == ["LSTM training.epochs=5", "LSTM training.epochs=10", "GRU", "nb-svm"]


def test_networks_meet_each_other_and_every_baseline(tmp_path: Path) -> None:
    runs = [write_trained(tmp_path / name, ALL_RIGHT, name) for name in ("bai3", "bai4", "bai5")]
    found = compare_runs(runs, [baseline(name="majority"), baseline()])
    pairs = [(pair.first, pair.second) for pair in found.pairs]
    assert pairs == [
        ("bai3", "bai4"), ("bai3", "bai5"), ("bai4", "bai5"),
        ("bai3", "majority"), ("bai3", "nb-svm"), ("bai4", "majority"), ("bai4", "nb-svm"),
        ("bai5", "majority"), ("bai5", "nb-svm"),
    ]  # fmt: skip
    simple = found.candidate("nb-svm")
    assert (simple.kind, simple.seeds, simple.runs) == ("baseline", (), ())
    assert (simple.seconds, simple.parameters) == (2.5, 70)


def test_a_baseline_counts_once_and_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Two folders may hold the same baseline, and a recipe may be called like one."""
    run = write_trained(tmp_path / "run", ALL_RIGHT, settings=["name=nb-svm"])
    found = compare_runs([run], [baseline(), baseline(), baseline(name="majority")])
    names = [one.name for one in found.candidates]
    assert names == ["nb-svm", "nb-svm (baseline)", "majority"]
    assert found.candidate("nb-svm").kind == "network"
    assert [pair.second for pair in found.pairs] == names[1:]
    assert label_of(found.candidates[1], "en") == "NB-SVM"


def test_other_data_cannot_be_compared(tmp_path: Path) -> None:
    one = write_trained(tmp_path / "one", ALL_RIGHT)
    other = write_trained(tmp_path / "other", ALL_RIGHT, "bai5", data_fingerprint="0" * 64)
    with pytest.raises(RunError, match="different data") as caught:
        compare_runs([one, other])
    assert str(one.folder) in str(caught.value)
    assert str(other.folder) in str(caught.value)
    with pytest.raises(RunError, match="baseline nb-svm was trained on other data"):
        compare_runs([one], [baseline(fingerprint="0" * 64)])


def test_other_documents_cannot_be_compared(tmp_path: Path) -> None:
    one = write_trained(tmp_path / "one", ALL_RIGHT)
    with pytest.raises(RunError, match="bai3 and nb-svm were scored on different test documents"):
        compare_runs([one], [baseline(documents=42)])


def test_an_unfinished_run_cannot_be_compared(tmp_path: Path) -> None:
    run = write_trained(tmp_path / "one", ALL_RIGHT)
    unfinished = replace(run, result=replace(run.result, status="interrupted"))
    with pytest.raises(RunError, match="not complete; finish it: hoiquy resume"):
        compare_runs([unfinished])


def test_the_same_training_twice_says_nothing_new(tmp_path: Path) -> None:
    runs = [write_trained(tmp_path / name, ALL_RIGHT, seed=4) for name in ("one", "copy")]
    with pytest.raises(RunError, match=r"same training \(bai3, seed 4\): name only one") as caught:
        compare_runs(runs)
    assert str(runs[0].folder) in str(caught.value)
    assert str(runs[1].folder) in str(caught.value)


def test_more_than_two_classes() -> None:
    """Right is right, whatever the number of classes."""
    rng = np.random.default_rng(1)
    predictions = answers(right_about(4, [1]))
    probabilities = rng.random((30, 5)).astype(np.float32)
    five = replace(predictions, labels=np.zeros(30, np.int32), probabilities=probabilities)
    facts = BaselineFacts("nb-svm", {}, "data", "ab" * 32, list("abcde"), 2.5, 70)
    (found,) = compare_runs([], [Baseline(facts, five)]).candidates
    assert found.accuracy == float((probabilities.argmax(axis=1) == 0).mean())


def test_ensembles_of_other_minutes_are_other_candidates(tmp_path: Path) -> None:
    right = right_about(40, [1])
    wanted = [("network", {}), ("one", {"minutes": 1.0}), ("five", {"minutes": 5.0})]
    runs = [
        write_trained(tmp_path / name, right, metric="accuracy" if minutes else None, **minutes)
        for name, minutes in wanted
    ]
    names = [candidate.name for candidate in compare_runs(runs).candidates]
    assert names == [
        "bai3", "bai3 ensemble=accuracy minutes=1.0", "bai3 ensemble=accuracy minutes=5.0",
    ]  # fmt: skip
