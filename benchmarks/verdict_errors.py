"""How often the verdicts of a report are wrong (table of docs/verdicts.md).

Each simulated training has a true accuracy, a true share of the majority class and true learning
curves. Documents are drawn from them, `comparison.judgement` decides what may be said, and the
truth decides whether it was right.
"""

import argparse
import re
from collections import Counter

import numpy as np
from scipy.stats import norm

from hoiquy.comparison.judgement import (
    FAIR_SKILL,
    AccuracyJudgement,
    Grade,
    LossFacts,
    accuracy_at,
    judge_fit,
    loss_facts,
)
from hoiquy.comparison.judgement.sample_size import precision_of
from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.messages import catalogue
from simulated_trainings import GRID, Training, drawn, expected_losses, records, tested, trained


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
    expected = expected_losses(training.network, rates)
    # as many epochs again, at the highest rate
    longer = expected_losses(
        training.network, np.concatenate([rates, np.full(len(rates), rates.max())])
    )
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
    truth = loss_facts(records(curves, GRID, GRID, training.rates))
    expected = expected_losses(training.network, training.rates)
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
        "under_fitting": "training accuracy below a skill of 0.08, or of 0.3 (interval) and no gap",
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
        print("| sentence | when | said | false | error rate (95% interval) |")
        print("|---|---|---|---|---|")
        print("\n".join(tally.row(key, when) for key, when in rows.items()) + "\n")


if __name__ == "__main__":
    main()
