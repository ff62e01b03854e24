"""Small data sets in the official layout, made of invented words."""

from pathlib import Path

import numpy as np
import pytest


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


@pytest.fixture(scope="session")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("reviews") / "aclImdb", each=40)


SMALL = """
name = "small"
data = {max_length = 16}
training = {epochs = 3, learning_rate = 0.01, batch_size = 32}

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


@pytest.fixture
def small_recipe(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path
