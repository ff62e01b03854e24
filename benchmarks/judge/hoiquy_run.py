"""Measure the default of hoiquy on one set: `hoiquy train`, then `hoiquy predict`."""

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import HoiquyError
from hoiquy.nn.metrics.one_label import evaluate
from hoiquy.system.atomic_write import make_folder
from judge.outcome import Key, Outcome
from judge.participants import Participant
from judge.process import Usage, run_measured
from judge.sets import LabelledSet

_PREDICT_LIMIT = 1800.0  # seconds
_RATE_DOCUMENTS = 10_000  # at least
_SHORTEST = 1e-3  # seconds
_PROBABILITY = "probability_"


def run_hoiquy(key: Key, participant: Participant, on: LabelledSet, run: Path) -> Outcome:
    """Train into the folder `run`, which is replaced, and predict the test file.

    Raises HoiquyError if a command fails, or takes more than twice its minutes and ten more.
    """
    make_folder(run.parent)
    shutil.rmtree(run, ignore_errors=True)  # of a measurement that was interrupted
    train: list[str | Path] = ["train", on.train_path.resolve(), "--test", on.test_path.resolve()]
    train += ["--minutes", f"{key.minutes:g}", "--set", f"training.seed={key.seed}"]
    limit = 60 * (2 * key.minutes + 10)
    usage = _hoiquy([*train, "--out", run.resolve()], participant, on, limit)
    probabilities, predicted, whole = _predict_all(run, participant, on)
    size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
    return Outcome(
        **key._asdict(), **vars(usage),
        predicted=predicted.tolist(),
        log_loss=evaluate(on.test_labels, probabilities.clip(0, 1)).log_loss,
        model_bytes=size,
        predict_seconds=whole.seconds,
        documents_per_second=_rate(run, participant, on),
    )  # fmt: skip


def _rate(run: Path, participant: Participant, on: LabelledSet) -> float:
    """Documents per second without the start of the program, which predicts one to measure that.

    The test documents are repeated: a short file would take no longer than the start.
    """
    with tempfile.TemporaryDirectory() as place:
        one, many = Path(place, "one.csv"), Path(place, "many.csv")
        labels = [on.classes[number] for number in on.test_labels]
        rows = list(zip(on.test_texts, labels, strict=True))
        copies = -(-_RATE_DOCUMENTS // len(rows))
        _write_rows(one, rows[:1])
        _write_rows(many, rows * copies)
        start, whole = (_predict(run, file, participant, on)[1].seconds for file in (one, many))
    return len(rows) * copies / max(whole - start, _SHORTEST)


def _predict_all(
    run: Path, participant: Participant, on: LabelledSet
) -> tuple[NDArray[np.float64], NDArray[np.int64], Usage]:
    """(documents, classes) probabilities, (documents,) predicted classes, and what it took."""
    rows, usage = _predict(run, on.test_path, participant, on)
    if len(rows) != len(on.test_texts):
        raise HoiquyError(
            f"hoiquy predict gave {len(rows)} predictions for the {len(on.test_texts)} documents "
            f"of {on.test_path}"
        )
    columns = [name for name in rows[0] if name.startswith(_PROBABILITY)]
    classes = _class_numbers(on, [name.removeprefix(_PROBABILITY) for name in columns])
    probabilities = np.zeros((len(rows), len(on.classes)))
    probabilities[:, classes] = [[float(row[name]) for name in columns] for row in rows]
    return probabilities, _class_numbers(on, [row["prediction"] for row in rows]), usage


def _class_numbers(on: LabelledSet, labels: Sequence[str]) -> NDArray[np.int64]:
    """Raises HoiquyError for a label that the set does not have."""
    number_of = {label: number for number, label in enumerate(on.classes)}
    if unknown := set(labels) - number_of.keys():
        raise HoiquyError(f"hoiquy predict on {on.name} gave other labels: {sorted(unknown)[:5]}")
    return np.array([number_of[label] for label in labels], np.int64)


def _predict(
    run: Path, file: Path, participant: Participant, on: LabelledSet
) -> tuple[list[dict[str, str]], Usage]:
    """The rows that `hoiquy predict` writes for a table, and what it took."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "predictions.csv")
        predict: list[str | Path] = ["predict", run.resolve(), "--file", file.resolve()]
        predict += ["--text", "text", "--out", out]
        usage = _hoiquy(predict, participant, on, _PREDICT_LIMIT)
        return list(_rows(out)), usage


def _hoiquy(
    arguments: Sequence[str | Path], participant: Participant, on: LabelledSet, limit: float
) -> Usage:
    command = [participant.python, "-m", "hoiquy", *arguments, "--quiet", "--lang", "en"]
    title = f"hoiquy {arguments[0]} on {on.name}"
    return run_measured(command, title, limit, os.environ)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _write_rows(path: Path, rows: Sequence[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
