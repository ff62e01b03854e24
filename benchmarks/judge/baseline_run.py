"""Measure a baseline on one set, in a process of its own."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.metrics.one_label import evaluate
from judge.outcome import Key, Outcome
from judge.participants import FASTTEXT, Participant
from judge.process import BENCHMARKS, run_measured
from judge.sets import LabelledSet
from peers.worker import own_variables, peer_variables

_LIMIT = 3600.0  # seconds
_THREADS = 1


def run_baseline(key: Key, participant: Participant, on: LabelledSet) -> Outcome:
    """Fit and predict. Raises HoiquyError if the baseline fails.

    The worker gets no test labels.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "task.json").write_text(json.dumps(_task(on)), encoding="utf-8")
        worker: tuple[str, ...]
        if participant.name == FASTTEXT:
            worker = ("judge.fasttext_worker",)
            variables = peer_variables(_THREADS, {})
        else:
            worker = ("judge.baseline_worker", participant.name)
            variables = own_variables(_THREADS)
        title = f"{participant.title} on {on.name}"
        command: list[str | Path] = [participant.python, "-m", *worker, folder]
        usage = run_measured(command, title, _LIMIT, variables, BENCHMARKS)
        answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        saved = folder / "probabilities.npy"
        log_loss = _log_loss(on, np.load(saved)) if saved.exists() else None
    return Outcome(**key._asdict(), **vars(usage), **answer, log_loss=log_loss)


def _task(on: LabelledSet) -> dict[str, Any]:
    return {
        "classes": len(on.classes),
        "texts": on.texts,
        "labels": on.labels.tolist(),
        "test_texts": on.test_texts,
    }


def _log_loss(on: LabelledSet, probabilities: NDArray[np.float64]) -> float:
    return evaluate(on.test_labels, probabilities.clip(0, 1)).log_loss
