"""What is measured: the baselines, and trainings of hoiquy."""

import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hoiquy
from hoiquy.comparison.baselines.nb_svm import NbSvm as PaperNbSvm
from hoiquy.comparison.baselines.tokens import Tokens
from hoiquy.errors import HoiquyError
from hoiquy.nn.metrics.one_label import macro_f1
from judge.linear import TfidfLogistic
from judge.nb_svm import NbSvm
from judge.process import run_measured
from label_draws.draw import TEST, TRAIN, UNLABELLED, Draw

AUTO = "auto"
_PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)  # C of logistic regression
_LIMIT = 12 * 3600.0  # seconds of a training


class _NbSvmOfThePaper:
    """hoiquy's own baseline, with the paper's settings."""

    def fit(self, texts: Sequence[str], labels: NDArray[np.int64]) -> None:
        """labels: (documents,)."""
        self._machine = PaperNbSvm(int(labels.max()) + 1, Tokens())
        self._machine.fit(texts, labels)

    def predict(self, texts: Sequence[str]) -> NDArray[np.int64]:
        return self._machine.probabilities(texts).argmax(axis=1)


BASELINES: dict[str, Callable[[], Any]] = {
    "nb-svm": _NbSvmOfThePaper,
    "nb-svm-c": NbSvm,
    "tfidf-lr": lambda: TfidfLogistic(_PENALTIES),
    "tfidf-char-lr": lambda: TfidfLogistic(_PENALTIES, with_characters=True),
    "tfidf-lr-balanced": lambda: TfidfLogistic(_PENALTIES, balanced=True),
}


@dataclass(frozen=True)
class Method:
    """A baseline, or `hoiquy train` with options.

    Attributes:
        name: In the table.
        options: None for one of BASELINES. In options, {unlabelled} is the file of the texts
            without labels, {set}, {labels} and {draw} are what is being measured.
    """

    name: str
    options: str | None = None


@dataclass(frozen=True)
class Measured:
    """What a method reached: fractions, and seconds of training (of a baseline with predicting)."""

    accuracy: float
    macro_f1: float
    seconds: float


def measure(method: Method, draw: Draw, runs: Path) -> Measured:
    """Train on the draw's labels and score on the texts of its pool.

    runs: where hoiquy's run folders are created; one of an interrupted measurement is replaced.
    Raises HoiquyError if a training fails.
    """
    if method.options is not None:
        return _train(method, draw, runs)
    start = time.perf_counter()
    baseline = BASELINES[method.name]()
    baseline.fit(draw.texts, draw.labels)
    predicted = baseline.predict(draw.pool.test_texts)
    seconds = time.perf_counter() - start
    labels = draw.pool.test_labels
    f1 = macro_f1(labels, predicted, len(draw.pool.classes))
    return Measured(float((predicted == labels).mean()), f1, seconds)


def _train(method: Method, draw: Draw, runs: Path) -> Measured:
    name = f"{draw.pool.name}-{draw.count}-{draw.number}-{method.name}"
    run = (runs / name).resolve()
    shutil.rmtree(run, ignore_errors=True)
    with TemporaryDirectory() as place:
        folder = Path(place)
        draw.write(folder)
        files: list[str | Path] = [folder / TRAIN, "--test", folder / TEST, "--out", run]
        options = train_options(method, draw, folder / UNLABELLED)
        usage = run_measured(
            [sys.executable, "-m", "hoiquy", "train", *files, *options, "--quiet", "--lang", "en"],
            f"hoiquy train of {name}", _LIMIT, os.environ,
        )  # fmt: skip
    result = hoiquy.load_run(run).result
    if result.test_accuracy is None or result.test_macro_f1 is None:
        raise HoiquyError(f"{run} has no accuracy of the test texts")
    return Measured(result.test_accuracy, result.test_macro_f1, usage.seconds)


def train_options(method: Method, draw: Draw, unlabelled: Path) -> list[str]:
    """The options of `hoiquy train` for a draw; its number is the seed."""
    values = {
        "unlabelled": str(unlabelled), "set": draw.pool.name,
        "labels": str(draw.count), "draw": str(draw.number),
    }  # fmt: skip
    name = re.compile("{(" + "|".join(values) + ")}")
    options = [
        name.sub(lambda found: values[found[1]], option)
        for option in shlex.split(method.options or "")
    ]
    return ["--set", f"training.seed={draw.number}", *options]
