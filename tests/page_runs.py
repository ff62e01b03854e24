"""Synthetic runs for the page: outputs of many confidences, and misclassified invented texts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hoiquy.comparison.baselines import Baseline, BaselineFacts, save_baseline
from hoiquy.runs.files import misclassified_file, predictions_file
from hoiquy.runs.folder import Predictions, Run, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.runs.misclassified import find_misclassified
from hoiquy.system.checksummed_files import write_checksummed
from synthetic_runs import epochs, write_run

HOSTILE = (
    '<script>document.title = "hacked"</script><img src=x onerror=alert(1)> & "quotes" \'both\''
)
# What a network of each exercise is like: skill (0 guesses), epochs, loss at the start and the end.
KINDS = {
    "bai1": (0.04, 20, 3.8, 1.1),
    "bai2": (0.02, 20, 2.1, 0.73),
    "bai3": (1.95, 10, 2.7, 0.31),
    "bai4": (1.85, 10, 2.7, 0.33),
    "bai5": (1.90, 10, 2.9, 0.34),
}
_PIECES = (
    "the plot takes its time", "I laughed in the wrong places", "nobody in the hall moved",
    "a waste of a good cast", "the score alone is worth it", "it ends where it should begin",
    "my neighbour slept", "the dog acts best", "every joke lands twice", "see it in the rain",
    "two hours that feel like three", "the colours are lovely", "the villain has a point",
)  # fmt: skip


def write_page_run(
    folder: Path, name: str = "bai3", seed: int = 1, documents: int = 1000, hostile: bool = False
) -> Run:
    """A run of an exercise with predictions of all confidences, some of them wrong."""
    skill, count, first, last = KINDS[name.removesuffix("-quick")]
    rng = np.random.default_rng([seed, len(name), ord(name[3])])
    predictions = answers(documents, skill, rng)
    accuracy = float(predictions.right().mean())
    curves = _curves(count, first, last, accuracy, rng)
    settings = [f"training.seed={seed}"]
    right = np.flatnonzero(~predictions.right())
    write_run(
        folder, name, history=curves, documents=documents, wrong=right.tolist(),
        accuracy=accuracy, labels=predictions.labels.tolist(), settings=settings,
        test_accuracy=accuracy,
    )  # fmt: skip
    words = np.maximum(rng.lognormal(5.1, 0.6, documents).astype(np.int64), 4)
    texts = [invented(rng, int(length)) for length in words]
    if hostile:
        texts = [f"{HOSTILE} {text}" for text in texts]
    misclassified = find_misclassified(texts, words, predictions.labels, predictions.probabilities)
    contents = predictions_file(predictions, ["neg", "pos"]) | misclassified_file(misclassified)
    write_checksummed(folder, contents)
    return load_run(folder)


def write_baseline(
    folder: Path, name: str = "nb-svm", skill: float = 1.8, documents: int = 1000
) -> Baseline:
    """A baseline beside such runs: same data, same documents."""
    facts = BaselineFacts(
        name=name, settings={}, data="imdb", data_fingerprint="c0ffee" * 10 + "cafe",
        classes=["neg", "pos"], seconds=4.2, parameters=20_000,
    )  # fmt: skip
    baseline = Baseline(facts, answers(documents, skill, np.random.default_rng(7)))
    save_baseline(baseline, folder)
    return baseline


def answers(documents: int, skill: float, rng: np.random.Generator) -> Predictions:
    """Two sigmoid outputs a document; the larger `skill`, the more of them are right."""
    labels = (np.arange(documents) % 2).astype(np.int32)
    side = 2 * labels - 1
    strength = rng.normal(skill * side, 1.7)
    positive = 1 / (1 + np.exp(-strength))
    probabilities = np.stack([1 - positive, positive], axis=1).astype(np.float32)
    return Predictions(labels, probabilities)


def invented(rng: np.random.Generator, words: int) -> str:
    """An invented review of about so many words."""
    pieces: list[str] = []
    while len(" ".join(pieces).split()) < words:
        pieces.append(_PIECES[int(rng.integers(len(_PIECES)))])
    return ". ".join(piece.capitalize() for piece in pieces) + "."


def _curves(
    count: int, first: float, last: float, accuracy: float, rng: np.random.Generator
) -> Sequence[EpochRecord]:
    gone = 0.6 ** np.arange(count)
    noise = rng.normal(0, 0.006, (4, count))
    learns = accuracy > 0.6
    gain = (accuracy - 0.5) * (1 - gone) if learns else np.zeros(count)
    return epochs(
        (last + (first - last) * gone + noise[0]).tolist(),
        (last + 0.05 + 0.8 * (first - last) * gone + noise[1]).tolist(),
        (0.5 + gain * 1.1 + noise[2]).tolist(),
        (0.5 + gain + noise[3]).tolist(),
    )
