"""Fit fastText and predict, in its own environment: python -m judge.fasttext_worker FOLDER.

Files as in `baseline_worker`. Pairs of words, 25 epochs at a rate of 0.5, one thread.
"""

import json
import random
import sys
import time
from importlib import metadata
from pathlib import Path

import fasttext
import numpy as np

from judge.words import choose_reading, in_words, tokens

SETTINGS = {"lr": 0.5, "epoch": 25, "wordNgrams": 2, "dim": 100, "bucket": 500_000, "seed": 1}
_LABEL = "__label__"


def main() -> None:
    folder = Path(sys.argv[1])
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    reading = choose_reading(task["texts"])
    words = map(tokens, in_words(task["texts"], reading))
    lines = [
        f"{_LABEL}{label} {' '.join(found)}\n"
        for label, found in zip(task["labels"], words, strict=True)
    ]
    random.Random(0).shuffle(lines)  # it trains in the file's order, which may be by class
    training = folder / "training.txt"
    training.write_text("".join(lines), encoding="utf-8")
    model = fasttext.train_supervised(str(training), thread=1, verbose=0, **SETTINGS)
    start = time.perf_counter()
    probabilities = np.zeros((len(task["test_texts"]), task["classes"]))
    for row, text in zip(probabilities, in_words(task["test_texts"], reading), strict=True):
        labels, values = model.predict(" ".join(tokens(text)), k=-1)
        for label, value in zip(labels, values, strict=True):
            row[int(label.removeprefix(_LABEL))] = min(value, 1.0)
    seconds = time.perf_counter() - start
    file = folder / "model.bin"
    model.save_model(str(file))
    np.save(folder / "probabilities.npy", probabilities)
    answer = {
        "predicted": probabilities.argmax(axis=1).tolist(),
        "predict_seconds": seconds,
        "documents_per_second": len(probabilities) / seconds,
        "model_bytes": file.stat().st_size,
        "chosen": {},
        "versions": {"fastText": _version()},
    }
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _version() -> str:
    name = metadata.packages_distributions()["fasttext"][0]
    return f"{metadata.version(name)} ({name})"


if __name__ == "__main__":
    main()
