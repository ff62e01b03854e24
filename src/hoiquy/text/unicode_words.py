"""Words of any language: letters, marks and digits that belong together, emoticons and emoji.

Cut by Unicode's character classes with the `regex` package (the standard library's `re` takes the
vowel signs of Indic scripts for punctuation). Chinese and Japanese, which have no spaces, are cut
into single characters of Han. Question and exclamation marks are words too: people mean them. With
punctuation, so are the marks that end and part sentences: a network sees where one thought ends.
"""

from functools import cache
from typing import Any

# Some stand alone only (8, x, d and 3 are also what words and times are made of), others also right
# behind a word: "hay:))", "yêu<3". Letters are small: a text is in lower case before.
_ALONE = r"[:;=8x][-^o']?[)(\]\[dpov3/\\|*><]+|[-=t;][_.][-=t;]"
_ANYWHERE = r"[:;=][-^o']?[)(\]\[|*]+|(?<!\p{N})<3+|\^[_.\-]?\^|@@+"
_FLAG = r"[\U0001F1E6-\U0001F1FF]{2}"
_EMOJI = r"\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}\u200d\p{Extended_Pictographic}]*"
_WORD = r"[[\p{L}\p{M}\p{N}_]--\p{Han}]+(?:['’][[\p{L}\p{M}\p{N}]--\p{Han}]+)*"
_NOT_IN_A_WORD = r"(?<![\p{L}\p{N}])"
_PUNCTUATION = r'[.…。]+|[,;:()"“”«»，、；：（）「」؛،।]'


def unicode_words(text: str, punctuation: bool = False) -> bytes:
    """Return the words of a text in UTF-8, lower-case, with a space between them."""
    words: list[str] = _pattern(punctuation).findall(text.lower())
    return " ".join(words).encode("utf-8", "surrogatepass")


def word_pattern(punctuation: bool = False) -> str:
    """What a word is, for the package `regex`; texts are in lower case before."""
    emoticon = rf"(?:{_NOT_IN_A_WORD}(?:{_ALONE})|{_ANYWHERE})(?![\p{{L}}\p{{N}}])"
    marks = f"[!?]+|{_PUNCTUATION}" if punctuation else "[!?]+"
    return rf"(?V1)(?:{emoticon}|{_WORD}|\p{{Han}}|{_FLAG}|{_EMOJI}|{marks})"


@cache
def _pattern(punctuation: bool) -> Any:
    import regex

    return regex.compile(word_pattern(punctuation))
