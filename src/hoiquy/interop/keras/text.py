"""Find how an imported model encodes texts: its TextVectorization layer, a text description, or a
vocabulary file."""

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
# max_length for models of any length. Keras' IMDB example uses 200; with a mask, padding has no
# effect, so a larger value only truncates less.
DEFAULT_LENGTH, DEFAULT_MASKED_LENGTH = 200, 1000


@dataclass(frozen=True)
class TextOptions:
    """What neither the model nor a vocabulary file contains; None is the default.

    numbering: the index scheme of the words. padding, truncating: sides; by default left as in
    `pad_sequences`, right for text-vectorization. max_length: for a model of any length.
    """

    numbering: Numbering | None = None
    padding: Side | None = None
    truncating: Side | None = None
    max_length: int | None = None


DEFAULTS = TextOptions()


def find_text_description(
    network: KerasNetwork,
    path: Path,
    description: Path | None,
    vocabulary: Path | None,
    classes: Sequence[str],
    options: TextOptions,
) -> tuple[TextDescription, list[str]]:
    """Return how the model at `path` encodes texts, and notes on assumptions.

    Args:
        network: The model.
        path: Its file.
        description: A text description; by default the `.text.json` next to the model.
        vocabulary: A vocabulary file.
        classes: Class names.
        options: What the vocabulary file does not contain.

    Raises:
        InputError: The encoding is unknown, or a file is damaged.
    """
    if network.text_layer is not None:
        _refuse_sides(options, "the model's TextVectorization layer")
        if description is not None or vocabulary is not None:
            raise InputError(
                f"{path} has a TextVectorization layer with the words: leave out "
                f"--text-description and --vocabulary"
            )
        layer = network.text_layer
        words = Words(layer.words, "text-vectorization")
        return _from_words(network, path, words, layer.tokenizer, classes, options)
    if vocabulary is not None:
        words = read_words(_read(vocabulary), options.numbering, str(vocabulary))
        is_layer = words.numbering == "text-vectorization"
        tokenizer: TokenizerKind = "whitespace+lower+strip" if is_layer else "keras"
        try:
            return _from_words(network, path, words, tokenizer, classes, options)
        except DataError as error:
            raise InputError(
                f"{vocabulary} is not a list of words, one per line: {error}"
            ) from error
    _refuse_sides(options, "a text description")
    return _from_description(path, description, classes, options)


def _from_description(
    path: Path, given: Path | None, classes: Sequence[str], options: TextOptions
) -> tuple[TextDescription, list[str]]:
    file = given or path.with_suffix(".text.json")
    if given is None and not file.exists():
        raise InputError(
            f"how {path.name} encodes texts is unknown: there is no {file.name} next to it; give "
            f"--text-description FILE or --vocabulary FILE"
        )
    if classes:
        raise InputError("--classes requires --vocabulary: a text description names the classes")
    description = parse_text_description(_read(file), str(file))
    max_length = options.max_length or description.max_length
    return replace(description, max_length=max_length), []


def _from_words(
    network: KerasNetwork,
    path: Path,
    words: Words,
    tokenizer: TokenizerKind,
    classes: Sequence[str],
    options: TextOptions,
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
        notes.append(_scheme_note(words.numbering, scheme))
    if network.max_length and options.max_length not in (None, network.max_length):
        raise InputError(
            f"--max-length {options.max_length}: {path} takes documents of {network.max_length} "
            f"indices: leave it out"
        )
    length = network.max_length or options.max_length
    if length is None:
        length = DEFAULT_MASKED_LENGTH if network.masked else DEFAULT_LENGTH
        notes.append(_length_note(length, network.masked))
    side: Side = "right" if is_layer else "left"
    return TextDescription(
        vocabulary, text, length, options.padding or side, options.truncating or side,
        tuple(classes) or tuple(map(str, range(network.classes))),
    ), notes  # fmt: skip


def _scheme_note(numbering: Numbering, scheme: IndexScheme) -> str:
    unknown = "dropped" if scheme.unknown is None else f"index {scheme.unknown}"
    start = "no start token" if scheme.start is None else f"start token {scheme.start}"
    return (
        f"words are numbered as {numbering}: from index {scheme.first_word}, unknown words are "
        f"{unknown}, {start}"
    )


def _length_note(length: int, masked: bool) -> str:
    if masked:
        return (
            f"the model takes documents of any length: the first or last {length} indices are "
            f"used; padding has no effect (--max-length)"
        )
    return (
        f"the model takes documents of any length and does not mask padding: {length} indices of "
        f"each are used; probabilities equal Keras' for documents padded to {length} "
        f"(--max-length)"
    )


def _refuse_sides(options: TextOptions, what: str) -> None:
    given = {"--numbering": options.numbering, "--padding": options.padding}
    for option, value in (given | {"--truncating": options.truncating}).items():
        if value is not None:
            raise InputError(f"{option} requires --vocabulary: {what} has this setting")


def _read(path: Path) -> bytes:
    try:
        return read_regular_file(path, _MOST_TEXT)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
