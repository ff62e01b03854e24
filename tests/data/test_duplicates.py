"""Duplicates are found as if every text was hashed."""

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.duplicates import duplicated_rows
from hoiquy.data.text_key import text_key


def dataset(train: list[str], test: list[str]) -> Dataset:
    def documents(texts: list[str]) -> Documents:
        return Documents(texts, np.zeros(len(texts), np.int32))

    return Dataset("invented", ("a", "b"), documents(train), documents(test), "", False)


def test_the_form_of_unicode_does_not_count() -> None:
    train = ["phim hay, diễn viên giỏi", "café"]
    test = [unicodedata.normalize("NFD", text) for text in train]
    assert test != train
    assert duplicated_rows(dataset(train, test)).tolist() == [0, 1]


def test_white_space_does_not_count_and_nothing_else_is_left_out() -> None:
    long = "one beginning that very many of the texts have in common, and then "
    train = ["a film", f"{long} an end", "Große  Klasse", "", "x" * 200]
    test = ["afilm", f" {long}\n\nanend", f"{long} another end", "a film!", "Große\xa0Klasse", " "]
    test += [" " * 500 + "x" * 200, "x" * 199]
    assert duplicated_rows(dataset(train, test)).tolist() == [0, 1, 4, 6]


texts = st.lists(st.text("ab \n\xa0\u1680éẫ\u0301\ud800", max_size=100), max_size=12)


@given(texts, texts, st.data())
def test_duplicates_agree_with_hashing_every_text(
    train: list[str], test: list[str], data: st.DataObject
) -> None:
    for text in data.draw(st.lists(st.sampled_from(train), max_size=4)) if train else []:
        spaces = data.draw(st.sampled_from([" ", "\n", " " * 80, "\u1680"]))
        at = data.draw(st.integers(0, len(text)))
        form = data.draw(st.sampled_from(["NFC", "NFD"]))
        test.append(unicodedata.normalize(form, text[:at] + spaces + text[at:]))
    train_keys = {text_key(text) for text in train} - {text_key("")}
    wanted = [row for row, text in enumerate(test) if text_key(text) in train_keys]
    assert duplicated_rows(dataset(train, test)).tolist() == wanted
