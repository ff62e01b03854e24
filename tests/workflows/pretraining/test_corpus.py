"""From texts to documents: nothing is lost, and what is held out is not learnt from."""

import numpy as np
import pytest
from pretraining_models import sentences, small_corpus, small_recipe

from hoiquy.errors import DataError
from hoiquy.workflows.pretraining.corpus import encode_corpus, stored


def test_documents_are_held_out_whole() -> None:
    recipe = small_recipe("pretraining.held_out_documents=7")
    corpus = small_corpus(recipe)
    assert (len(corpus.train), len(corpus.held_out)) == (83, 7)
    assert not set(corpus.train) & set(corpus.held_out)
    documents = corpus.documents
    learnt = np.concatenate(
        [documents.indices[documents.starts[n] : documents.starts[n + 1]] for n in corpus.train]
    )
    np.testing.assert_array_equal(np.bincount(learnt, minlength=14), corpus.counts)
    assert corpus.tokens == len(learnt)
    assert corpus.counts[2] > 0 and corpus.counts[1] == len(corpus.train)


def test_a_small_corpus_holds_out_a_tenth_at_most() -> None:
    recipe = small_recipe("pretraining.held_out_documents=400")
    assert len(small_corpus(recipe, 50).held_out) == 5
    assert len(small_corpus(recipe, 4).held_out) == 1


def test_the_seed_says_what_is_held_out() -> None:
    one, same, other = (small_corpus(small_recipe(f"training.seed={s}")) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.held_out, same.held_out)
    assert not np.array_equal(one.held_out, other.held_out)


def test_blank_texts_are_no_documents() -> None:
    assert list(stored(["a b", "", "  \t", "c\u3000d"])) == ["a b", "c\u3000d"]


@pytest.mark.parametrize("texts", [[], ["one text alone"], ["!!", "??"]])
def test_too_little_to_learn_from(texts: list[str]) -> None:
    with pytest.raises(DataError):
        encode_corpus(small_recipe(), texts)


def test_the_texts_need_not_hold_the_words_of_the_vocabulary() -> None:
    recipe = small_recipe()
    vocabulary = small_corpus(recipe).vocabulary
    corpus = encode_corpus(recipe, [*sentences(20), "chua gap bao gio"], vocabulary=vocabulary)
    assert corpus.vocabulary is vocabulary
