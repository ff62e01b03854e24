"""Encodings of text files, and read errors as one-line messages."""

import codecs
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from hoiquy.errors import DataError
from hoiquy.system.near_names import suggestion

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its prefix
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_SCRIPTS = "cp1251 (Cyrillic), cp874 (Thai), shift_jis (Japanese) or gb18030 (Chinese)"
# Of the letters that are not ASCII: half of those of Vietnamese texts are in no other language. If
# a Western text is decoded as Vietnamese, it has few of them.
_MIN_VIETNAMESE = 0.35


def encoding_of(start: bytes, chosen: str | None) -> str:
    """Return the encoding chosen by the user, else that of the byte order mark, else UTF-8.

    A UTF-8 byte order mark is removed even if the user chose utf-8. Raises LookupError for an
    unknown encoding.
    """
    if chosen is not None:
        return "utf-8-sig" if codecs.lookup(chosen).name == "utf-8" else chosen
    return next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")


@contextmanager
def readable(source: str, encoding: str | None) -> Iterator[None]:
    """Convert errors while reading `source` in the block to DataError.

    encoding: chosen by the user; None is UTF-8.
    """
    try:
        yield
    except UnicodeError as error:
        likely = likely_encoding(getattr(error, "object", b""))
        raise DataError(
            f"{source} is not {encoding or 'UTF-8'} text: set its encoding, such as "
            f"--encoding {likely}"
        ) from error
    except LookupError as error:
        raise DataError(
            f"the encoding {encoding!r} is unknown: expected one such as utf-8 or cp1258"
        ) from error
    except FileNotFoundError as error:
        raise DataError(
            f"{source} cannot be read: {error.strerror or error}{suggestion(source)}"
        ) from error
    except OSError as error:
        raise DataError(f"{source} cannot be read: {error.strerror or error}") from error


def likely_encoding(data: bytes) -> str:
    """The encoding to suggest for text that could not be decoded, or several with their scripts.

    data: a part of the text.
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # may end within a character
        return "utf-8"
    except UnicodeError:
        pass
    vietnamese = unicodedata.normalize("NFC", data.decode("cp1258", "replace"))
    foreign = [letter for letter in vietnamese if ord(letter) > 0x7F and letter.isalpha()]
    own = sum("\u1ea0" <= letter <= "\u1ef9" for letter in foreign)
    if own > _MIN_VIETNAMESE * len(foreign):
        return "cp1258"
    letters = sum(character > 0x7F or chr(character).isalpha() for character in data)
    above = sum(character > 0x7F for character in data)
    return "cp1252" if 2 * above < letters else _OTHER_SCRIPTS
