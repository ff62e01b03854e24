"""No two parts of the program contradict each other, over a grid of histories and sample sizes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from example_run import RESULT
from hoiquy.callbacks.doctor.during_training import Setting, diagnostics_so_far
from hoiquy.callbacks.doctor.failed_training import Validated, failure
from hoiquy.comparison.baselines.saved import BaselineFacts
from hoiquy.comparison.candidates import Candidate
from hoiquy.comparison.judgement import AccuracyJudgement, accuracy_at, judge_accuracy
from hoiquy.comparison.pairs import compare_pairs
from hoiquy.messages import LANGUAGES
from hoiquy.recipe.recipe import load_recipe
from hoiquy.report.remarks import remarks_with
from hoiquy.runs.arrays import Predictions
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.folder import Run
from hoiquy.runs.history import EpochRecord

EPOCHS = 12
VERDICTS = {
    "bad_model", "weak_model", "fair_model", "good_model", "hardly_better", "not_shown_better",
    "between_grades", "too_few", "too_few_better", "one_class", "other_aim", "beaten_model",
}  # fmt: skip
FITS = {
    "over_fitting", "over_fitting_gap", "over_fitting_gap_only", "over_fitting_loss", "diverging",
    "under_fitting", "no_over_fitting", "fit_unclear", "fit_too_few",
}  # fmt: skip
COURSES = {
    f"loss_{course}"
    for course in (
        "settled", "ended", "slowing", "falling", "turned", "flat", "rising", "noisy", "unknown",
    )
}  # fmt: skip
USEFUL = {"weak_model", "fair_model", "good_model", "between_grades", "too_few_better"}
AT_CHANCE = {"at_chance", "near_chance", "below_chance"}
LOSS_ROSE = {"over_fitting", "over_fitting_loss", "over_fitting_gap_only", "diverging"}
LOSS_DID_NOT_RISE = {"no_over_fitting", "over_fitting_gap"}
# Sets of which no two may both be said of one run.
EXCLUSIVE: Sequence[tuple[set[str], set[str]]] = (
    (USEFUL, AT_CHANCE | {"bad_model", "doctor: at chance"}),
    ({"too_few"}, AT_CHANCE),
    (
        {"loss_settled", "loss_ended", "loss_slowing", "loss_falling", "loss_flat", "loss_noisy"},
        LOSS_ROSE,
    ),
    ({"loss_turned", "loss_rising"}, LOSS_DID_NOT_RISE),
    ({"doctor: over_fitting"}, FITS - {"over_fitting", "over_fitting_loss"}),
    ({"doctor: below bag of words"}, USEFUL - {"too_few_better"}),
    ({"doctor: by heart"}, {"under_fitting", "no_over_fitting"}),
    ({"under_fitting"}, {"fair_model", "good_model"}),
)


@dataclass(frozen=True)
class Case:
    """One training; what is not a number of documents is a fraction."""

    test: tuple[int, float, float]  # documents, share of the larger class, accuracy
    accuracies: tuple[float, float]  # training and validation, at the end
    losses: str
    validation: int
    schedule: str

    @property
    def majority(self) -> float:
        return self.test[1]

    def history(self) -> list[EpochRecord]:
        at = np.arange(EPOCHS)
        gone = 0.5**at
        train, validation = {
            "settles": (0.3 + 0.6 * gone, 0.35 + 0.5 * gone),
            "slows": (0.9 - 0.04 * at, 0.9 - 0.05 * np.minimum(at, 10)),
            "falls": (0.9 - 0.04 * at, 0.9 - 0.03 * at),
            "turns": (0.7 - 0.05 * at, 0.4 + 0.02 * np.abs(at - 4)),
            "turns a little": (0.7 - 0.05 * at, 0.4 + 0.004 * np.abs(at - 6)),
            "diverges": (0.4 + 0.05 * at, 0.45 + 0.04 * at),
            "stays": (0.693 - 0.0001 * at, 0.693 + 0.0005 * (-1.0) ** at),
            "wavers": (0.69 - 0.01 * at, 0.69 + 0.012 * (-1.0) ** (at // 3)),
        }[self.losses]
        rates = {
            "constant": np.ones(EPOCHS),
            "cosine": 0.5 * (1 + np.cos(np.pi * (at + 1) / EPOCHS)),
        }[self.schedule]
        end_train, end_validation = self.accuracies
        curve = self.majority + (end_train - self.majority) * (1 - gone)
        val_curve = self.majority + (end_validation - self.majority) * (1 - gone)
        curve[-1], val_curve[-1] = self.accuracies
        return [
            EpochRecord(int(epoch) + 1, *map(float, (a, b, c, d, rate)))
            for epoch, a, b, c, d, rate in zip(
                at, train, curve, validation, val_curve, rates, strict=True
            )
        ]


def cases() -> Iterator[Case]:
    tests = product(
        (12, 60, 400, 5_000), (0.5, 0.8, 0.97), (0.3, 0.5, 0.52, 0.54, 0.66, 0.72, 0.83, 0.98, 1.0)
    )
    ends = product((0.5, 0.558, 0.66, 0.85, 0.99), (0.5, 0.56, 0.7, 0.84))
    curves = ("settles", "slows", "falls", "turns", "turns a little", "diverges", "stays", "wavers")
    rng = np.random.default_rng(26)
    everything = list(product(tests, ends, curves, (12, 100, 2_500), ("constant", "cosine")))
    for number in rng.permutation(len(everything))[:3_000]:
        yield Case(*everything[number])


def truth(case: Case) -> tuple[Predictions, np.ndarray]:
    documents, majority, accuracy = case.test
    labels = (np.arange(documents) >= round(majority * documents)).astype(np.int32)
    right = np.ones(documents, dtype=bool)
    wrong = np.random.default_rng(documents).permutation(documents)
    right[wrong[: documents - round(accuracy * documents)]] = False
    positive = np.where(right == (labels == 1), 0.8, 0.2)
    both = np.stack([1 - positive, positive], axis=1).astype(np.float32)
    return Predictions(labels, both), right


def run_of(case: Case) -> Run:
    recipe = load_recipe("bai3").with_settings([f"training.epochs={EPOCHS}"])
    result = replace(
        RESULT, test_documents=case.test[0], test_accuracy=case.test[2], status="complete",
        train_documents=2_000, validation_documents=case.validation, official_test=False,
        epochs=EPOCHS, best_epoch=EPOCHS,
    )  # fmt: skip
    return Run(Path("run"), recipe, result, case.history())


def diagnosed(run: Run, case: Case, bag_of_words: float) -> list[Diagnostic]:
    setting = Setting(
        run.recipe, case.majority, case.majority, frozenset(), val_documents=case.validation
    )
    found = diagnostics_so_far(setting, run.history)
    failed = failure(setting, run.history, Validated(case.validation, bag_of_words), found)
    if failed is None:
        return found
    return [failed, *(one for one in found if not one.key.startswith("chance_"))]


def said(run: Run, judged: AccuracyJudgement, diagnostics: Sequence[Diagnostic]) -> set[str]:
    """The keys of all remarks; those of the doctor after "doctor: "."""
    kinds = {
        "chance_": "at chance", "below_bag_of_words_": "below bag of words", "over_fit": "",
    }  # fmt: skip
    keys: set[str] = set()
    for remark in remarks_with(run, judged, diagnostics):
        assert all(remark.text(lang) for lang in LANGUAGES)
        if type(remark).__name__ != "DoctorsRemark":
            keys.add(remark.key)
            continue
        kind = next((kind for start, kind in kinds.items() if remark.key.startswith(start)), "")
        keys.add(f"doctor: {kind or remark.key}")
        if remark.key.endswith("by_heart"):
            keys.add("doctor: by heart")
    return keys


def compared(predictions: Predictions) -> str:
    """What `hoiquy compare` says of the network and the majority class."""
    shares = np.bincount(predictions.labels, minlength=2) / len(predictions.labels)
    constant = Predictions(
        predictions.labels, np.tile(shares, (len(predictions.labels), 1)).astype(np.float32)
    )
    facts = BaselineFacts("majority", {}, "data", "ab" * 32, ["neg", "pos"], 0.1, 2)
    network = Candidate("net", "net", "network", (1,), (predictions,), 1.0, 10, ())
    majority = Candidate("majority", "m", "baseline", (), (constant,), 0.1, 2, (), facts)
    others = [replace(network, name=f"net{at}") for at in range(3)]
    pairs = compare_pairs([(network, majority), *((network, other) for other in others)])
    return pairs[0].verdict


def test_no_two_remarks_of_a_run_contradict_each_other() -> None:
    seen: set[str] = set()
    for number, case in enumerate(cases()):
        run = run_of(case)
        predictions, right = truth(case)
        judged = judge_accuracy(predictions.labels, right)
        keys = said(run, judged, diagnosed(run, case, (0.6, 0.9)[number % 2]))
        assert len(keys & VERDICTS) == 1, (case, keys)
        assert len(keys & FITS) == 1, (case, keys)
        assert len(keys & COURSES) == 1, (case, keys)
        for one, other in EXCLUSIVE:
            assert not (keys & one and keys & other), (case, keys)
        check_numbers(case, keys, judged)
        seen |= keys
    rare = {"one_class", "other_aim", "loss_unknown"}
    assert seen | rare >= VERDICTS | FITS | COURSES | AT_CHANCE


def check_numbers(case: Case, keys: set[str], judged: AccuracyJudgement) -> None:
    """What a sentence claims follows from the interval."""
    bounds = {skill: accuracy_at(skill, judged.majority) for skill in (0.08, 0.3, 0.6)}
    if "good_model" in keys:
        assert judged.low >= bounds[0.6]
    if "bad_model" in keys:
        assert judged.high < bounds[0.08]
    if "no_over_fitting" in keys and judged.majority < 1:  # fits something, on enough documents
        assert max(case.accuracies) >= bounds[0.3] or judged.low >= bounds[0.3]
    if keys & {"too_few", "too_few_better"}:
        assert judged.documents_needed > 1.1 * case.test[0]  # "about 610" puzzles beside 599


EXPECTED = {"above": "first_better", "below": "second_better", "undecided": "no_difference"}


@pytest.mark.parametrize("documents", [12, 60, 400, 5_000])
def test_compare_and_the_report_agree_on_the_majority_class(documents: int) -> None:
    for majority, accuracy in product((0.5, 0.6, 0.8, 0.97), np.linspace(0.2, 1, 33)):
        case = Case((documents, majority, float(accuracy)), (0.5, 0.5), "falls", 100, "constant")
        predictions, right = truth(case)
        judged = judge_accuracy(predictions.labels, right)
        assert compared(predictions) == EXPECTED[judged.chance], case
        is_better = judged.key in USEFUL or judged.key == "hardly_better"
        if judged.key not in ("bad_model", "one_class"):
            assert is_better == (judged.chance == "above"), case


def test_the_issues_examples() -> None:
    """Twelve rows at 83 %, 75 % with 47–91, 55.8 % training accuracy."""
    twelve = judge_accuracy(np.arange(12) % 2, np.arange(12) >= 2)
    assert (round(twelve.low, 2), round(twelve.high, 2)) == (0.55, 0.95)
    assert twelve.key in ("too_few", "too_few_better")
    sixteen = judge_accuracy((np.arange(12) >= 9).astype(int), np.arange(12) % 4 != 0)
    assert (round(sixteen.low, 2), round(sixteen.high, 2)) == (0.47, 0.91)
    assert (sixteen.key, sixteen.chance_key) == ("too_few", None)
    case = Case((5_000, 0.5, 0.55), (0.558, 0.55), "stays", 2_500, "constant")
    predictions, right = truth(case)
    keys = said(run_of(case), judge_accuracy(predictions.labels, right), [])
    assert "under_fitting" in keys and "no_over_fitting" not in keys
