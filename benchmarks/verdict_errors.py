"""How often the verdicts of a report are wrong (table of docs/verdicts.md).

Each simulated training has a true accuracy, a true share of the majority class and true learning
curves. Documents are drawn from them, `comparison.judgement` decides what may be said, and the
truth decides whether it was right.
"""

import argparse
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from hoiquy.comparison.judgement import (
    AccuracyJudgement,
    Grade,
    LossFacts,
    accuracy_at,
    judge_accuracy,
    judge_fit,
    loss_facts,
)
from hoiquy.comparison.judgement.accuracy import FAIR_SKILL, GOOD_SKILL, WEAK_SKILL
from hoiquy.comparison.judgement.sample_size import precision_of
from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.messages import catalogue
from hoiquy.runs.history import EpochRecord

Array = NDArray[np.float64]
GRID = norm.ppf((np.arange(400) + 0.5) / 400)  # stands for all documents there could be


@dataclass(frozen=True)
class Curves:
    """A network whose margins on a document z are confidence · (quality + z), by epoch."""

    quality: Array  # on new documents
    train_quality: Array
    confidence: Array

    def val_losses(self, z: Array) -> Array:
        """(epochs, documents)."""
        return _losses(self.confidence, self.quality, z)

    def train_losses(self, z: Array) -> Array:
        """(epochs, documents)."""
        return _losses(self.confidence, self.train_quality, z)


def _losses(confidence: Array, quality: Array, z: Array) -> Array:
    return np.logaddexp(0, -confidence[:, None] * (quality[:, None] + z[None]))


@dataclass(frozen=True)
class Network:
    """How a network learns; times are in epochs at the highest rate."""

    best: float  # quality at the end of learning
    speed: float  # time in which the distance to it falls to a third
    memorised: float  # quality that only training documents gain, each epoch
    confident: float  # growth of the confidence, each epoch
    broken_after: float  # time after which the training diverges

    def curves(self, rates: Array) -> Curves:
        time = np.cumsum(rates) / rates.max()
        learnt = self.best * (1 - np.exp(-time / self.speed))
        broken = np.maximum(time - self.broken_after, 0) * 0.3
        return Curves(
            learnt - broken,
            learnt + self.memorised * time - broken,
            0.3 + self.confident * time + broken,
        )


@dataclass(frozen=True)
class Training:
    """One simulated training with its truth."""

    majority: float
    skill: float
    test: int
    validation: int
    network: Network
    rates: Array

    @property
    def grade(self) -> Grade:
        return Grade(sum(self.skill >= bound for bound in (WEAK_SKILL, FAIR_SKILL, GOOD_SKILL)))


def drawn(rng: np.random.Generator) -> Training:
    """A training at random: a quarter learn nothing, half have equal classes or a cosine."""
    majority = 0.5 if rng.random() < 0.5 else rng.uniform(0.5, 0.95)
    nothing = rng.random() < 0.25
    best = rng.uniform(-0.02, 0.1) if nothing else rng.uniform(0.1, 2.5)
    network = Network(
        best=best,
        speed=rng.uniform(0.5, 12),
        memorised=0.0 if rng.random() < 0.4 else rng.uniform(0, 0.15),
        confident=rng.uniform(0.005, 0.15) * (0.2 + best),
        broken_after=rng.uniform(1, 15) if rng.random() < 0.1 else 1e9,
    )
    epochs = int(rng.integers(3, 31))
    at = np.arange(1, epochs + 1)
    cosine = 0.5 * (1 + np.cos(np.pi * at / epochs)) + 1e-9
    return Training(
        majority=majority,
        skill=rng.uniform(-0.1, WEAK_SKILL) if nothing else rng.uniform(0, 1),
        test=round(np.exp(rng.uniform(np.log(10), np.log(25_000)))),
        validation=round(np.exp(rng.uniform(np.log(10), np.log(5_000)))),
        network=network,
        rates=np.ones(epochs) if rng.random() < 0.5 else cosine,
    )


