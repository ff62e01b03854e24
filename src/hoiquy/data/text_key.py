"""When two texts count as equal: if they differ in white space only."""

import hashlib

# The ASCII white space of `str.split`; deleting bytes is many times faster than splitting.
_ASCII_WHITE_SPACE = b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "


def text_key(text: str) -> bytes:
    """Return a digest of the text without white space.

    The reviews contain copies that differ by one space only.
    """
    if not text.isascii():
        text = "".join(text.split())
    squeezed = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_WHITE_SPACE)
    return hashlib.blake2b(squeezed, digest_size=16).digest()
