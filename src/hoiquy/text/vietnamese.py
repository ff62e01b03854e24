"""Normalises Vietnamese to one spelling; everything else stays as typed.

- The tone mark of open oa, oe, uy moves to the second vowel: hòa → hoà, khỏe → khoẻ, thúy → thuý.
  Both placements are taught; computers of the nineties wrote the first, the rules of 1984 require
  the second. After q the u belongs to the consonant: quý stays.
- Lookalikes of Đ become Đ: Ð (Icelandic eth, U+00D0) and Ɖ (African, U+0189), and their small
  forms ð and ɖ, as old converters left them.
- NFC has already composed the combining tone marks of the old Windows encoding (cp1258).

Teencode (ko, k, đc, hok) and emoticons stay: they carry meaning.
"""

import re
import unicodedata

_LOOKALIKES = {"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ"}
_TONES = "\u0300\u0301\u0309\u0303\u0323"  # huyền, sắc, hỏi, ngã, nặng as combining marks


def _toned(vowel: str) -> str:
    """The vowel with each of the five tones, composed."""
    return "".join(unicodedata.normalize("NFC", vowel + tone) for tone in _TONES)


_FIRST = {letter: (vowel, tone) for vowel in "oOuU" for tone, letter in enumerate(_toned(vowel))}
_SECOND = {vowel: _toned(vowel) for vowel in "aAeEyY"}
# Two character classes: the pattern is tried on every word and must be fast.
_PAIR = re.compile(f"([{''.join(_FIRST)}])([aAeEyY])")
_TONED_SECOND = {
    letter: (vowel, tone) for vowel, toned in _SECOND.items() for tone, letter in enumerate(toned)
}
# In an open syllable only: in hoàn the mark is on the second vowel by either rule.
_OPEN = re.compile(rf"([oOuU])([{''.join(_TONED_SECOND)}])(?![^\W_])")


def normalize_vietnamese(text: str) -> str:
    """Return an NFC text in one spelling; idempotent."""
    for letter, intended in _LOOKALIKES.items():  # `str.translate` would visit every letter
        text = text.replace(letter, intended)
    return _PAIR.sub(_moved, text)


def _moved(match: re.Match[str]) -> str:
    vowel, tone = _FIRST[match[1]]
    after_q = match.string[max(match.start() - 1, 0)] in "qQ"
    if after_q or (vowel in "uU") != (match[2] in "yY"):  # quý, or not a Vietnamese pair
        return match[0]
    return vowel + _SECOND[match[2]][tone]


def with_other_tone_placement(word: str) -> str:
    """The other of the two spellings (hoà → hòa, hòa → hoà) of an NFC word; itself if it has one.

    For a word list in another spelling than the texts.
    """
    moved = _PAIR.sub(_moved, word)
    return moved if moved != word else _OPEN.sub(_moved_back, word)


def _moved_back(match: re.Match[str]) -> str:
    vowel, tone = _TONED_SECOND[match[2]]
    after_q = match.string[max(match.start() - 1, 0)] in "qQ"
    if after_q or (match[1] in "uU") != (vowel in "yY"):
        return match[0]
    return _toned(match[1])[tone] + vowel