def tested(training: Training, rng: np.random.Generator) -> AccuracyJudgement:
    """Draw test documents and judge them."""
    share, accuracy = training.majority, accuracy_at(training.skill, training.majority)
    # recalls of the two classes that give this accuracy
    least = max(0.0, (accuracy - (1 - share)) / share)
    frequent = rng.uniform(least, min(1.0, accuracy / share))
    rare = (accuracy - share * frequent) / (1 - share)
    labels = (rng.random(training.test) >= share).astype(np.int64)
    correct = rng.random(training.test) < np.where(labels == 0, frequent, rare)
    return judge_accuracy(labels, correct)


def trained(training: Training, rng: np.random.Generator) -> list[EpochRecord]:
    """Draw the training and validation documents; their losses and accuracies by epoch."""
    curves = training.network.curves(training.rates)
    new, known = (rng.standard_normal(n) for n in (training.validation, 9 * training.validation))
    return _records(curves, new, known, training.rates)


def _records(curves: Curves, new: Array, known: Array, rates: Array) -> list[EpochRecord]:
    losses, val_losses = curves.train_losses(known), curves.val_losses(new)
    return [
        EpochRecord(
            epoch + 1,
            float(losses[epoch].mean()),
            float((losses[epoch] < np.log(2)).mean()),
            float(val_losses[epoch].mean()),
            float((val_losses[epoch] < np.log(2)).mean()),
            float(rate),
        )
        for epoch, rate in enumerate(rates)
    ]


def accuracy_claim(key: str, judged: AccuracyJudgement, training: Training) -> bool | None:
    """Whether the sentence is true; None if it claims nothing about the model."""
    grade, better = training.grade, training.skill > 0
    within = judged.lowest <= grade <= judged.highest
    return {
        "good_model": grade == Grade.GOOD,
        "fair_model": grade == Grade.FAIR,
        "weak_model": grade == Grade.WEAK,
        "bad_model": grade == Grade.USELESS,
        "between_grades": within,
        "hardly_better": better and within,
        "not_shown_better": within,
        "too_few_better": better and within,
        "at_chance": grade == Grade.USELESS,
        "near_chance": better and grade == Grade.USELESS,
        "below_chance": not better,
    }.get(key)


def loss_claim(facts: LossFacts, training: Training) -> bool | None:
    """As `accuracy_claim`, of the loss on all documents there could be."""
    rates = training.rates
    expected = _expected(training.network, rates)
    # as many epochs again, at the highest rate
    longer = _expected(training.network, np.concatenate([rates, np.full(len(rates), rates.max())]))
    fall = expected[0] - expected.min()
    later = expected[: facts.epoch].min() - longer[len(rates) :].min()
    risen = expected[-1] > expected.min()
    return {
        "settled": bool(later <= 2 * facts.allowed * fall),
        "falling": bool(later > 0),
        "turned": bool(risen),
        "rising": bool(risen),
        "flat": bool(fall <= 0.04 * expected[0]),
    }.get(facts.course)


def fit_claim(key: str, facts: LossFacts, training: Training) -> bool | None:
    """As `accuracy_claim`, of the fit on all documents there could be."""
    curves = training.network.curves(training.rates)
    train, validation = norm.cdf(curves.train_quality[-1]), norm.cdf(curves.quality[-1])
    truth = loss_facts(_records(curves, GRID, GRID, training.rates))
    expected = _expected(training.network, training.rates)
    risen = bool(expected[-1] > expected.min())
    gap = bool(train > validation)
    train_loss = curves.train_losses(GRID).mean(axis=1)
    falls = bool(train_loss[-1] < train_loss[facts.best_epoch - 1])
    return {
        "over_fitting": gap and risen,
        "over_fitting_gap": gap,
        "over_fitting_gap_only": gap,
        "over_fitting_loss": risen,
        "diverging": risen and not falls,
        "under_fitting": bool(train < accuracy_at(FAIR_SKILL, 0.5)),
        "no_over_fitting": bool(train - validation <= precision_of(0.5)) and not truth.turned_up,
    }.get(key)


def _expected(network: Network, rates: Array) -> Array:
    losses: Array = network.curves(rates).val_losses(GRID).mean(axis=1)
    return losses


