"""When two texts count as the same: where they are equal, white space aside."""

import hashlib

# What `str.split` cuts at in an ASCII text; taking bytes out is many times faster.
_ASCII_WHITE_SPACE = b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "


def content_key(text: str) -> bytes:
    """Return a digest that is equal for texts which are equal, white space aside.

    White space is left out because the reviews hold copies that differ by one space only.
    """
    if not text.isascii():
        text = "".join(text.split())
    squeezed = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_WHITE_SPACE)
    return hashlib.blake2b(squeezed, digest_size=16).digest()
