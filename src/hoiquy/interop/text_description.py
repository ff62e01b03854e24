"""`model.text.json`: how to turn a text into the input of an exported model.

It is complete: docs/export.md computes hoiquy's indices from it.
"""

import base64
import json
import string
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from hoiquy.errors import DataError, InputError
from hoiquy.nn.metrics import THRESHOLD
from hoiquy.recipe.recipe import DataTable, TextTable
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.text import FIRST_WORD, PAD, Subwords, Tokenizer, Vocabulary
from hoiquy.text.tokenizer import UNICODE
from hoiquy.text.tokens import SEPARATORS
from hoiquy.text.unicode_words import replacements, word_pattern

FORMAT, VERSION = "hoiquy-text", 1
_STEPS = (
    "normalization: none, or Unicode NFC ('nfc'), or NFC and one Vietnamese spelling "
    "('vietnamese': the tone mark of open oa, oe, uy on the second vowel unless after q; "
    "Ð Ɖ ð ɖ become Đ Đ đ đ)",
    "segmentation, where it is not none, by the Python package of that name",
    "lower-case (but see `tokenizer_rule`), then split as it says; empty words are dropped",
    "indices: `start` unless it is null, then each word's index in `vocabulary`, or `oov`; where "
    "`oov` is null, other words are dropped",
    "more than max_length indices: drop from the side `truncating`; fewer: add `pad` on the side "
    "`padding`",
)


_SEVERAL = f"every class whose output is above {THRESHOLD}: several, or none"


@dataclass(frozen=True)
class TextDescription:
    """The contents of a text description."""

    vocabulary: Vocabulary
    text: TextTable
    max_length: int
    padding: str
    truncating: str
    classes: tuple[str, ...]
    multilabel: bool = False  # a text may have any number of the classes


class _File(BaseModel):
    """The keys that are read back; the others only explain."""

    model_config = ConfigDict(strict=True)

    format: str
    version: int
    normalization: str
    segmentation: str
    tokenizer: str
    sentencepiece: str | None
    vocabulary: dict[str, int]
    num_words: int
    pad: int
    start: int | None
    oov: int | None
    max_length: int
    padding: str
    truncating: str
    classes: list[str]
    multilabel: bool = False


def dump_text_description(
    vocabulary: Vocabulary, text: TextTable, data: DataTable, classes: list[str],
    multilabel: bool = False,
) -> bytes:  # fmt: skip
    """Return the file's bytes, ASCII JSON, because a word may contain lone surrogates."""
    values = text_values(vocabulary, text, data)
    words = values.pop("vocabulary")
    values |= {"classes": classes, **several_labels(multilabel), "vocabulary": words}
    return (json.dumps(values, indent=1) + "\n").encode("ascii")


def several_labels(multilabel: bool) -> dict[str, Any]:
    """What tells that a text may have several labels; nothing where it has one."""
    return {"multilabel": True, "prediction": _SEVERAL} if multilabel else {}


def text_values(vocabulary: Vocabulary, text: TextTable, data: DataTable) -> dict[str, Any]:
    """Everything but the classes."""
    scheme = vocabulary.scheme
    kept = vocabulary.words[: text.num_words - scheme.first_word]
    return {
        "format": FORMAT,
        "version": VERSION,
        "steps": list(_STEPS),
        **tokenizer_values(vocabulary.rules),
        "max_length": data.max_length,
        "padding": data.padding,
        "truncating": data.truncating,
        "pad": PAD,
        "start": scheme.start,
        "oov": scheme.unknown,
        "num_words": text.num_words,
        "vocabulary": {word: index for index, word in enumerate(kept, scheme.first_word)},
    }


def tokenizer_values(rules: Tokenizer) -> dict[str, Any]:
    """How a tokenizer splits texts."""
    subwords = rules.subwords
    return {
        "normalization": rules.normalization,
        "segmentation": rules.segmentation,
        "tokenizer": rules.tokenizer,
        "tokenizer_rule": _rule(rules),
        "sentencepiece": None if subwords is None else base64.b64encode(subwords.model).decode(),
    }


def parse_text_description(content: bytes, source: str) -> TextDescription:
    """Parse the bytes of a text description. Raises InputError with the source and the key."""
    try:
        # pydantic's JSON parser refuses lone surrogates, which a word may contain
        file = _File.model_validate(json.loads(content))
        first = min(file.vocabulary.values(), default=FIRST_WORD)
        text = TextTable(
            start="none" if file.start is None else file.start,
            unknown="dropped" if file.oov is None else file.oov,
            first_word=first,
            tokenizer=file.tokenizer,  # type: ignore[arg-type]  # pydantic checks
            normalization=file.normalization,  # type: ignore[arg-type]
            segmentation=file.segmentation,  # type: ignore[arg-type]
            num_words=file.num_words,
        )
        data = DataTable(
            max_length=file.max_length,
            padding=file.padding,  # type: ignore[arg-type]
            truncating=file.truncating,  # type: ignore[arg-type]
        )
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "the file"
        raise InputError(
            f"{source} is not a text description: {where}: {problem['msg']}"
        ) from error
    except (ValueError, RecursionError) as error:  # after ValidationError, which is a ValueError
        raise InputError(f"{source} is not a text description: not JSON") from error
    if (file.format, file.version) != (FORMAT, VERSION):
        raise InputError(
            f"{source}: {file.format} {file.version}, expected {FORMAT} {VERSION}: "
            f"give the .text.json that hoiquy export wrote"
        )
    if file.pad != PAD:
        raise InputError(f"{source}: pad = {file.pad}, expected {PAD}")
    if len(file.classes) < 2 or len(set(file.classes)) < len(file.classes):
        raise InputError(f"{source}: classes: expected two or more different names")
    words = tuple(sorted(file.vocabulary, key=file.vocabulary.__getitem__))
    if [file.vocabulary[word] for word in words] != list(range(first, first + len(words))):
        raise InputError(f"{source}: vocabulary: the indices must be consecutive from {first}")
    try:
        model = None if file.sentencepiece is None else base64.b64decode(file.sentencepiece)
        subwords = None if model is None else Subwords(model)
        rules = build_tokenizer(text, subwords)
        vocabulary = Vocabulary(words, file.num_words, rules, scheme=text.scheme)
    except (DataError, ValueError) as error:
        raise InputError(f"{source}: {error}") from error
    if (rules.tokenizer == "subword") != (subwords is not None):
        raise InputError(
            f"{source}: sentencepiece: expected a model if and only if tokenizer is subword"
        )
    return TextDescription(
        vocabulary, text, data.max_length, data.padding, data.truncating, tuple(file.classes),
        file.multilabel,
    )  # fmt: skip


def _rule(rules: Tokenizer) -> dict[str, Any]:
    """Describe the tokenizer for other programs."""
    if rules.tokenizer == "keras":
        return {"separators": SEPARATORS + " "}
    if rules.tokenizer in UNICODE:
        return {
            "replace_first": replacements(),
            "regex_of_a_word": word_pattern(UNICODE[rules.tokenizer]),
            "regex_package": "regex (PyPI): sub with each pair of replace_first, then findall",
        }
    if rules.tokenizer.startswith("whitespace"):
        return {
            "lower_case": "ASCII letters" if "+lower" in rules.tokenizer else "nothing",
            "removed": string.punctuation if "+strip" in rules.tokenizer else "",
            "separators": " \t\n\v\f\r",
        }
    if rules.tokenizer == "characters":
        return {
            "words": "split at white space; each character is a word, and each word ends with ▁"
        }
    return {"words": "pieces of the SentencePiece model in `sentencepiece` (base64)"}
