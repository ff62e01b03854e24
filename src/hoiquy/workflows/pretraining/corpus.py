"""From bare texts to pieces of documents, as numbers."""

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
from hoiquy.data.unlabelled.sources import bare_texts
from hoiquy.errors import DataError, InputError, RecipeError
from hoiquy.events import DataRead, Listener, Preparing, ignore, reading
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import FIRST_WORD, IMDB, EncodedDocuments, Indices, Vocabulary, count_tokens
from hoiquy.training.encoding.prepare import fit_tokenizer

_AT_ONCE = 1_000_000  # tokens
_SHORTEST = 2  # tokens of a piece that has a next word to predict
_LARGEST_HELD_OUT = 0.1  # of all documents

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents in pieces of at most `data.max_length` tokens, some of them held out.

    pieces: of all documents. train, held_out: the numbers of the pieces of either kind that have
    something to predict. counts: (rows of the embedding,), how often the training pieces hold each
    word. documents, held_out_documents: how many of either kind.
    """

    vocabulary: Vocabulary
    pieces: EncodedDocuments
    train: Rows
    held_out: Rows
    counts: NDArray[np.int64]
    documents: int
    held_out_documents: int

    @property
    def tokens(self) -> int:
        """Words to train on, and a mark at the start of each document."""
        return int(self.counts.sum())


def pretraining_table(recipe: Recipe) -> PretrainingTable:
    """What the recipe says of pretraining, or the defaults."""
    return recipe.pretraining or PretrainingTable()


def listed(texts: Any) -> list[Any]:
    """One source, or several in a list, as a list. Raises InputError if there is none."""
    if isinstance(texts, str | Path | Dataset):
        return [texts]
    sources = list(texts)
    if not sources:
        raise InputError("no texts to learn from: name at least one source")
    return sources


def read_bare(
    sources: Iterable[Any], options: TableOptions, all_rows: bool, on_event: Listener
) -> Iterator[str]:
    """The texts of some sources, one after the other, as `bare_texts` gives them."""
    progress = reading(on_event)

    def say(line: str) -> None:
        on_event(DataRead(line))

    for source in sources:
        yield from bare_texts(source, options, all_rows, progress, say)


def stored(texts: Iterable[str]) -> StoredTexts:
    """The texts that hold something, where they need not fit into memory. Raises WriteError."""
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
    """Build the vocabulary unless there is one, encode, cut, and hold some documents out.

    Raises DataError if there is nothing to learn from, RecipeError for a recipe that numbers words
    otherwise than hoiquy's own networks.
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
    can_be_learnt = pieces.lengths >= _SHORTEST
    corpus = Corpus(
        vocabulary,
        pieces,
        np.flatnonzero(can_be_learnt & ~is_held_out),
        np.flatnonzero(can_be_learnt & is_held_out),
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
    """How many rows of an embedding a document can reach."""
    return min(recipe.text.num_words, len(vocabulary.words) + FIRST_WORD)


def cut_evenly(documents: EncodedDocuments, longest: int) -> tuple[EncodedDocuments, Rows]:
    """Cut what is longer than `longest` into as few pieces as will do, of about one length.

    Returns the pieces, which are all tokens in their order, and the document of each, (pieces,).
    """
    lengths = documents.lengths
    parts = -(-lengths // longest)  # an empty document has none
    document_of = np.repeat(np.arange(len(documents)), parts)
    number = np.arange(len(document_of)) - np.repeat(np.cumsum(parts) - parts, parts)
    of_one = lengths[document_of] * number // parts[document_of]
    starts = np.append(documents.starts[document_of] + of_one, len(documents.indices))
    return EncodedDocuments(documents.indices, starts), document_of


def _held_out(documents: int, recipe: Recipe) -> NDArray[np.bool_]:
    """(documents,): which ones the perplexity is measured on, by the recipe's seed."""
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
    for tokens in _some(documents.indices):
        counts += np.bincount(tokens, minlength=rows)
    for document in np.flatnonzero(held_out):
        begin, end = documents.starts[document : document + 2]
        counts -= np.bincount(documents.indices[begin:end], minlength=rows)
    return counts


def _some(indices: Indices) -> Iterator[NDArray[np.int32]]:
    """Some of them after the others: there may be more than memory holds."""
    for begin in range(0, len(indices), _AT_ONCE):
        yield indices[begin : begin + _AT_ONCE]
