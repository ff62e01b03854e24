"""Miniatures of Keras' data sets, and a home without any."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def isolate(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make an empty folder the home, the cache, Keras' folder and the current folder."""
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setenv("HOIQUY_CACHE", str(home / "cache"))
    for variable in ("HOIQUY_IMDB", "KERAS_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(home)


def ragged(rows: Sequence[Any]) -> np.ndarray:
    array = np.empty(len(rows), dtype=object)
    array[:] = [list(row) for row in rows]
    return array


def documents(count: int, seed: int) -> np.ndarray:
    """Lists of ranks from 1 to 20 of different lengths, none empty."""
    rng = np.random.default_rng(seed)
    return ragged([rng.integers(1, 21, rng.integers(1, 12)).tolist() for _ in range(count)])


def write_imdb(path: Path, count: int = 9) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = np.arange(count) % 2
    x_train, x_test = documents(count, 0), documents(count - 2, 1)
    np.savez(path, x_train=x_train, y_train=labels, x_test=x_test, y_test=labels[2:])
    return path


def write_reuters(path: Path, count: int = 11) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, x=documents(count, 2), y=np.arange(count) % 4)
    return path


def write_tree(root: Path, reviews: dict[str, list[bytes]]) -> Path:
    """Write reviews in the official layout: "train/pos" to its reviews, and so on."""
    for place, texts in reviews.items():
        (root / place).mkdir(parents=True)
        for number, text in enumerate(texts):
            (root / place / f"{number}_7.txt").write_bytes(text)
    return root
