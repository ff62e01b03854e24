"""The facts that the lab rests on, measured over the real archive where it is at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from hoiquy.data import Dataset, load_dataset
from hoiquy.text import Vocabulary

BESIDE = Path(__file__).parents[4] / "shared" / "data" / "aclImdb_v1.tar.gz"
# Read before the fixtures give each test a machine of its own.
PLACE = Path(os.environ.get("HOIQUY_IMDB") or BESIDE).absolute()

pytestmark = pytest.mark.skipif(
    not PLACE.exists() or PLACE.suffix == ".npz",
    reason="needs the official reviews: set HOIQUY_IMDB to aclImdb or aclImdb_v1.tar.gz",
)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset(PLACE)


def test_the_official_split_is_whole_and_balanced(dataset: Dataset) -> None:
    assert dataset.official_test
    for documents in (dataset.train, dataset.test):
        assert np.bincount(documents.labels).tolist() == [12_500, 12_500]
    assert 0.47 < dataset.train.labels[-2500:].mean() < 0.53


def test_the_vocabulary_has_the_embedding_height_of_the_lab(dataset: Dataset) -> None:
    vocabulary = Vocabulary.build(dataset.train.texts, num_words=10_000)
    assert len(vocabulary.words) == 88_584
    assert vocabulary.words[:3] == ("the", "and", "a")
    for documents in (dataset.train, dataset.test):
        encoded = vocabulary.encode_all(documents.texts)
        assert len(encoded) == 25_000
        assert encoded.indices.min() == 1
        assert encoded.indices.max() == 9_999
