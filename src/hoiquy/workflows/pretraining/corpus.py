"""Encode unlabelled texts as pieces of documents."""

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
_SHORTEST = 2  # tokens of a piece with a next word to predict
_LARGEST_HELD_OUT = 0.1  # of all documents

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents in pieces of at most `data.max_length` tokens, some of them held out."""

    vocabulary: Vocabulary
    pieces: EncodedDocuments  # of all documents
    train: Rows  # numbers of the training pieces with something to predict
    held_out: Rows  # the same, of the held-out documents
    counts: NDArray[np.int64]  # (rows of the embedding,), of each word in the training documents
    documents: int  # to train on
    held_out_documents: int

    @property
    def tokens(self) -> int:
        """Words to train on, and a start token for each document."""
        return int(self.counts.sum())


def pretraining_table(recipe: Recipe) -> PretrainingTable:
    """The recipe's `[pretraining]`, or the defaults."""
    return recipe.pretraining or PretrainingTable()


def listed(texts: Any) -> list[Any]:
    """A source, or a list of sources, as a list. Raises InputError if it is empty."""
    if isinstance(texts, str | Path | Dataset):
        return [texts]
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
    """Build the vocabulary unless given, encode, cut into pieces, and hold some documents out.

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
    vocabulary = vocabulary or Vocabulary.rank(counted, recipe.text.num_words, rules)
    on_event(Preparing("encoding"))
    documents = vocabulary.encode_counted(counted)
    pieces, document_of = cut_evenly(documents, recipe.data.max_length)
    held_out = _held_out(len(documents), recipe)
    is_held_out = held_out[document_of]
    is_usable = pieces.lengths >= _SHORTEST
    corpus = Corpus(
        vocabulary,
        pieces,
        np.flatnonzero(is_usable & ~is_held_out),
        np.flatnonzero(is_usable & is_held_out),
        _counts(documents, held_out, rows_of(recipe, vocabulary)),
        documents=int((~held_out).sum()),
        held_out_documents=int(held_out.sum()),
    )
    if not len(corpus.train) or not len(corpus.held_out):
        raise DataError(
            f"the {len(documents):,} documents have too few words to pretrain on, in pieces of "
            f"data.max_length = {recipe.data.max_length}: give more texts, or longer pieces"
        )
    return corpus


def rows_of(recipe: Recipe, vocabulary: Vocabulary) -> int:
    """The number of embedding rows that occur in documents."""
    return min(recipe.text.num_words, len(vocabulary.words) + FIRST_WORD)


def cut_evenly(documents: EncodedDocuments, longest: int) -> tuple[EncodedDocuments, Rows]:
    """Cut documents longer than `longest` into the fewest pieces of about equal length.

    Returns the pieces, in order, and the document of each, (pieces,).
    """
    lengths = documents.lengths
    parts = -(-lengths // longest)  # an empty document has none
    document_of = np.repeat(np.arange(len(documents)), parts)
    number = np.arange(len(document_of)) - np.repeat(np.cumsum(parts) - parts, parts)
    of_one = lengths[document_of] * number // parts[document_of]
    starts = np.append(documents.starts[document_of] + of_one, len(documents.indices))
    return EncodedDocuments(documents.indices, starts), document_of


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