class Tally:
    """How often each sentence was said, and how often it was false."""

    def __init__(self) -> None:
        self.said: Counter[str] = Counter()
        self.false: Counter[str] = Counter()
        self.silent: set[str] = set()

    def add(self, key: str, is_true: bool | None) -> None:
        self.said[key] += 1
        if is_true is None:
            self.silent.add(key)
        elif not is_true:
            self.false[key] += 1

    def row(self, key: str, when: str) -> str:
        said, false = self.said[key], self.false[key]
        start = f"| {sentence(key)} | {when} | {said:,} |"
        if key in self.silent or not said:
            return f"{start} – | – |"
        low, high = accuracy_interval(false, said)
        return f"{start} {false} | {false / said:.1%} ({100 * low:.1f}–{100 * high:.1f}) |"


def sentence(key: str) -> str:
    """The first sentence of a remark, without its numbers."""
    words = re.sub(r"\{[^}]*\}", "…", catalogue("en")[f"remark.{key}"])
    return re.split(r"(?<=\.) (?=[A-Z])", words)[0]


Rows = dict[str, str]  # when a sentence is said, by its key
GROUPS: dict[str, Rows] = {
    "Test accuracy": {
        "good_model": "the whole interval is at a skill of 0.6 or more",
        "fair_model": "the whole interval is between 0.3 and 0.6",
        "weak_model": "the whole interval is between 0.08 and 0.3",
        "bad_model": "the whole interval is below 0.08",
        "between_grades": "the interval covers two grades, and the documents are enough",
        "hardly_better": "the same from below 0.08 on, better than the majority class",
        "not_shown_better": "the same, not better than the majority class",
        "too_few": "the interval covers grades, too few documents, not better than the majority",
        "too_few_better": "the same, better than the majority class",
    },
    "Chance level": {
        "at_chance": "`bad_model`, and no difference from the majority class",
        "near_chance": "`bad_model`, and better than the majority class",
        "below_chance": "`bad_model`, and worse than the majority class",
    },
    "Course of the loss": {
        "loss_settled": "within 5 % of F of its best at epoch e, a quarter of the training later",
        "loss_ended": "the same with less training later, as the schedule lowered the rate",
        "loss_slowing": "the same with less training later, at a rate that is not lowered",
        "loss_falling": "the last epoch gains more than 5 % of F, and N",
        "loss_turned": "it ends above its best by 5 % of F, 2 % of its best, and N",
        "loss_rising": "the same, and F is below 2 % of the first loss",
        "loss_flat": "F is below 2 % of the first loss, and it does not rise",
        "loss_noisy": "N is more than 15 % of F",
    },
    "Fit": {
        "over_fitting": "a gap, and the loss has turned while the training loss fell",
        "over_fitting_gap": "a gap: training accuracy above the interval of validation accuracy",
        "over_fitting_gap_only": "a gap, and the loss rose with the training loss",
        "over_fitting_loss": "no gap, and the loss has turned while the training loss fell",
        "diverging": "no gap, and both losses rose",
        "under_fitting": "no gap, and the interval of training accuracy is below a skill of 0.3",
        "no_over_fitting": "none of these, and the validation documents are enough",
        "fit_unclear": "none of these, and training accuracy is about a skill of 0.3 or less",
        "fit_too_few": "none of these, and too few validation documents",
    },
}


def simulate(trainings: int, seed: int) -> Tally:
    """Judge so many trainings; the fit is that of two equal classes."""
    rng, tally = np.random.default_rng(seed), Tally()
    for _ in range(trainings):
        training = drawn(rng)
        judged = tested(training, rng)
        tally.add(judged.key, accuracy_claim(judged.key, judged, training))
        if judged.chance_key is not None:
            tally.add(judged.chance_key, accuracy_claim(judged.chance_key, judged, training))
        history = trained(training, rng)
        facts = loss_facts(history, training.validation)
        tally.add(f"loss_{facts.course}", loss_claim(facts, training))
        documents = (9 * training.validation, training.validation)
        fit = judge_fit(history, facts, documents, 0.5).key
        tally.add(fit, fit_claim(fit, facts, training))
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainings", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    tally = simulate(chosen.trainings, chosen.seed)
    for group, rows in GROUPS.items():
        print(f"### {group}\n")
        print("| sentence | when | said | false | error rate, % (95% interval) |")
        print("|---|---|---|---|---|")
        print("\n".join(tally.row(key, when) for key, when in rows.items()) + "\n")


if __name__ == "__main__":
    main()
