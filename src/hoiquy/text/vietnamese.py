"""One spelling for what Vietnamese writes in several ways; apart from that, texts stay as typed.

- The tone mark of open oa, oe, uy stands on the second vowel: hòa → hoà, khỏe → khoẻ, thúy → thuý.
  Both placements are taught; computers of the nineties wrote the first, the rules of 1984 ask for
  the second. After q the u belongs to the consonant: quý stays.
- Letters that only look like Đ: Ð (Icelandic eth, U+00D0) and Ɖ (African, U+0189), and their small
  forms ð and ɖ, as old converters left them.
- Combining tone marks of the old Windows encoding (cp1258) are composed by NFC before.

Teencode (ko, k, đc, hok) and emoticons are left alone: they carry what their writers meant.
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
# One set of letters and then another: what is found in every word must be found fast.
_PAIR = re.compile(f"([{''.join(_FIRST)}])([aAeEyY])")


def normalize_vietnamese(text: str) -> str:
    """Return an NFC text in one spelling; doing it twice changes nothing."""
    for letter, meant in _LOOKALIKES.items():  # `str.translate` would look at every letter
        text = text.replace(letter, meant)
    return _PAIR.sub(_moved, text)


def _moved(found: re.Match[str]) -> str:
    vowel, tone = _FIRST[found[1]]
    after_q = found.string[max(found.start() - 1, 0)] in "qQ"
    if after_q or (vowel in "uU") != (found[2] in "yY"):  # quý, and no pair of Vietnamese
        return found[0]
    return vowel + _SECOND[found[2]][tone]
