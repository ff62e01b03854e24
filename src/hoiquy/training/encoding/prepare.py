"""Encode the training, validation and test documents of a data set."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.stored_texts import TextStore
from hoiquy.errors import DataError, ShapeError
from hoiquy.events import Listener, Preparing, ignore
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.text import EncodedDocuments, Ngrams, Subwords, Tokenizer, Vocabulary, count_tokens
from hoiquy.training.encoding.from_store import prepared_from
from hoiquy.training.encoding.prepared import Prepared, SoftLabelledDocuments, Split, split_of


def prepare(
    recipe: Recipe,
    dataset: Dataset,
    on_event: Listener = ignore,
    vocabulary: Vocabulary | None = None,
    soft_labelled: SoftLabelledDocuments | None = None,
) -> Prepared:
    """Build the vocabulary from the training documents, encode all, split off the validation.

    Unless the data set has one, the validation set is the tail of the training documents, as with
    Keras' validation_split; its words are in the vocabulary. Documents of a token store are mapped,
    not encoded.

    Args:
        recipe: the recipe.
        dataset: its documents.
        on_event: called with each event.
        vocabulary: by default built from the training documents.
        soft_labelled: documents to train on after the labelled ones.

    Raises:
        DataError: a split is empty; or a token store is combined with a vocabulary or soft labels.
        RecipeError: the recipe's tokenizer differs from the token store's.
    """
    if dataset.encoded is not None:
        return _from_store(recipe, dataset, vocabulary, soft_labelled)
    on_event(Preparing("vocabulary"))
    texts = _all_texts(dataset, soft_labelled)
    rules = vocabulary.rules if vocabulary else fit_tokenizer(recipe, texts)
    counted = count_tokens(texts, rules, partial(_report_progress, on_event, len(texts)))
    vocabulary = vocabulary or Vocabulary.rank(
        counted, recipe.text.num_words, rules, recipe.text.scheme
    )
    on_event(Preparing("encoding"))
    encoded = vocabulary.encode_counted(counted)
    if recipe.text.ngrams > 1 and vocabulary.ngrams is None:
        found = Ngrams.count(encoded, recipe.text.ngrams, recipe.text.ngram_min_count)
        vocabulary = replace(vocabulary, ngrams=found)
    train, more = _labelled_and_soft_labelled(recipe, dataset, soft_labelled, encoded)
    test = encode_split(recipe, dataset, dataset.test, vocabulary)
    if dataset.validation is not None:
        validation = encode_split(recipe, dataset, dataset.validation, vocabulary)
    else:
        cut = _tail(recipe, dataset)
        train, validation = train.part(0, cut), train.part(cut, len(train))
    if more is None:
        return Prepared(vocabulary, train, validation, test, dataset.classes)
    parts = train.followed_by(more), validation, test
    return Prepared(vocabulary, *parts, dataset.classes, len(more))


def _report_progress(on_event: Listener, documents: int, done: int) -> None:
    if done < documents:
        on_event(Preparing("vocabulary", done=done, total=documents))


def _from_store(
    recipe: Recipe,
    dataset: Dataset,
    vocabulary: Vocabulary | None,
    soft_labelled: SoftLabelledDocuments | None,
) -> Prepared:
    store = dataset.encoded
    assert store is not None
    if vocabulary is not None or soft_labelled is not None:
        other = "a language model's words" if soft_labelled is None else "soft-labelled texts"
        raise DataError(
            f"{store.folder} is a token store, which cannot be combined with {other}: name the "
            f"data that it was encoded from"
        )
    return prepared_from(store, recipe, len(dataset.test))


def _all_texts(dataset: Dataset, soft_labelled: SoftLabelledDocuments | None) -> Sequence[str]:
    """The texts whose words are counted; they need not fit into memory."""
    if soft_labelled is None:
        return dataset.train.texts
    store = TextStore()
    for text in chain(dataset.train.texts, soft_labelled.texts):
        store.append(text)
    return store.texts()


def _labelled_and_soft_labelled(
    recipe: Recipe,
    dataset: Dataset,
    soft_labelled: SoftLabelledDocuments | None,
    encoded: EncodedDocuments,
) -> tuple[Split, Split | None]:
    """Raises ShapeError for probabilities of other classes, DataError for several labels."""
    if soft_labelled is None:
        return _split(recipe, dataset, dataset.train, encoded), None
    if dataset.multilabel:
        raise DataError(
            f"{dataset.name} has several labels per document, soft labels have one: train without"
        )
    classes = len(dataset.classes)
    if soft_labelled.probabilities.shape[1] != classes:
        raise ShapeError(
            f"probabilities {soft_labelled.probabilities.shape} for {classes} classes of "
            f"{dataset.name}"
        )
    labels = np.concatenate([dataset.train.labels, soft_labelled.probabilities.argmax(axis=1)])
    every = split_of(recipe, encoded, labels, classes)
    first = every.part(0, len(dataset.train))
    last = every.part(len(dataset.train), len(every))
    return first, replace(last, soft=soft_labelled.probabilities)


def labelled_parts(recipe: Recipe, dataset: Dataset) -> tuple[Documents, Documents]:
    """The labelled documents that `prepare` trains on and validates on. Raises DataError too."""
    if dataset.validation is not None:
        return dataset.train, dataset.validation
    cut, rows = _tail(recipe, dataset), np.arange(len(dataset.train))
    return dataset.train.take(rows[:cut]), dataset.train.take(rows[cut:])


def fit_tokenizer(recipe: Recipe, texts: Sequence[str]) -> Tokenizer:
    """The recipe's tokenizer; a subword tokenizer is trained on the texts."""
    rules = build_tokenizer(recipe.text)
    if rules.tokenizer != "subword":
        return rules
    pieces = recipe.text.num_words - recipe.text.first_word
    normalized = map(rules.normalized, texts)
    return build_tokenizer(recipe.text, Subwords.train(normalized, pieces))


def _tail(recipe: Recipe, dataset: Dataset) -> int:
    """The first validation document. Raises DataError if a part would be empty."""
    documents = len(dataset.train)
    cut = math.floor(documents * (1 - recipe.data.validation_fraction))  # as Keras rounds it
    if not 0 < cut < documents:
        raise DataError(
            f"{dataset.name}: {documents} training documents are too few for "
            f"data.validation_fraction = {recipe.data.validation_fraction}; add documents, or "
            f"change the fraction"
        )
    return cut


def encode_split(
    recipe: Recipe, dataset: Dataset, documents: Documents, vocabulary: Vocabulary
) -> Split:
    """Encode one split with a vocabulary."""
    return _split(recipe, dataset, documents, vocabulary.encode_all(documents.texts))


def _split(
    recipe: Recipe, dataset: Dataset, documents: Documents, encoded: EncodedDocuments
) -> Split:
    return split_of(recipe, encoded, documents.labels, len(dataset.classes))
