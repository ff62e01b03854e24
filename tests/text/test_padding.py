from itertools import chain
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.errors import ShapeError
from hoiquy.text import EncodedDocuments, pad

SIDES = st.sampled_from(["left", "right"])
Side = Literal["left", "right"]


def encoded(documents: list[list[int]]) -> EncodedDocuments:
    starts = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    return EncodedDocuments(np.array(list(chain(*documents)), dtype=np.int32), starts)


def naive(document: list[int], length: int, padding: str, truncating: str) -> list[int]:
    if len(document) > length:
        document = document[-length:] if truncating == "left" else document[:length]
    zeros = [0] * (length - len(document))
    return zeros + document if padding == "left" else document + zeros


@given(
    st.lists(st.lists(st.integers(1, 2**31 - 1), max_size=9), max_size=6),
    st.integers(1, 8),
    SIDES,
    SIDES,
    st.data(),
)
def test_it_agrees_with_a_naive_reference(
    documents: list[list[int]], length: int, padding: Side, truncating: Side, data: st.DataObject
) -> None:
    everything = pad(encoded(documents), None, length, padding, truncating)
    assert everything.shape == (len(documents), length)
    assert everything.dtype == np.int32
    assert everything.tolist() == [naive(d, length, padding, truncating) for d in documents]

    numbers = st.integers(0, len(documents) - 1)
    chosen_rows = data.draw(st.lists(numbers, max_size=8)) if documents else []
    rows = np.array(chosen_rows, dtype=np.int64)
    chosen = pad(encoded(documents), rows, length, padding, truncating)
    np.testing.assert_array_equal(chosen, everything[rows])


def test_the_lab_pads_and_truncates_on_the_left() -> None:
    padded = pad(encoded([[1, 5, 6, 7], [1, 8], []]), None, 3, "left", "left")
    assert padded.tolist() == [[5, 6, 7], [0, 1, 8], [0, 0, 0]]


def test_the_documents_are_not_modified() -> None:
    documents = encoded([[1, 2, 3]])
    pad(documents, None, 3, "left", "left")[:] = 9
    assert documents.indices.tolist() == [1, 2, 3]


@pytest.mark.parametrize("rows", [[-1], [2], [0, 5]])
def test_a_row_that_is_no_document_is_an_error(rows: list[int]) -> None:
    with pytest.raises(ShapeError, match="expected 0 to 1"):
        pad(encoded([[1], [2]]), np.array(rows, dtype=np.int64), 3, "left", "left")


def test_a_length_or_side_that_cannot_be_is_an_error() -> None:
    with pytest.raises(ShapeError, match="length 0"):
        pad(encoded([[1]]), None, 0, "left", "left")
    with pytest.raises(ShapeError, match="'post'"):
        pad(encoded([[1]]), None, 2, "post", "left")  # type: ignore[arg-type]


@pytest.mark.parametrize("starts", [[], [0], [0, 3], [1, 2], [0, 2, 1, 2]])
def test_starts_that_do_not_fit_the_indices_are_an_error(starts: list[int]) -> None:
    with pytest.raises(ShapeError):
        EncodedDocuments(np.array([4, 5], dtype=np.int32), np.array(starts, dtype=np.int64))
