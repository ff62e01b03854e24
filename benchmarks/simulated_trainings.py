"""Trainings with a known truth: the accuracy, the share of the majority class, the curves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from hoiquy.comparison.judgement import (
    FAIR_SKILL,
    GOOD_SKILL,
    WEAK_SKILL,
    AccuracyJudgement,
    Grade,
    accuracy_at,
    judge_accuracy,
)
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
    return records(curves, new, known, training.rates)


def records(curves: Curves, new: Array, known: Array, rates: Array) -> list[EpochRecord]:
    """The history on validation documents `new` and training documents `known`."""
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


def expected_losses(network: Network, rates: Array) -> Array:
    """The validation loss of each epoch on all documents there could be."""
    losses: Array = network.curves(rates).val_losses(GRID).mean(axis=1)
    return losses
