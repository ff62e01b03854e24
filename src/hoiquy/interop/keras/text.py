"""How a text becomes the indices that an imported model reads: from a description, a file of words
or the model's TextVectorization layer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hoiquy.errors import DataError, InputError
from hoiquy.interop.keras.reader import KerasNetwork
from hoiquy.interop.keras.word_files import Words, read_words
from hoiquy.interop.text_description import TextDescription, parse_text_description
from hoiquy.recipe.recipe import Side, TextTable
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.system.bounded_read import read_regular_file
from hoiquy.text import IMDB, SCHEMES, IndexScheme, Numbering, Vocabulary
from hoiquy.text.tokenizer import TokenizerKind

_MOST_TEXT = 2**28  # bytes of a text description or a vocabulary
# Indices that are read of a document where the model takes any length: Keras' IMDB example uses
# 200. Behind a mask padding changes nothing, so more only means that less is cut off.
DEFAULT_LENGTH, DEFAULT_MASKED_LENGTH = 200, 1000


@dataclass(frozen=True)
class Reading:
    """What neither the model nor a file of words says; None where the default holds.

    numbering: how words are numbered. padding, truncating: the sides; by default those of
    `pad_sequences`, left, or for text-vectorization right. max_length: indices of a document, for
    a model that takes any length.
    """

    numbering: Numbering | None = None
    padding: Side | None = None
    truncating: Side | None = None
    max_length: int | None = None


BY_DEFAULT = Reading()


def text_of(
    network: KerasNetwork,
    path: Path,
    description: Path | None,
    vocabulary: Path | None,
    classes: Sequence[str],
    reading: Reading,
) -> tuple[TextDescription, list[str]]:
    """The text rules of the model at `path`, and notes on what was assumed.

    Raises InputError where they are not known, or a source of them is damaged.
    """
    if network.text_layer is not None:
        _refuse_sides(reading, "the model's TextVectorization layer")
        if description is not None or vocabulary is not None:
            raise InputError(
                f"{path} has a TextVectorization layer, which has the words: leave "
                f"--text-description and --vocabulary out"
            )
        layer = network.text_layer
        words = Words(layer.words, "text-vectorization")
        return _described(network, path, words, layer.tokenizer, classes, reading)
    if vocabulary is not None:
        words = read_words(_read(vocabulary), reading.numbering, str(vocabulary))
        is_layer = words.numbering == "text-vectorization"
        tokenizer: TokenizerKind = "whitespace+lower+strip" if is_layer else "keras"
        try:
            return _described(network, path, words, tokenizer, classes, reading)
        except DataError as error:
            raise InputError(f"{vocabulary} is no list of words, one a line: {error}") from error
    _refuse_sides(reading, "a text description")
    return _from_description(path, description, classes, reading)


def _from_description(
    path: Path, given: Path | None, classes: Sequence[str], reading: Reading
) -> tuple[TextDescription, list[str]]:
    beside = given or path.with_suffix(".text.json")
    if given is None and not beside.exists():
        raise InputError(
            f"how a text becomes the indices of {path.name} is not known: there is no "
            f"{beside.name} beside it; give --text-description FILE or --vocabulary FILE"
        )
    if classes:
        raise InputError("--classes goes with --vocabulary: a text description names the classes")
    found = parse_text_description(_read(beside), str(beside))
    return replace(found, max_length=reading.max_length or found.max_length), []


def _described(
    network: KerasNetwork,
    path: Path,
    words: Words,
    tokenizer: TokenizerKind,
    classes: Sequence[str],
    reading: Reading,
) -> tuple[TextDescription, list[str]]:
    scheme, notes = SCHEMES[words.numbering], []
    indices = len(words.words) + scheme.first_word
    is_layer = words.numbering == "text-vectorization"
    if is_layer and network.rows is not None and network.rows < indices:
        raise InputError(
            f"{path}: the embedding has {network.rows} rows, but the words' indices go up to "
            f"{indices - 1}: give the words of this model"
        )
    num_words = max(min(network.rows or indices, indices, words.num_words or indices), 1)
    text = TextTable(
        tokenizer=tokenizer, num_words=max(num_words, scheme.first_word),
        start=scheme.start or "none", unknown=scheme.unknown or "dropped",
        first_word=scheme.first_word,
    )  # fmt: skip
    vocabulary = Vocabulary(words.words, text.num_words, build_tokenizer(text), scheme=scheme)
    if scheme != IMDB:
        notes.append(_of_scheme(words.numbering, scheme))
    if network.max_length and reading.max_length not in (None, network.max_length):
        raise InputError(
            f"--max-length {reading.max_length}: {path} takes documents of {network.max_length} "
            f"indices: leave it out"
        )
    length = network.max_length or reading.max_length
    if length is None:
        length = DEFAULT_MASKED_LENGTH if network.masked else DEFAULT_LENGTH
        notes.append(_of_length(length, network.masked))
    side: Side = "right" if is_layer else "left"
    return TextDescription(
        vocabulary, text, length, reading.padding or side, reading.truncating or side,
        tuple(classes) or tuple(map(str, range(network.classes))),
    ), notes  # fmt: skip


def _of_scheme(numbering: Numbering, scheme: IndexScheme) -> str:
    unknown = "dropped" if scheme.unknown is None else f"index {scheme.unknown}"
    start = "nothing starts" if scheme.start is None else f"index {scheme.start} starts"
    return (
        f"words are numbered as {numbering}: from index {scheme.first_word}, unknown ones are "
        f"{unknown}, {start} a document"
    )


def _of_length(length: int, masked: bool) -> str:
    if masked:
        return (
            f"the model takes documents of any length: the first or last {length} indices are "
            f"read; padding changes nothing (--max-length)"
        )
    return (
        f"the model takes documents of any length and does not mask padding: {length} indices are "
        f"read of each; probabilities are those of Keras for documents padded to {length} "
        f"(--max-length)"
    )


def _refuse_sides(reading: Reading, what: str) -> None:
    given = {"--numbering": reading.numbering, "--padding": reading.padding}
    for option, value in (given | {"--truncating": reading.truncating}).items():
        if value is not None:
            raise InputError(f"{option} goes with --vocabulary: here, {what} decides")


def _read(path: Path) -> bytes:
    try:
        return read_regular_file(path, _MOST_TEXT)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
