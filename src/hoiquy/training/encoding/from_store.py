"""Prepared documents from a token store, mapped into memory."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from hoiquy.data.token_store import PARTS, TokenStore
from hoiquy.errors import DataError, RecipeError, ShapeError
from hoiquy.recipe.recipe import Recipe, TextTable
from hoiquy.runs.files import NGRAMS, parse_vocabulary
from hoiquy.text import EncodedDocuments, Ngrams, Shards, Vocabulary
from hoiquy.training.encoding.prepared import Prepared, Split, split_of


def prepared_from(store: TokenStore, recipe: Recipe, test_documents: int) -> Prepared:
    """As `prepare` for this recipe and the encoded data.

    test_documents: of the data set; 0 without a test. Raises RecipeError if the recipe's tokenizer
    or validation fraction differs from the store's, DataError if the store is damaged.
    """
    for key, stored, wanted in _differences(store, recipe):
        raise RecipeError(
            f"{store.folder} was encoded with {key} = {stored}, but the recipe has {wanted}: "
            f"encode the data again with this recipe, or pass --set {key}={stored}"
        )
    try:
        vocabulary = _vocabulary(store, recipe)
        train, validation, test = (_split(store, recipe, part) for part in PARTS)
    except ShapeError as error:
        raise DataError(f"{store.folder} is damaged: {error}; encode the data again") from error
    if not test_documents:
        test = test.part(0, 0)
    return Prepared(vocabulary, train, validation, test, tuple(store.facts.classes))


def _differences(store: TokenStore, recipe: Recipe) -> Iterator[tuple[str, object, object]]:
    """The keys of the encoding in which the store and the recipe differ, with both values."""
    try:
        stored = TextTable.model_validate(store.facts.text)
    except ValidationError as error:
        raise DataError(
            f"{store.folder} was encoded by hoiquy {store.facts.hoiquy}, whose [text] this version "
            f"does not know; encode the data again"
        ) from error
    for key, value in stored.model_dump().items():
        wanted = getattr(recipe.text, key)
        if value != wanted:
            yield f"text.{key}", value, wanted
    fraction = store.facts.validation_fraction
    if fraction not in (None, recipe.data.validation_fraction):
        yield "data.validation_fraction", fraction, recipe.data.validation_fraction


def _vocabulary(store: TokenStore, recipe: Recipe) -> Vocabulary:
    source = str(store.folder)
    vocabulary = parse_vocabulary(recipe, store.read, source)
    if recipe.text.ngrams == 1:
        return vocabulary
    ngrams = Ngrams.parse(store.read(NGRAMS), vocabulary.words, f"{source}: {NGRAMS}")
    return replace(vocabulary, ngrams=ngrams)


def _split(store: TokenStore, recipe: Recipe, part: str) -> Split:
    documents = EncodedDocuments(Shards(store.tokens(part)), store.starts(part))
    return split_of(recipe, documents, store.labels(part), len(store.facts.classes))
