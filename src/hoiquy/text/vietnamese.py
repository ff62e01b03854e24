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

_LOOKALIKES = str.maketrans("ÐƉðɖ", "ĐĐđđ")
_TONES = "\u0300\u0301\u0309\u0303\u0323"  # huyền, sắc, hỏi, ngã, nặng as combining marks


def _toned(vowel: str) -> str:
    """The vowel with each of the five tones, composed."""
    return "".join(unicodedata.normalize("NFC", vowel + tone) for tone in _TONES)


_FIRST = {letter: (vowel, tone) for vowel in "oOuU" for tone, letter in enumerate(_toned(vowel))}
_SECOND = {vowel: _toned(vowel) for vowel in "aAeEyY"}
_MISPLACED = re.compile(
    f"(?<![qQ])(?:([{_toned('o')}{_toned('O')}])([aAeE])|([{_toned('u')}{_toned('U')}])([yY]))"
)


def normalize_vietnamese(text: str) -> str:
    """Return an NFC text in one spelling; doing it twice changes nothing."""
    return _MISPLACED.sub(_moved, text.translate(_LOOKALIKES))


def _moved(found: re.Match[str]) -> str:
    vowel, tone = _FIRST[found[1] or found[3]]
    return vowel + _SECOND[found[2] or found[4]][tone]
