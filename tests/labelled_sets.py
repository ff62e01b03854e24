"""Small labelled sets of invented words for the judge."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

TELLING = {"fruit": "mango", "tool": "hammer", "river": "danube"}


def write_set(folder: Path, train: int = 60, test: int = 30, seed: int = 0) -> Path:
    """Write rows of a class after those of another; a word of most texts tells the class."""
    rng = np.random.default_rng(seed)
    for name, count in (("train", train), ("test", test)):
        rows = []
        for label, word in TELLING.items():
            for number in range(count // len(TELLING)):
                words = [f"word{drawn}" for drawn in rng.integers(40, size=6)]
                words[int(rng.integers(6))] = word if rng.random() < 0.9 else "thing"
                rows.append((f"{' '.join(words)} {name}{number}", label))
        write_rows(folder / f"{name}.csv", rows)
    return folder


def write_rows(path: Path, rows: Iterable[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
