"""A small data set in the official layout, of invented words, and a recipe that learns it."""

from pathlib import Path

import numpy as np

LAYERS = """
[[model.layers]]
type = "embedding"
units = 8

[[model.layers]]
type = "lstm"
units = 8

[[model.layers]]
type = "dense"
activation = "sigmoid"
"""
SMALL = (
    """
name = "small"
data = {max_length = 16}
training = {epochs = 3, learning_rate = 0.01, batch_size = 32}
"""
    + LAYERS
)


def write_reviews(root: Path, each: int, seed: int = 0) -> Path:
    """Write `each` reviews a class and split; the word "mango" or "lemon" tells the class."""
    rng = np.random.default_rng(seed)
    filler = [f"word{number}" for number in range(30)]
    for part in ("train", "test"):
        for label, telling in (("neg", "lemon"), ("pos", "mango")):
            folder = root / part / label
            folder.mkdir(parents=True)
            for number in range(each):
                words = list(rng.choice(filler, 12))
                words.insert(int(rng.integers(12)), telling)
                (folder / f"{number}_7.txt").write_text(f"{' '.join(words)} {part} {number}")
    return root
