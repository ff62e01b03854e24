"""Which n-grams the linear classifier of an ensemble counts."""

import pytest

from hoiquy.linear.features import NgramSettings
from hoiquy.workflows.ensemble.data_size import DataSize
from hoiquy.workflows.ensemble.ngrams import ngrams_of, ngrams_within_words
from miniatures import miniature

_WORDS = miniature("auto", "text.tokenizer=unicode")
_CHARACTERS = miniature("auto", "text.tokenizer=characters")
_LONG = 16_000_016


def test_characters_count_unless_there_are_too_many() -> None:
    assert ngrams_of(_WORDS, DataSize(9, 2, 6)) == NgramSettings(3, (2, 6))
    assert ngrams_of(_WORDS, DataSize(9, 2, _LONG)) == NgramSettings(3, None)


def test_ngrams_of_characters_need_time_for_each_class() -> None:
    assert ngrams_of(_WORDS, DataSize(9, 20, 1_000_000), seconds=30).characters == (2, 6)
    assert ngrams_of(_WORDS, DataSize(9, 200, 1_000_000), seconds=30).characters is None
    assert ngrams_of(_WORDS, DataSize(9, 200, 1_000_000)).characters == (2, 6)
    assert ngrams_of(_WORDS, DataSize(9, 200, 1_000_000), seconds=6).words == 1
    assert ngrams_of(_CHARACTERS, DataSize(9, 200, 1_000_000), seconds=6).characters == (1, 6)


def test_where_words_do_not_recur_characters_always_count() -> None:
    assert ngrams_of(_CHARACTERS, DataSize(9, 2, 6)) == NgramSettings(3, (1, 6))
    assert ngrams_of(_CHARACTERS, DataSize(9, 2, _LONG)) == NgramSettings(3, (1, 6))


@pytest.mark.parametrize("classes", [2, 20, 77, 1000])
def test_the_stored_classifier_stays_below_40_mb(classes: int) -> None:
    for characters in (6, _LONG):
        settings = ngrams_of(_WORDS, DataSize(9, classes, characters))
        columns = settings.most * settings.kinds
        assert columns * (8 + 4 + 2 * classes) <= 40e6
        assert settings.most > 9_000


def test_ngrams_within_words_are_tried_where_that_takes_little_time() -> None:
    small, long = DataSize(9, 2, 100_000), DataSize(9, 2, 5_000_000)
    assert ngrams_within_words(ngrams_of(_WORDS, small), small) == (2, 5)
    assert ngrams_within_words(ngrams_of(_WORDS, small, 60), small, 60) == (2, 5)
    assert ngrams_within_words(ngrams_of(_WORDS, small, 1), small, 1) is None
    assert ngrams_within_words(ngrams_of(_WORDS, long), long) is None
    assert ngrams_within_words(ngrams_of(_CHARACTERS, small), small) is None
