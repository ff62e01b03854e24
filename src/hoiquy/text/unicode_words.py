"""Words of any language: letters, marks and digits that belong together, emoticons and emoji.

Cut by Unicode's character classes with the `regex` package (the standard library's `re` takes the
vowel signs of Indic scripts for punctuation). Chinese and Japanese, which have no spaces, are cut
into single characters of Han. Question and exclamation marks are words too: people mean them.
"""

from functools import cache
from typing import Any

_EMOTICON = r"[:;=8xX][-^o']?[)(\]\[DPpOo3/\\|*><]+|<3+|\^[_.\-]?\^|[-=T;][_.][-=T;]"
_EMOJI = r"\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}\u200d\p{Extended_Pictographic}]*"
_WORD = r"[[\p{L}\p{M}\p{N}_]--\p{Han}]+(?:['’][[\p{L}\p{M}\p{N}]--\p{Han}]+)*"
_NOT_IN_A_WORD = r"(?<![\p{L}\p{N}])"


def unicode_words(text: str) -> bytes:
    """Return the words of a text in UTF-8, lower-case, with a space between them."""
    words: list[str] = _pattern().findall(text.lower())
    return " ".join(words).encode("utf-8", "surrogatepass")


def word_pattern() -> str:
    """What a word is, for the package `regex`; texts are in lower case before."""
    emoticon = f"{_NOT_IN_A_WORD}(?:{_EMOTICON})"
    return rf"(?V1)(?:{emoticon}(?![\p{{L}}\p{{N}}])|{_WORD}|\p{{Han}}|{_EMOJI}|[!?]+)"


@cache
def _pattern() -> Any:
    import regex

    return regex.compile(word_pattern())
