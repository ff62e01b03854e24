"""`tensorflow_datasets`: imdb_reviews, from the reviews on this machine. Nothing is downloaded."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from hoiquy.data.imdb.folder import read_reviews as read_files
from hoiquy.data.imdb.locate import find_imdb
from hoiquy.data.imdb.movie_reviews import locate_csv, read_reviews
from hoiquy.data.splits import hold_out
from hoiquy.errors import DataError
from hoiquy.keras.concrete import as_tensor, encoded
from hoiquy.keras.datasets.notice import report_once
from hoiquy.keras.errors import KerasError
from hoiquy.keras.pipeline.dataset import Dataset
from hoiquy.keras.usage import record_used

__all__ = ["as_numpy", "disable_progress_bar", "enable_progress_bar", "load"]

_NAMES = ("imdb_reviews", "imdb_reviews/plain_text")
_CLASSES = ("neg", "pos")
_UNLABELLED, _NO_LABEL = "unsupervised", -1
_PART = re.compile(r"(?P<name>\w+)(?:\[(?P<start>-?\d+%?)?:(?P<stop>-?\d+%?)?\])?")


class _Reviews(NamedTuple):
    """Some reviews in UTF-8, and their labels."""

    texts: list[bytes]
    labels: list[int]

    def select(self, rows: Any) -> "_Reviews":
        return _Reviews([self.texts[row] for row in rows], [self.labels[row] for row in rows])


def load(
    name: str, split: Any = None, data_dir: Any = None, batch_size: int | None = None,
    shuffle_files: bool = False, download: bool = True, as_supervised: bool = False,
    with_info: bool = False, **ignored: Any,
) -> Any:  # fmt: skip
    """The data set imdb_reviews, in a fixed random order.

    The reviews come from the official folder or archive, or else from the package movie-reviews,
    which has the training part only (20,000 and 5,000 of it are given); a line on stderr says so.

    Args:
        name: "imdb_reviews".
        split: "train", "test" or "unsupervised", also as "train[:60%]" and "train+test", or a list
            of them; None for a dictionary of all.
        data_dir: Has no effect.
        batch_size: Reviews of a batch; -1 for all as tensors; None for single reviews.
        shuffle_files: Has no effect: the order is random already.
        download: Has no effect.
        as_supervised: Whether elements are (text, label), else dictionaries.
        with_info: Whether to return the description of the data set, too.
        **ignored: Further arguments without an effect.

    Raises:
        KerasError: It is another data set, or there is no such split.
        DataError: A file is damaged.
    """
    record_used("tensorflow_datasets.load")
    if name not in _NAMES:
        raise KerasError(_refusal(name))
    splits = list(_parts()) if split is None else split
    if isinstance(splits, list | tuple):
        found = [_dataset(one, batch_size, as_supervised) for one in splits]
        given: Any = dict(zip(splits, found, strict=True)) if split is None else found
    else:
        given = _dataset(splits, batch_size, as_supervised)
    return (given, _info()) if with_info else given


def as_numpy(dataset: Any) -> Any:
    """The elements of a data set, or a tensor, as arrays of NumPy."""
    return dataset.as_numpy_iterator() if isinstance(dataset, Dataset) else dataset.numpy()


def disable_progress_bar() -> None:
    """Do nothing: nothing is downloaded."""


def enable_progress_bar() -> None:
    """Do nothing."""


def _refusal(name: Any) -> str:
    if str(name).startswith("imdb_reviews/"):
        return (
            f"tfds.load({name!r}): only the plain texts are here: load 'imdb_reviews' and use the "
            "layer TextVectorization"
        )
    return (
        f"tfds.load({name!r}): only imdb_reviews is here: read your copy of the data, for example "
        "with pandas, and use tf.data.Dataset.from_tensor_slices"
    )


def _dataset(split: Any, batch_size: int | None, as_supervised: bool) -> Any:
    texts: list[bytes] = []
    labels: list[int] = []
    for part in str(split).split("+"):
        reviews = _selected(part)
        texts += reviews.texts
        labels += reviews.labels
    text, label = as_tensor(np.array([*texts, b""], object)[:-1]), np.array(labels, np.int64)
    rows: Any = (text, label) if as_supervised else {"label": label, "text": text}
    if batch_size == -1:
        return rows
    dataset = Dataset.from_tensor_slices(rows)
    return dataset if batch_size is None else dataset.batch(batch_size)


def _selected(part: str) -> _Reviews:
    """The reviews of one part, such as "train[:60%]"."""
    found = _PART.fullmatch(part.strip())
    parts = _parts()
    if found is None or found["name"] not in parts:
        raise KerasError(f"split={part!r}: expected {', '.join(parts)}, also as 'train[:60%]'")
    reviews = parts[found["name"]]
    total = len(reviews.texts)
    start, stop = (_bound(found[side], total) for side in ("start", "stop"))
    return reviews.select(range(total)[start:stop])


def _bound(written: str | None, total: int) -> int | None:
    if written is None:
        return None
    if written.endswith("%"):
        return round(total * int(written[:-1]) / 100)
    return int(written)


@cache
def _parts() -> dict[str, _Reviews]:
    """All reviews by part, in a fixed random order."""
    path = find_imdb()
    if path is None or path.suffix == ".npz":
        found = dict(_from_package(locate_csv()))
    else:
        found = dict(_from_files(path))
    rng = np.random.default_rng(0)
    return {name: one.select(rng.permutation(len(one.texts))) for name, one in found.items()}


def _from_files(path: Path) -> Iterator[tuple[str, _Reviews]]:
    for part in ("train", "test"):
        files = read_files(path, (part,), _CLASSES, None)
        if not files:
            raise DataError(f"{path}: no reviews in {part}/pos and {part}/neg")
        labels = [_CLASSES.index(label) for _, label, _ in sorted(files)]
        yield part, _Reviews([files[key] for key in sorted(files)], labels)
    try:
        files = read_files(path, ("train",), ("unsup",), None)
    except DataError:  # a folder of which only the labelled reviews were kept
        files = {}
    if files:
        yield _UNLABELLED, _Reviews([files[key] for key in sorted(files)], [_NO_LABEL] * len(files))
    report_once(f"imdb_reviews: the reviews of {path}")


def _from_package(path: Path) -> Iterator[tuple[str, _Reviews]]:
    documents = read_reviews(path, "imdb")
    texts = [encoded(text) for text in documents.texts]
    reviews = _Reviews(texts, documents.labels.tolist())
    train, test = hold_out(documents.texts, documents.labels)
    report_once(
        f"imdb_reviews: {len(train):,} training and {len(test):,} test reviews, all from the "
        "official training part, as in the package movie-reviews; for the official split, run "
        "hoiquy data fetch imdb"
    )
    yield "train", reviews.select(train.tolist())
    yield "test", reviews.select(test.tolist())


def _info() -> SimpleNamespace:
    """What scripts read of the description: splits and their sizes, features and class names."""
    splits = {
        name: SimpleNamespace(name=name, num_examples=len(reviews.texts))
        for name, reviews in _parts().items()
    }
    label = SimpleNamespace(num_classes=2, names=list(_CLASSES), dtype="int64", shape=())
    text = SimpleNamespace(dtype="string", shape=())
    return SimpleNamespace(
        name="imdb_reviews", full_name="imdb_reviews/plain_text/1.0.0", splits=splits,
        features={"label": label, "text": text}, supervised_keys=("text", "label"),
        description="Film reviews (Maas et al. 2011): negative 0, positive 1.",
    )  # fmt: skip
