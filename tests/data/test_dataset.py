import numpy as np
import pytest

from hoiquy.data import Dataset, Documents
from hoiquy.errors import DataError, ShapeError


def documents(texts: list[str], labels: list[int]) -> Documents:
    return Documents(texts, np.array(labels, dtype=np.int32))


def dataset(train: Documents, classes: tuple[str, ...] = ("neg", "pos")) -> Dataset:
    return Dataset("name", classes, train, documents(["end"], [1]), "description", False)


def test_the_fingerprint_covers_classes_texts_labels_and_order() -> None:
    same = [dataset(documents(["a", "b"], [0, 1])).fingerprint() for _ in range(2)]
    assert same[0] == same[1]
    others = [
        dataset(documents(["a", "b"], [1, 0])),
        dataset(documents(["b", "a"], [0, 1])),
        dataset(documents(["b", "a"], [1, 0])),
        dataset(documents(["ab", ""], [0, 1])),
        dataset(documents(["a", "b"], [0, 1]), ("neg", "POS")),
        dataset(documents(["a", "b\ud800"], [0, 1])),
    ]
    assert len({same[0], *(other.fingerprint() for other in others)}) == 7


def test_the_fingerprint_does_not_depend_on_the_name_or_the_place() -> None:
    train = documents(["a", "b"], [0, 1])
    there = Dataset("there", ("neg", "pos"), train, documents(["end"], [1]), "other", True)
    assert there.fingerprint() == dataset(train).fingerprint()


def test_one_label_a_text_is_needed() -> None:
    with pytest.raises(ShapeError, match="one a text"):
        documents(["a", "b"], [0])


@pytest.mark.parametrize("labels", [[0, 2], [-1, 0]])
def test_a_label_without_a_class_is_refused(labels: list[int]) -> None:
    with pytest.raises(DataError, match="expected 0 to 1"):
        dataset(documents(["a", "b"], labels))
