"""Labels are values, not spellings: what is one class, what is no label, and in which order."""

import unicodedata
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hoiquy.data.labels.cells import canonical_name, class_order, label_key, label_names


@pytest.mark.parametrize(
    "value",
    [
        1, 1.0, "1", "1.0", "1.00", "+1", " 1\u00a0", Decimal("1.00"), np.float32(1), np.int8(1),
        np.uint64(1), np.array(1), np.array([1]), np.str_("1"), b"1", [1], ["1"], "[1]", "1\u200b",
    ],
)  # fmt: skip
def test_equal_numbers_are_one_class(value: Any) -> None:
    assert label_names(value) == ["1"]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("007", "007"),  # a code, not the number
        ("9007199254740993", "9007199254740993"),  # beyond what a float holds
        (2**70, str(2**70)),
        (float(np.float32(0.1)), "0.1"),  # as a Parquet file of 32-bit numbers gives it
        (np.float32(0.1), "0.1"),
        (0.1, "0.1"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        ("-0.0", "0"),
        ("-1.50", "-1.5"),
        ("1e5", "1e5"),
        ("1.2.3", "1.2.3"),
        ("[SEP]", "[SEP]"),
        ("nan", "nan"),
        ("NA", "NA"),
        ("neg \ud83d", "neg ?"),
        ("  rất \u00a0\u3000tệ\t", "rất tệ"),
        (unicodedata.normalize("NFD", "tiêu cực"), "tiêu cực"),
        ("po\u200bs\ufeff", "pos"),
        (["pos"], "pos"),
        ("['pos']", "pos"),
        ('["it\'s"]', "it's"),
        ([["pos"]], "pos"),
        (["pos", "pos "], "pos"),
        (np.array(["pos"], object), "pos"),
    ],
)
def test_names(value: Any, name: str) -> None:
    assert label_names(value) == [name]


@pytest.mark.parametrize(
    "value",
    [
        None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT, Decimal("nan"),
        Decimal("sNaN"), "", " \u00a0", "\u200b", "\u200d", [], [None], "[]", np.array([]),
    ],
)  # fmt: skip
def test_no_label(value: Any) -> None:
    assert label_names(value) == []


def test_several_labels_and_none_that_is_one() -> None:
    assert label_names(["pos", 1, "1.0"]) == ["pos", "1"]
    assert label_names("['a', 'b']") == ["a", "b"]
    with pytest.raises(ValueError, match="an object"):
        label_names({"label": "pos"})


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (str(np.array(["a b", "c"])), ["a b", "c"]),
        (str(np.array([3, 17])), ["3", "17"]),
        (str(np.array([0.0, 1.5])), ["0", "1.5"]),
        (str(["it's", 'a "quote"']), ["it's", 'a "quote"']),
        (str(['it\'s "both"']), ['it\'s "both"']),
        (str(["a", None]), ["a"]),
        (str(("a",)), ["a"]),
        (str(("a", "b")), ["a", "b"]),
        (str({"a"}), ["a"]),
        ("()", []),
        ("set()", []),
        ("[ ]", []),
    ],
)
def test_lists_as_python_and_numpy_print_them(printed: str, names: list[str]) -> None:
    assert label_names(printed) == names


@pytest.mark.parametrize(
    "name", ["(a)", "(1, 2)", "{'a': 1}", "[a, b]", "[it's 'x']", "['a' or b]"]
)
def test_names_with_brackets_are_no_lists(name: str) -> None:
    assert label_names(name) == [name]


def test_spellings_of_truth_and_of_emoji_are_one_class() -> None:
    assert len({label_key(*label_names(value)) for value in (True, np.True_, "true", "TRUE")}) == 1
    assert label_key("❤\ufe0f") == label_key("❤")
    assert label_key("Pos") != label_key("pos")
    assert label_names("👩\u200d💻") == ["👩\u200d💻"]  # shown as it is


def test_numbers_by_size_then_names() -> None:
    classes = ["3", "nan", "10", "inf", "2", "9007199254740993", "9007199254740992", "-1", "a"]
    expected = ["-1", "2", "3", "10", "9007199254740992", "9007199254740993", "a", "inf", "nan"]
    for at in range(len(classes)):
        assert sorted(classes[at:] + classes[:at], key=class_order) == expected


@given(st.text())
def test_names_and_keys_are_idempotent(text: str) -> None:
    assert canonical_name(canonical_name(text)) == canonical_name(text)
    assert label_key(label_key(text)) == label_key(text) == label_key(canonical_name(text))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["NFC", "NFD"]))
def test_either_form_of_unicode_is_the_same_name(text: str, form: Any) -> None:
    assert canonical_name(unicodedata.normalize(form, text)) == canonical_name(text)


@example(size=1048576.25, whole=0)  # exact in 32 bits, though 32 bits alone show fewer digits
@example(size=float(np.float32(0.1)), whole=1)
@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers())
def test_a_number_is_called_alike_in_every_type(size: float, whole: int) -> None:
    assert label_names(size) == label_names(np.float32(size)) == label_names(label_names(size)[0])
    assert label_names(whole) == label_names(str(whole)) == label_names(Decimal(whole))


@given(st.lists(st.one_of(st.text(min_size=1), st.integers().map(str)), unique=True), st.randoms())
def test_order_is_that_of_no_row(names: list[str], random: Any) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)
    assert sorted(shuffled, key=class_order) == sorted(names, key=class_order)
