"""The judge's comparisons, tables, picture and history of given outcomes."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from hoiquy.errors import RunError
from judge.differences import summarise
from judge.f1_interval import f1_difference_interval
from judge.history import append_history
from judge.outcome import Outcome
from judge.participants import HOIQUY
from judge.picture import draw_picture
from judge.results import Results, SetFacts, load_outcomes
from judge.tables import to_markdown

LABELS = [0, 1] * 100
RIGHT = LABELS


def predicted(n_wrong: int, start: int = 0) -> list[int]:
    """The labels, with errors from document `start` on."""
    return [1 - y if start <= at < start + n_wrong else y for at, y in enumerate(LABELS)]


def outcome(
    name: str, participant: str, predictions: Sequence[int], seed: int = 0, minutes: float = 0.0
) -> Outcome:
    return Outcome(
        name, "d", participant, "c", seed, minutes, list(predictions),
        log_loss=0.25 if participant == HOIQUY else None,
        seconds=60.0, processor_seconds=90.0, peak_bytes=300_000_000, model_bytes=2_000_000,
        predict_seconds=0.5, documents_per_second=4000.0,
        chosen={}, versions={"scikit-learn": "1.0"} if not seed else {},
    )  # fmt: skip


def results(*outcomes: Outcome) -> Results:
    machine = {"processor": "AMD EPYC", "cpu_count": 2, "date": "2026-01-02T03:04:05+00:00"}
    settings = {"minutes": 5.0, "seeds": [1, 2, 3], "commit": "abc+"}
    names = dict.fromkeys(one.set for one in outcomes)
    sets = [SetFacts(name, "d", ["no", "yes"], 50, LABELS) for name in names]
    found = Results(machine, settings, sets, [one.key for one in outcomes])
    for one in outcomes:
        found.add(one)
    return found


def ours(name: str, *n_wrong: int) -> list[Outcome]:
    """Trainings with as many errors."""
    of = enumerate(n_wrong, start=1)
    return [outcome(name, HOIQUY, predicted(count), seed, 5.0) for seed, count in of]


def test_each_training_is_tested_beside_each_baseline_and_holm_counts_all() -> None:
    found = results(
        *ours("a", 0, 2),
        outcome("a", "nb-svm", predicted(6)),
        outcome("a", "fasttext", predicted(2)),
    )
    summary = summarise(found)
    p_values = {(one.seed, one.baseline): one.p_value for one in summary.comparisons}
    assert p_values == {
        (1, "nb-svm"): pytest.approx(2 * 0.5**6),
        (1, "fasttext"): pytest.approx(2 * 0.5**2),
        (2, "nb-svm"): pytest.approx(2 * 0.5**4),
        (2, "fasttext"): 1.0,
    }
    first = min(summary.comparisons, key=lambda one: one.p_value)
    assert first.adjusted_p == pytest.approx(4 * first.p_value)
    assert first.difference == pytest.approx(6 / 200)
    assert first.low < first.difference < first.high


def test_the_best_baseline_is_chosen_on_the_test_for_each_measure() -> None:
    mostly_first = [0 if at < 190 else 1 for at in range(200)]
    labels = [0 if at < 180 else 1 for at in range(200)]
    all_first = [0] * 200  # accuracy 90%, but one class is never predicted
    balanced = [1 if at >= 155 else 0 for at in range(200)]  # accuracy 87.5%
    found = results(
        outcome("a", HOIQUY, mostly_first, 1, 5.0),
        outcome("a", "nb-svm", all_first),
        outcome("a", "fasttext", balanced),
    )
    found.sets[0] = replace(found.sets[0], labels=labels)
    (summary,) = summarise(found).sets
    accuracy, f1 = summary.differences["accuracy"], summary.differences["macro_f1"]
    assert (accuracy.best, f1.best) == ("nb-svm", "fasttext")
    assert accuracy.difference == pytest.approx(0.95 - 0.9)
    expected = [f1_score(labels, of, average="macro") for of in (mostly_first, balanced)]
    assert (f1.value, f1.best_value) == (pytest.approx(expected[0]), pytest.approx(expected[1]))
    assert f1.low < f1.difference < f1.high


@pytest.mark.parametrize(
    ("n_wrong", "baseline", "verdict", "uncorrected"),
    [
        ((0, 1, 2), 60, "better", "better"),
        ((60, 61, 0), 20, "worse", "worse"),
        ((0, 20, 20), 30, "better", "better"),
        ((0, 25, 25), 31, "", "better"),  # six documents: p is 0.03, adjusted 0.06
        ((0, 30, 30), 31, "", ""),  # one seed of three
    ],
)
def test_verdict_is_that_of_most_seeds(
    n_wrong: tuple[int, ...], baseline: int, verdict: str, uncorrected: str
) -> None:
    found = results(*ours("a", *n_wrong), outcome("a", "nb-svm", predicted(baseline)))
    (summary,) = summarise(found).sets
    assert (summary.verdict, summary.uncorrected) == (verdict, uncorrected)


def test_f1_interval_is_that_of_resampled_documents() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(3, size=300)
    first = [np.where(rng.random(300) < 0.9, labels, rng.integers(3, size=300)) for _ in range(2)]
    second = np.where(rng.random(300) < 0.7, labels, rng.integers(3, size=300))

    def difference(rows: np.ndarray) -> float:
        ours, theirs = (
            np.mean([f1_score(labels[rows], of[rows], average="macro") for of in all_of])
            for all_of in (first, [second])
        )
        return float(ours - theirs)

    drawn = [difference(rng.integers(300, size=300)) for _ in range(400)]
    low, high = f1_difference_interval(labels, first, second, 3)
    assert (low, high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.012)
    assert low < difference(np.arange(300)) < high


def test_f1_interval_of_equal_predictions_is_zero() -> None:
    labels, other = np.array(LABELS), np.array(predicted(30))
    assert f1_difference_interval(labels, [other], other, 2) == (0.0, 0.0)


def test_outcomes_of_other_code_and_sets_are_kept_but_not_reported(tmp_path: Path) -> None:
    found = results(*ours("a", 3), outcome("a", "nb-svm", predicted(6)))
    old = replace(next(iter(found.outcomes.values())), code="old")
    found.add(old)
    found.add(outcome("set of another run", "nb-svm", [0]))
    assert [one.code for one in found.found("a", HOIQUY)] == ["c"]
    path = tmp_path / "judge.json"
    path.write_text(found.to_json(summarise(found).to_json()), encoding="utf-8")
    assert load_outcomes(path) == found.outcomes
    row = json.loads(path.read_text(encoding="utf-8"))["outcomes"][0]
    assert row["accuracy"] == pytest.approx(197 / 200)


def test_a_damaged_file_of_outcomes_is_named(tmp_path: Path) -> None:
    path = tmp_path / "judge.json"
    assert load_outcomes(path) == {}
    path.write_text('{"outcomes": [{"set": 3}]}', encoding="utf-8")
    with pytest.raises(RunError, match=r"judge\.json is damaged: outcomes\.0\."):
        load_outcomes(path)


def test_tables() -> None:
    page = to_markdown(found := many_results(), summarise(found))
    assert "Sets: 3, trainings: 9." in page
    assert "Sets where hoiquy is better: 1, worse: 1; without correction: 1 and 1." in page
    assert "| won | NB-SVM 70.0 | 99.5 | +29.5 (" in page
    assert "| better | NB-SVM 70.0 |" in page
    assert "| won | 99.5 / 99.5 | 70.0 / 70.0 | – |" in page
    assert "| even | 95.0 / 95.0 | 94.5 / 94.5 | 95.0 / 95.0 |" in page
    assert "| won | 0.250 | – | – |" in page
    assert "| won | hoiquy | 60 | 90 | 300 | 2.0 | 0.50 | 4,000 |" in page
    assert "| won | 1 | NB-SVM | +30.0 (" in page
    assert "| < 0.001 | < 0.001 |" in page
    assert "--test test.csv --minutes 5`; commit abc+; scikit-learn 1.0; 2026-01-02" in page


def test_reports_without_hoiquy_and_without_anything(tmp_path: Path) -> None:
    for found in (results(outcome("a", "nb-svm", RIGHT)), results()):
        found.not_measured.append("fasttext: it cannot be installed")
        summary = summarise(found)
        assert "- fasttext: it cannot be installed" in to_markdown(found, summary)
        json.loads(found.to_json(summary.to_json()))
        draw_picture(summary, tmp_path / "judge.png")
    assert not (tmp_path / "judge.png").exists()


def test_picture(tmp_path: Path) -> None:
    draw_picture(summarise(many_results()), tmp_path / "judge.png")
    content = (tmp_path / "judge.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") == 1000  # pixels wide


def test_history_has_a_line_a_run(tmp_path: Path) -> None:
    path, found = tmp_path / "docs" / "history.csv", many_results()
    for _ in range(2):
        append_history(path, found, summarise(found))
    with path.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first == second
    assert first == {
        "date": "2026-01-02T03:04:05+00:00",
        "commit": "abc+",
        "minutes": "5",
        "seeds": "1 2 3",
        "sets": "3",
        "accuracy_difference": f"{(29.5 + 0 - 30) / 3:.2f}",
        "macro_f1_difference": f"{(29.5 + 0 - 30) / 3:.2f}",  # errors are even over the classes
        "better": "1",
        "worse": "1",
        "better_uncorrected": "1",
        "worse_uncorrected": "1",
        "names": "won even lost",
    }


def many_results() -> Results:
    return results(
        *ours("won", 0, 1, 2),
        outcome("won", "nb-svm", predicted(60)),
        *ours("even", 10, 10, 10),
        outcome("even", "nb-svm", predicted(11)),
        outcome("even", "fasttext", predicted(10)),
        *ours("lost", 60, 60, 60),
        outcome("lost", "nb-svm", predicted(0)),
    )
