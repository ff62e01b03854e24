from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.data import splits
from hoiquy.data.dataset import Documents
from hoiquy.data.splits import fixed_order, hold_out, in_fixed_order
from hoiquy.data.text_key import text_key


def test_the_fixed_order_never_changes() -> None:
    # Written down once: a saved run relies on these for ever.
    assert fixed_order(8, "train").tolist() == [6, 4, 7, 5, 1, 0, 2, 3]
    assert fixed_order(8, "test").tolist() == [4, 7, 3, 6, 1, 5, 2, 0]


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_it_is_a_permutation(count: int) -> None:
    order = fixed_order(count, "train")
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(count))


def test_labels_move_with_their_texts() -> None:
    documents = Documents([f"text {n}" for n in range(50)], np.arange(50, dtype=np.int32))
    shuffled = in_fixed_order(documents, "train")
    assert shuffled.texts != documents.texts
    assert [f"text {n}" for n in shuffled.labels] == shuffled.texts


def test_the_tail_of_sorted_classes_is_fair() -> None:
    labels = np.repeat(np.array([0, 1], dtype=np.int32), 12_500)
    share = labels[fixed_order(25_000, "train")][-2500:].mean()
    assert 0.47 < share < 0.53


@given(st.lists(st.tuples(st.text("ab ", max_size=4), st.integers(0, 2)), max_size=60))
def test_equal_texts_stay_on_one_side_and_the_test_part_never_grows(
    documents: list[tuple[str, int]],
) -> None:
    texts = [text for text, _ in documents]
    labels = np.array([label for _, label in documents], dtype=np.int32)
    train, test = hold_out(texts, labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splits, "_AT_ONCE", 2)
        np.testing.assert_array_equal(hold_out(texts, labels)[1], test)
    assert sorted([*train, *test]) == list(range(len(texts)))
    assert train.tolist() == sorted(train) and test.tolist() == sorted(test)

    def squeezed(rows: np.ndarray) -> set[str]:
        return {texts[row].replace(" ", "") for row in rows}

    assert not squeezed(train) & squeezed(test)
    for label in range(3):
        assert np.sum(labels[test] == label) <= np.sum(labels == label) // 5


def test_a_fifth_of_each_class_is_held_out_exactly_if_most_texts_are_single() -> None:
    texts = [f"text {n}" for n in range(95)] + ["the same"] * 3 + ["twice", " twice "]
    labels = np.array([0] * 40 + [1] * 60, dtype=np.int32)
    _, test = hold_out(texts, labels)
    assert np.bincount(labels[test]).tolist() == [8, 12]


def test_the_split_depends_on_the_texts_and_not_on_their_order() -> None:
    texts = [f"text {n}" for n in range(40)]
    labels = np.array([0, 1] * 20, dtype=np.int32)
    _, test = hold_out(texts, labels)
    _, reversed_test = hold_out(texts[::-1], labels[::-1])
    assert {texts[row] for row in test} == {texts[::-1][row] for row in reversed_test}


@given(st.text(alphabet="ab \x00\ud800\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0é\u2028"))
def test_white_space_of_any_kind_is_left_out_of_the_key(text: str) -> None:
    squeezed = "".join(text.split()).encode("utf-8", "surrogatepass")
    assert text_key(text) == blake2b(squeezed, digest_size=16).digest()
