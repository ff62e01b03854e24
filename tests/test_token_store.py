"""A training from a token store gives the bits of one from the data; what is wrong is refused."""

import json
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

import hoiquy
from hoiquy import run_files, store_writing
from hoiquy.data import load_dataset
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.token_store import STORE, StoreFacts
from hoiquy.encode_run import encode
from hoiquy.errors import DataError, HoiquyError, RecipeError, RunError
from hoiquy.events import ignore
from hoiquy.recipe import Recipe
from hoiquy.sealed_files import read_sealed
from hoiquy.train_run import resume, train
from hoiquy.verification import retrain, verify
from miniatures import WORDS, miniature

RECIPE = miniature("fast", "training.min_steps=0", "text.ngram_min_count=2")


def write_table(path: Path, documents: int = 120, seed: int = 1) -> Path:
    """Random words, of two classes; some documents twice, some with half a character."""
    rng = np.random.default_rng(seed)
    with path.open("w") as file:
        for number in range(documents):
            words = [*rng.choice(WORDS, rng.integers(1, 12)), f"d{number // 2}", "\ud800 đ 😀"]
            row = {"text": " ".join(words), "label": "yn"[int(rng.integers(2))]}
            file.write(json.dumps(row) + "\n")
    return path


def stored(data: Path, out: Path, recipe: Recipe = RECIPE, tokens: int = 100, **how: Path) -> Path:
    """A store whose files hold few tokens, so that there are many."""
    with patch.object(store_writing, "SHARD_TOKENS", tokens):
        encode(data, recipe, out, on_event=ignore, **how)
    return out


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("table") / "table.jsonl")


@pytest.fixture(scope="module")
def store(table: Path) -> Path:
    return stored(table, table.parent / "store")


def test_a_training_gives_the_same_bits(table: Path, store: Path, tmp_path: Path) -> None:
    assert len(list(store.glob("train-tokens-*.bin"))) > 3
    train(table, RECIPE, tmp_path / "direct", on_event=ignore)
    train(store, RECIPE, tmp_path / "stored", on_event=ignore)
    for name in run_files.REPEATABLE:
        assert read_sealed(tmp_path / "direct", name) == read_sealed(tmp_path / "stored", name)
    print(verify(store), verify(tmp_path / "stored"), retrain(tmp_path / "stored"))
