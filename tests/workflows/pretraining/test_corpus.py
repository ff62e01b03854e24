"""From texts to pieces: nothing is lost, and what is held out is not learnt from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pretraining_models import sentences, small_corpus, small_recipe

from hoiquy.errors import DataError
from hoiquy.text import EncodedDocuments
from hoiquy.workflows.pretraining.corpus import cut_evenly, encode_corpus, stored


@given(lengths=st.lists(st.integers(0, 40), min_size=1, max_size=12), longest=st.integers(1, 15))
@settings(max_examples=80, deadline=None)
def test_cutting_loses_no_token_and_cuts_evenly(lengths: list[int], longest: int) -> None:
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    documents = EncodedDocuments(np.arange(starts[-1], dtype=np.int32), starts)
    pieces, document_of = cut_evenly(documents, longest)
    np.testing.assert_array_equal(pieces.indices, documents.indices)
    assert len(pieces) == len(document_of) == sum(-(-length // longest) for length in lengths)
    for document, length in enumerate(lengths):
        own = pieces.lengths[document_of == document]
        assert own.sum() == length
        assert length == 0 or (own.max() <= longest and own.max() - own.min() <= 1)


def test_documents_are_held_out_whole() -> None:
    recipe = small_recipe("pretraining.held_out_documents=7")
    corpus = small_corpus(recipe)
    assert (corpus.documents, corpus.held_out_documents) == (83, 7)
    assert not set(corpus.train) & set(corpus.held_out)
    pieces = corpus.pieces
    learnt = np.concatenate(
        [pieces.indices[pieces.starts[row] : pieces.starts[row + 1]] for row in corpus.train]
    )
    np.testing.assert_array_equal(np.bincount(learnt, minlength=14), corpus.counts)
    assert corpus.tokens == len(learnt)
    assert corpus.counts[2] > 0 and corpus.counts[1] == corpus.documents


def test_a_small_corpus_holds_out_a_tenth_at_most() -> None:
    recipe = small_recipe("pretraining.held_out_documents=400")
    assert small_corpus(recipe, 50).held_out_documents == 5
    assert small_corpus(recipe, 4).held_out_documents == 1


def test_the_seed_says_what_is_held_out() -> None:
    one, same, other = (small_corpus(small_recipe(f"training.seed={s}")) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.held_out, same.held_out)
    assert not np.array_equal(one.held_out, other.held_out)


def test_blank_texts_are_no_documents() -> None:
    assert list(stored(["a b", "", "  \t", "c\u3000d"])) == ["a b", "c\u3000d"]


@pytest.mark.parametrize("texts", [[], ["one text alone"], ["a", "b", "c"], ["!!", "??"]])
def test_too_little_to_learn_from(texts: list[str]) -> None:
    with pytest.raises(DataError):
        encode_corpus(small_recipe("data.max_length=1"), texts)


def test_the_texts_need_not_hold_the_words_of_the_vocabulary() -> None:
    recipe = small_recipe()
    vocabulary = small_corpus(recipe).vocabulary
    corpus = encode_corpus(recipe, [*sentences(20), "chua gap bao gio"], vocabulary=vocabulary)
    assert corpus.vocabulary is vocabulary
