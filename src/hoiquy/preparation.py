"""From a data set and a recipe to encoded training, validation and test documents."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Documents, Labels
from hoiquy.data.stored_texts import TextStore
from hoiquy.errors import DataError, ShapeError
from hoiquy.events import Listener, Preparing, ignore
from hoiquy.recipe import DataTable, Recipe, TextTable
from hoiquy.text import (
    EncodedDocuments,
    Ngrams,
    Subwords,
    TextRules,
    Vocabulary,
    number_words,
    pad,
)


@dataclass(frozen=True, eq=False)
class TaughtDocuments:
    """Documents without a label, and what teachers make of them.

    probabilities: (documents, classes) float32, of which each row adds up to 1.
    Raises ShapeError if there is not one row a text.
    """

    texts: Sequence[str]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.probabilities.ndim != 2 or len(self.probabilities) != len(self.texts):
            raise ShapeError(
                f"probabilities {self.probabilities.shape}: expected ({len(self.texts)}, classes), "
                f"one row a text"
            )

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Split:
    """Encoded documents of one split; padded only when a batch is asked for."""

    documents: EncodedDocuments
    labels: Labels  # (documents,), or (documents, classes) of 0 and 1, as of `Documents`
    classes: int
    table: DataTable
    soft: NDArray[np.float32] | None = None  # (documents, classes); labels are then its argmax
    starts_marked: bool = True  # the first index of each document marks its start

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def multilabel(self) -> bool:
        """Whether a document may have several labels, or none."""
        return self.labels.ndim == 2

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(documents,) steps that are not padding, after truncation."""
        return np.minimum(np.diff(self.documents.starts), self.table.max_length)

    @property
    def words(self) -> NDArray[np.int64]:
        """(documents,) the words of each document, before truncation."""
        return self.documents.lengths - int(self.starts_marked)

    def indices(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """(rows, max_length) indices, padded and truncated as the recipe says."""
        table = self.table
        return pad(self.documents, rows, table.max_length, table.padding, table.truncating)

    def targets(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(rows, classes): the labels as 0 and 1, or the probabilities where there are some."""
        if self.soft is not None:
            return self.soft[rows]
        if self.multilabel:
            return self.labels[rows].astype(np.float32)
        return np.eye(self.classes, dtype=np.float32)[self.labels[rows]]

    def part(self, begin: int, end: int) -> "Split":
        """The documents from one up to another."""
        starts = self.documents.starts[begin : end + 1]
        indices = self.documents.indices[starts[0] : starts[-1]]
        documents = EncodedDocuments(indices, starts - starts[0])
        soft = None if self.soft is None else self.soft[begin:end]
        return replace(self, documents=documents, labels=self.labels[begin:end], soft=soft)

    def followed_by(self, other: "Split") -> "Split":
        """The documents of both, and what each is to be answered by."""
        first, second = self.documents, other.documents
        documents = EncodedDocuments(
            np.concatenate([first.indices, second.indices]),
            np.concatenate([first.starts, first.starts[-1] + second.starts[1:]]),
        )
        parts = [part.targets(np.arange(len(part))) for part in (self, other)]
        labels = np.concatenate([self.labels, other.labels])
        return replace(self, documents=documents, labels=labels, soft=np.concatenate(parts))


@dataclass(frozen=True)
class Prepared:
    """Everything an engine needs beside the recipe.

    taught: how many of the last training documents have the probabilities of teachers for a label.
    """

    vocabulary: Vocabulary
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    taught: int = 0

    @property
    def classes(self) -> int:
        return self.train.classes

    @property
    def multilabel(self) -> bool:
        """Whether a document may have several labels, or none."""
        return self.train.multilabel

    def labelled(self) -> "Prepared":
        """The same without the documents that were taught."""
        if not self.taught:
            return self
        return replace(self, train=self.train.part(0, len(self.train) - self.taught), taught=0)


def prepare(
    recipe: Recipe,
    dataset: Dataset,
    on_event: Listener = ignore,
    vocabulary: Vocabulary | None = None,
    taught: TaughtDocuments | None = None,
) -> Prepared:
    """Build the vocabulary from the training documents, encode all, split off the validation.

    A `vocabulary` that exists already is kept. `taught` documents are trained on after the labelled
    ones; their words count as those of the others do.

    Where the documents come from a token store, that is read, and nothing encoded.

    Unless the data set has one, the validation set is the tail of the training documents, as
    Keras' validation_split takes it; its words are in the vocabulary, as in the lab. Raises
    DataError when a split is empty; for a token store, also if there is a vocabulary or something
    taught, and RecipeError if the recipe makes other words of texts.
    """
    if dataset.encoded is not None:
        return _from_store(recipe, dataset, vocabulary, taught)
    on_event(Preparing("vocabulary"))
    texts = _all_texts(dataset, taught)
    rules = vocabulary.rules if vocabulary else learnt_rules(recipe, texts)
    numbered = number_words(texts, rules, partial(_tell, on_event, len(texts)))
    vocabulary = vocabulary or Vocabulary.rank(
        numbered, recipe.text.num_words, rules, recipe.text.scheme
    )
    on_event(Preparing("encoding"))
    encoded = vocabulary.encode_numbered(numbered)
    if recipe.text.ngrams > 1 and vocabulary.ngrams is None:
        found = Ngrams.count(encoded, recipe.text.ngrams, recipe.text.ngram_min_count)
        vocabulary = replace(vocabulary, ngrams=found)
    train, more = _labelled_and_taught(recipe, dataset, taught, encoded)
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


def _tell(on_event: Listener, documents: int, done: int) -> None:
    if done < documents:  # of few, nothing but that it begins
        on_event(Preparing("vocabulary", done=done, total=documents))


def _from_store(
    recipe: Recipe, dataset: Dataset, vocabulary: Vocabulary | None, taught: TaughtDocuments | None
) -> Prepared:
    from hoiquy.stored_preparation import prepared_from  # which needs this module

    store = dataset.encoded
    assert store is not None
    if vocabulary is not None or taught is not None:
        what = "a language model brings words" if taught is None else "a lesson brings texts"
        raise DataError(
            f"{store.folder} is a token store, and {what} of its own: give the data that it was "
            f"encoded from"
        )
    return prepared_from(store, recipe, len(dataset.test))


def _all_texts(dataset: Dataset, taught: TaughtDocuments | None) -> Sequence[str]:
    """What words are counted in: they need not fit into memory."""
    if taught is None:
        return dataset.train.texts
    store = TextStore()
    for text in chain(dataset.train.texts, taught.texts):
        store.append(text)
    return store.texts()


def _labelled_and_taught(
    recipe: Recipe, dataset: Dataset, taught: TaughtDocuments | None, encoded: EncodedDocuments
) -> tuple[Split, Split | None]:
    """Raises ShapeError for probabilities of other classes, DataError for several labels."""
    if taught is None:
        return _split(recipe, dataset, dataset.train, encoded), None
    if dataset.multilabel:
        raise DataError(
            f"{dataset.name} has several labels a document, soft labels have one: train without"
        )
    classes = len(dataset.classes)
    if taught.probabilities.shape[1] != classes:
        raise ShapeError(
            f"probabilities {taught.probabilities.shape} for {classes} classes of {dataset.name}"
        )
    labels = np.concatenate([dataset.train.labels, taught.probabilities.argmax(axis=1)])
    every = split_of(recipe, encoded, labels, classes)
    first = every.part(0, len(dataset.train))
    last = every.part(len(dataset.train), len(every))
    return first, replace(last, soft=taught.probabilities)


def labelled_parts(recipe: Recipe, dataset: Dataset) -> tuple[Documents, Documents]:
    """The labelled documents that `prepare` trains on, and those that it validates on.

    Raises DataError as it does.
    """
    if dataset.validation is not None:
        return dataset.train, dataset.validation
    cut, rows = _tail(recipe, dataset), np.arange(len(dataset.train))
    return dataset.train.take(rows[:cut]), dataset.train.take(rows[cut:])


def text_rules(table: TextTable, subwords: Subwords | None = None) -> TextRules:
    """How a recipe's texts become words."""
    return TextRules(table.normalization, table.tokenizer, table.segmentation, subwords)


def learnt_rules(recipe: Recipe, texts: Sequence[str]) -> TextRules:
    """The rules, with subwords that the training texts teach where the recipe wants them."""
    rules = text_rules(recipe.text)
    if rules.tokenizer != "subword":
        return rules
    pieces = recipe.text.num_words - recipe.text.first_word
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
    return split_of(recipe, encoded, documents.labels, len(dataset.classes))


def split_of(recipe: Recipe, documents: EncodedDocuments, labels: Labels, classes: int) -> Split:
    """Documents that were encoded as the recipe says."""
    numbers = labels.astype(np.uint8) if labels.ndim == 2 else labels.astype(np.int32)
    return Split(documents, numbers, classes, recipe.data, None, recipe.text.start != "none")
