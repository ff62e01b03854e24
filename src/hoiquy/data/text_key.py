"""When two texts count as equal: if they differ in white space or the form of Unicode only."""

import hashlib
import unicodedata

# The ASCII white space of `str.split`; deleting bytes is many times faster than splitting.
_ASCII_WHITE_SPACE = b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "


def text_key(text: str) -> bytes:
    """Return a digest of the text, `squeezed`. The reviews have copies with one space more."""
    if not text.isascii():
        text = squeezed(text)
    content = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_WHITE_SPACE)
    return hashlib.blake2b(content, digest_size=16).digest()


def squeezed(text: str) -> str:
    """The text without white space, in NFC: files of macOS may have each accent apart (NFD)."""
    return unicodedata.normalize("NFC", "".join(text.split()))
