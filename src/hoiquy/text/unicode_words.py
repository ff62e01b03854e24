"""Splitting for any language: runs of letters, marks and digits; emoticons; pictographs.

Splits by Unicode's character classes with the `regex` package (the standard library's `re` takes
the vowel signs of Indic scripts for punctuation). Chinese and Japanese, which have no spaces, are
split into single Han characters. Question and exclamation marks are words, as they carry sentiment;
with punctuation, so are the marks that end and separate clauses.

Each pictograph is a word. Runs are shortened before splitting, since long runs are too rare to be
learned: to five of a pictograph (★★★★☆ and ★★☆☆☆ must differ), to three of any other character but
digits ("haaaaay" and "haaaay" become one word; no language has words with four equal letters).
"""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

# Some emoticons must be separate words (8, x, d and 3 also occur in words and times), others may
# follow a word directly: "hay:))", "yêu<3". The text is already in lower case.
_ALONE = r"[:;=8x][-^o']?[)(\]\[dpov3/\\|*><]+|[-=t;][_.][-=t;]"
_ANYWHERE = r"[:;=][-^o']?[)(\]\[|*]+|(?<!\p{N})<3+|\^[_.\-]?\^|@@+"
_FLAG = r"[\U0001F1E6-\U0001F1FF]{2}"
_WORD = r"[[\p{L}\p{M}\p{N}_]--\p{Han}]+(?:['’][[\p{L}\p{M}\p{N}]--\p{Han}]+)*"
_NOT_IN_A_WORD = r"(?<![\p{L}\p{N}])"
_PUNCTUATION = r'[.…。]+|[,;:()"“”«»、，；：（）「」؛،।]'

_KEYCAP = r"[0-9#*]\u20e3"
# In addition to emoji: stars, hearts, ticks, notes and other shapes of the blocks Geometric Shapes,
# Miscellaneous Symbols, Dingbats, and Miscellaneous Symbols and Arrows.
_BASE = r"[\p{Extended_Pictographic}[[\u25a0-\u27bf\u2b00-\u2bff]&&\p{S}]]"
_DRESSED = rf"{_BASE}[\p{{M}}\p{{Emoji_Modifier}}\U000e0020-\U000e007f]*"  # skin, flag of a region
_PICTOGRAPH = rf"{_DRESSED}(?:\u200d{_DRESSED})*+|{_FLAG}|{_KEYCAP}|\p{{Emoji_Modifier}}"


def _has(*parts: str) -> Callable[[str], bool]:
    return lambda text: any(part in text for part in parts)


# Replacements before splitting, in this order: a quick check whether a text may need it (several
# times faster than searching the pattern), the pattern, the replacement.
_has_sign = re.compile(
    "[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\ufe00-\ufe0f\U0001f000-\U0001ffff"
    "\U000e0100-\U000e01ef]"
).search
_has_run = re.compile(r"(?=(\D)\1\1\1)\1").search
_REPLACED: tuple[tuple[Callable[[str], Any], str, str], ...] = (
    # variation selectors, which select how a sign is drawn
    (_has_sign, r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]", ""),
    (_has_sign, rf"({_PICTOGRAPH})(?:\1){{5,}}", r"\1\1\1\1\1"),
    # otherwise the digit would become a word
    (_has("\u20e3"), rf"({_KEYCAP})", r" \1 "),
    (
        _has_run,
        rf"([^\p{{Nd}}\s[{_BASE}]\p{{Emoji_Modifier}}\p{{RI}}])\1{{3,}}",
        r"\1\1\1",
    ),
    (_has("<3333"), "<3333+", "<333"),
    # runs of a single mark are already short
    (_has("?!", "!?"), r"([!?]{3})[!?]+", r"\1"),
    (_has(".…", "….", "。.", ".。", "。…", "…。"), r"([.…。]{3})[.…。]+", r"\1"),
)


def unicode_words(text: str, punctuation: bool = False) -> bytes:
    """Return the words of a text in UTF-8, in lower case, separated by spaces."""
    text = text.lower()
    for is_needed, replace in _replacers():
        if is_needed(text):
            text = replace(text)
    pattern = _ascii_pattern if text.isascii() else _pattern
    words: list[str] = pattern(punctuation).findall(text)
    return " ".join(words).encode("utf-8", "surrogatepass")


def replacements() -> tuple[tuple[str, str], ...]:
    """Patterns (package `regex`, flag V1) and replacements, applied in order before splitting."""
    return tuple((f"(?V1){old}", new) for _, old, new in _REPLACED)


def word_pattern(punctuation: bool = False) -> str:
    """The pattern of a word (package `regex`) in a text in lower case."""
    emoticon = rf"(?:{_NOT_IN_A_WORD}(?:{_ALONE})|{_ANYWHERE})(?![\p{{L}}\p{{N}}])"
    marks = f"[!?]+|{_PUNCTUATION}" if punctuation else "[!?]+"
    return rf"(?V1)(?:{emoticon}|{_KEYCAP}|{_WORD}|\p{{Han}}|{_PICTOGRAPH}|{marks})"


@cache
def _pattern(punctuation: bool) -> Any:
    import regex

    return regex.compile(word_pattern(punctuation))


@cache
def _ascii_pattern(punctuation: bool) -> "re.Pattern[str]":
    """`word_pattern` within ASCII, for the standard library: three times as fast.

    A word that begins no emoticon is tried first.
    """
    alone, anywhere = (part.replace(r"\p{N}", r"\d") for part in (_ALONE, _ANYWHERE))
    emoticon = rf"(?:(?<![a-z\d])(?:{alone})|{anywhere})(?![a-z\d])"
    rest = r"\w*(?:'[a-z\d]+)*"
    marks = r'[!?]+|[.]+|[,;:()"]' if punctuation else "[!?]+"
    return re.compile(rf"[a-su-wyz0-79_]{rest}|{emoticon}|\w{rest}|{marks}", re.ASCII)


@cache
def _replacers() -> list[tuple[Callable[[str], Any], Callable[[str], str]]]:
    """For each replacement in order: whether a text needs it, and a function that applies it."""
    import regex

    return [
        (is_needed, partial(regex.compile(f"(?V1){old}").sub, new))
        for is_needed, old, new in _REPLACED
    ]
