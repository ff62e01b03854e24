"""Encode unlabelled texts."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import TableOptions
from hoiquy.data.stored_texts import StoredTexts, TextStore
from hoiquy.data.unlabelled.sources import unlabelled_texts
from hoiquy.errors import DataError, InputError, RecipeError
from hoiquy.events import DataRead, Listener, Preparing, ignore, reading
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import FIRST_WORD, IMDB, EncodedDocuments, Vocabulary, count_tokens
from hoiquy.training.encoding.prepare import fit_tokenizer

_AT_ONCE = 1_000_000  # tokens
_SHORTEST = 2  # tokens of a document with a next word to predict
_LARGEST_HELD_OUT = 0.1  # of all documents

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Encoded documents, some of them held out.

    documents: all of them.
    train, held_out: numbers of documents with something to predict.
    counts: (rows of the embedding,), of each word in the training documents.
    """

    vocabulary: Vocabulary
    documents: EncodedDocuments
    train: Rows
    held_out: Rows
    counts: NDArray[np.int64]

    @property
    def has_perplexity(self) -> bool:
        """Whether the held-out documents have a word of the vocabulary."""
        starts, indices = self.documents.starts, self.documents.indices
        return any(
            (indices[starts[document] : starts[document + 1]] >= FIRST_WORD).any()
            for document in self.held_out
        )

    @property
    def tokens(self) -> int:
        """Words to train on, and a start token for each document."""
        return int(self.counts.sum())


def pretraining_table(recipe: Recipe) -> PretrainingTable:
    """The recipe's `[pretraining]`, or the defaults."""
    return recipe.pretraining or PretrainingTable()


def listed(texts: Any) -> list[Any]:
    """A source, or a list of sources, as a list. Raises InputError if it is empty."""
    if isinstance(texts, str | Path | Dataset) or not isinstance(texts, Sequence | Iterator):
        return [texts]  # iterating over a frame yields its columns
    sources = list(texts)
    if not sources:
        raise InputError("no texts to train on: name at least one source")
    return sources


def read_bare(
    sources: Iterable[Any], options: TableOptions, all_rows: bool, on_event: Listener
) -> Iterator[str]:
    """The texts of all sources, as `unlabelled_texts` reads them."""
    for source in sources:
        yield from unlabelled_texts(
            source, options, all_rows, reading(on_event), lambda line: on_event(DataRead(line))
        )


def stored(texts: Iterable[str]) -> StoredTexts:
    """Store the texts that are not empty, outside memory. Raises WriteError."""
    store = TextStore()
    for text in texts:
        if text and not text.isspace():
            store.append(text)
    return store.texts()


def fingerprint(texts: Sequence[str]) -> str:
    """The sha256 (hex) over the texts in order."""
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little"))
        digest.update(encoded)
    return digest.hexdigest()


def encode_corpus(
    recipe: Recipe,
    texts: Sequence[str],
    on_event: Listener = ignore,
    vocabulary: Vocabulary | None = None,
) -> Corpus:
    """Build the vocabulary unless given, encode, and hold some documents out.

    Raises DataError for too few words, RecipeError for a recipe whose word indices differ from
    those of hoiquy's own networks.
    """
    if recipe.text.scheme != IMDB:
        raise RecipeError(
            f"{recipe.name}: a language model needs text.start = 1, text.unknown = 2 and "
            f"text.first_word = 4"
        )
    if len(texts) < 2:
        raise DataError(f"{len(texts)} documents to pretrain on: expected two or more with words")
    on_event(Preparing("vocabulary"))
    rules = vocabulary.rules if vocabulary else fit_tokenizer(recipe, texts)
    counted = count_tokens(texts, rules)
    is_held_out = _held_out(len(texts), recipe)
    # A word of held-out documents alone would have no gradient but that of never being predicted.
    vocabulary = vocabulary or Vocabulary.rank(
        counted, recipe.text.num_words, rules, without=np.flatnonzero(is_held_out).tolist()
    )
    on_event(Preparing("encoding"))
    documents = vocabulary.encode_counted(counted)
    is_usable = documents.lengths >= _SHORTEST
    corpus = Corpus(
        vocabulary,
        documents,
        np.flatnonzero(is_usable & ~is_held_out),
        np.flatnonzero(is_usable & is_held_out),
        _counts(documents, is_held_out, rows_of(recipe, vocabulary)),
    )
    if not len(corpus.train) or not len(corpus.held_out):
        raise too_few_words(corpus)
    return corpus


def too_few_words(corpus: Corpus) -> DataError:
    """The error for documents without a word to train on, or to score the perplexity on."""
    return DataError(
        f"the {len(corpus.documents):,} documents have too few words to pretrain on: give more "
        f"texts"
    )


def rows_of(recipe: Recipe, vocabulary: Vocabulary) -> int:
    """The number of embedding rows that occur in documents."""
    return min(recipe.text.num_words, len(vocabulary.words) + FIRST_WORD)


def _held_out(documents: int, recipe: Recipe) -> NDArray[np.bool_]:
    """(documents,): whether each is held out, by the recipe's seed."""
    wanted = pretraining_table(recipe).held_out_documents
    count = max(1, min(wanted, int(documents * _LARGEST_HELD_OUT)))
    rng = keyed_generator(recipe.training.seed, Purpose.LANGUAGE_MODEL_HELD_OUT)
    chosen = np.zeros(documents, bool)
    chosen[rng.choice(documents, count, replace=False)] = True
    return chosen


def _counts(
    documents: EncodedDocuments, held_out: NDArray[np.bool_], rows: int
) -> NDArray[np.int64]:
    counts = np.zeros(rows, np.int64)
    for begin in range(0, len(documents.indices), _AT_ONCE):  # they may not fit into memory
        counts += np.bincount(documents.indices[begin : begin + _AT_ONCE], minlength=rows)
    for document in np.flatnonzero(held_out):
        begin, end = documents.starts[document : document + 2]
        counts -= np.bincount(documents.indices[begin:end], minlength=rows)
    return counts
