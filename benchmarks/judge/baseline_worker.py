"""Fit one of scikit-learn's baselines and predict: python -m judge.baseline_worker NAME FOLDER.

FOLDER/task.json has the training texts and labels and the test texts, not their labels. The answer
is FOLDER/answer.json and, where there are probabilities, FOLDER/probabilities.npy.
"""

import json
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from judge.linear import TfidfLogistic, TfidfSvc
from judge.nb_svm import NbSvm

BASELINES: dict[str, Callable[[], Any]] = {
    "tfidf-lr": TfidfLogistic,
    "tfidf-char-svc": lambda: TfidfSvc(with_words=True),
    "nb-svm": NbSvm,
    "char-svc": lambda: TfidfSvc(with_words=False),
}


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    baseline = BASELINES[name]()
    baseline.fit(task["texts"], np.array(task["labels"], np.int64))
    start = time.perf_counter()
    predicted = baseline.predict(task["test_texts"])
    seconds = time.perf_counter() - start
    found = baseline.probabilities(task["test_texts"])
    if found is not None:
        columns, outputs = found
        probabilities = np.zeros((len(outputs), task["classes"]))
        probabilities[:, columns] = outputs
        np.save(folder / "probabilities.npy", probabilities)
    answer = {
        "predicted": predicted.tolist(),
        "predict_seconds": seconds,
        "documents_per_second": len(predicted) / seconds,
        "model_bytes": len(pickle.dumps(baseline, pickle.HIGHEST_PROTOCOL)),
        "chosen": dict(baseline.chosen),
        "versions": {"scikit-learn": sklearn.__version__},
    }
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
