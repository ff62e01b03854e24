"""From a data set and a recipe to encoded training, validation and test documents."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import DataError
from hoiquy.events import Listener, Preparing, ignore
from hoiquy.recipe import DataTable, Recipe, TextTable
from hoiquy.text import (
    FIRST_WORD,
    EncodedDocuments,
    Ngrams,
    Subwords,
    TextRules,
    Vocabulary,
    number_words,
    pad,
)


@dataclass(frozen=True)
class Split:
    """Encoded documents of one split; padded only when a batch is asked for."""

    documents: EncodedDocuments
    labels: NDArray[np.int32]  # (documents,)
    classes: int
    table: DataTable

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(documents,) steps that are not padding, after truncation."""
        return np.minimum(np.diff(self.documents.starts), self.table.max_length)

    @property
    def words(self) -> NDArray[np.int64]:
        """(documents,) the words of each document, before truncation."""
        return self.documents.lengths - 1  # the first index only marks the start

    def indices(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """(rows, max_length) indices, padded and truncated as the recipe says."""
        table = self.table
        return pad(self.documents, rows, table.max_length, table.padding, table.truncating)

    def targets(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(rows, classes) one-hot."""
        return np.eye(self.classes, dtype=np.float32)[self.labels[rows]]

    def part(self, begin: int, end: int) -> "Split":
        """The documents from one up to another."""
        starts = self.documents.starts[begin : end + 1]
        indices = self.documents.indices[starts[0] : starts[-1]]
        documents = EncodedDocuments(indices, starts - starts[0])
        return Split(documents, self.labels[begin:end], self.classes, self.table)


@dataclass(frozen=True)
class Prepared:
    """Everything an engine needs beside the recipe."""

    vocabulary: Vocabulary
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]

    @property
    def classes(self) -> int:
        return self.train.classes


def prepare(
    recipe: Recipe,
    dataset: Dataset,
    on_event: Listener = ignore,
    vocabulary: Vocabulary | None = None,
) -> Prepared:
    """Build the vocabulary from the training documents, encode all, split off the validation.

    A `vocabulary` that exists already is kept.

    Unless the data set has one, the validation set is the tail of the training documents, as
    Keras' validation_split takes it; its words are in the vocabulary, as in the lab. Raises
    DataError when a split is empty.
    """
    on_event(Preparing("vocabulary"))
    rules = vocabulary.rules if vocabulary else learnt_rules(recipe, dataset.train.texts)
    numbered = number_words(dataset.train.texts, rules)
    vocabulary = vocabulary or Vocabulary.rank(numbered, recipe.text.num_words, rules)
    on_event(Preparing("encoding"))
    encoded = vocabulary.encode_numbered(numbered)
    if recipe.text.ngrams > 1 and vocabulary.ngrams is None:
        found = Ngrams.count(encoded, recipe.text.ngrams, recipe.text.ngram_min_count)
        vocabulary = replace(vocabulary, ngrams=found)
    train = _split(recipe, dataset, dataset.train, encoded)
    test = encode_split(recipe, dataset, dataset.test, vocabulary)
    if dataset.validation is not None:
        validation = encode_split(recipe, dataset, dataset.validation, vocabulary)
        return Prepared(vocabulary, train, validation, test, dataset.classes)
    cut = _tail(recipe, dataset)
    parts = train.part(0, cut), train.part(cut, len(train)), test
    return Prepared(vocabulary, *parts, dataset.classes)


def text_rules(table: TextTable, subwords: Subwords | None = None) -> TextRules:
    """How a recipe's texts become words."""
    return TextRules(table.normalization, table.tokenizer, table.segmentation, subwords)


def learnt_rules(recipe: Recipe, texts: Sequence[str]) -> TextRules:
    """The rules, with subwords that the training texts teach where the recipe wants them."""
    rules = text_rules(recipe.text)
    if rules.tokenizer != "subword":
        return rules
    pieces = recipe.text.num_words - FIRST_WORD
    normalized = map(rules.normalized, texts)
    return text_rules(recipe.text, Subwords.train(normalized, pieces))


def _tail(recipe: Recipe, dataset: Dataset) -> int:
    """Where the validation documents begin. Raises DataError if a part would be empty."""
    documents = len(dataset.train)
    cut = math.floor(documents * (1 - recipe.data.validation_fraction))  # as Keras rounds it
    if not 0 < cut < documents:
        raise DataError(
            f"{dataset.name}: {documents} training documents are too few for "
            f"data.validation_fraction = {recipe.data.validation_fraction}; give more documents "
            f"or another fraction"
        )
    return cut


def encode_split(
    recipe: Recipe, dataset: Dataset, documents: Documents, vocabulary: Vocabulary
) -> Split:
    """Encode one split with a vocabulary that exists already."""
    return _split(recipe, dataset, documents, vocabulary.encode_all(documents.texts))


def _split(
    recipe: Recipe, dataset: Dataset, documents: Documents, encoded: EncodedDocuments
) -> Split:
    labels = np.asarray(documents.labels, np.int32)
    return Split(encoded, labels, len(dataset.classes), recipe.data)
