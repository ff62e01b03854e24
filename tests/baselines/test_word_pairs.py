"""Words and pairs against scikit-learn's counter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from hoiquy.baselines.word_pairs import WordPairs

PATTERN = r'[^\s.,"()!?;:]+|[.,"()!?;:]'
texts = st.lists(st.text("abB .!\"'é(\n", max_size=14), min_size=1, max_size=8)


@settings(deadline=None)
@given(texts, texts)
def test_it_is_scikit_learns_with_numbers_for_strings(learnt: list[str], other: list[str]) -> None:
    theirs = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=PATTERN)
    ours = WordPairs()
    try:
        expected = theirs.fit_transform(learnt)
    except ValueError:
        with pytest.raises(ValueError, match="no words"):
            ours.learn(learnt)
        return
    for found, wanted in (
        (ours.learn(learnt), expected),
        (ours.find(other), theirs.transform(other)),
    ):
        assert found.shape == wanted.shape
        # columns have another order: the same ones, whichever document they are looked at from
        assert _columns(found) == _columns(wanted)


def _columns(matrix: object) -> list[tuple[float, ...]]:
    return sorted(map(tuple, np.asarray(matrix.toarray(), float).T.tolist()))  # type: ignore[attr-defined]
