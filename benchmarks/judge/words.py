"""What counts as a word for the baselines. Standard library only: fastText's worker imports it.

A word is a run of letters, digits and underscores, or a single other sign. Where most letters are
of a script without spaces, each of its letters is a word; where most texts are single words (such
as names), each character is one.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal

TOKEN = r"(?u)\w+|[^\w\s]"

Reading = Literal["words", "letters", "characters"]

# Thai and Lao, Burmese, Khmer; kana; Chinese characters with their extensions
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_LETTER = re.compile(r"[^\W\d_]")
_TOKEN = re.compile(TOKEN)


def choose_reading(texts: Sequence[str]) -> Reading:
    """Decide by the training texts what is a word of them."""
    letters = spaceless = 0
    for text in texts:
        letters += len(_LETTER.findall(text))
        spaceless += len(_SPACELESS.findall(text))
    if 2 * spaceless > letters:
        return "letters"
    return "characters" if has_no_spaces(texts) else "words"


def has_no_spaces(texts: Sequence[str]) -> bool:
    """Whether more than half of the texts have no space inside."""
    return 2 * sum(len(text.split()) == 1 for text in texts) > len(texts)


def in_words(texts: Sequence[str], reading: Reading) -> list[str]:
    """The texts with spaces between their words."""
    return list(map(_READERS[reading], texts))


def tokens(text: str) -> list[str]:
    """The words of a text of `in_words`, in lower case."""
    return _TOKEN.findall(text.lower())


def _apart(text: str) -> str:
    """Each letter of a script without spaces for itself."""
    return _SPACELESS.sub(r" \g<0> ", text)


def _characters(text: str) -> str:
    """Each character for itself; a space is a sign, too."""
    return " ".join("_" if character.isspace() else character for character in text)


_READERS: dict[Reading, Callable[[str], str]] = {
    "words": str,
    "letters": _apart,
    "characters": _characters,
}
