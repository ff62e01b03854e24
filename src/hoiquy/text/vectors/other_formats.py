"""What a file is that has no word vectors this package reads, and how to get some from it."""

from pathlib import Path

EXPECTED = "expected word vectors: word2vec (text or binary), GloVe, fastText .vec or .bin"
_GENSIM = (
    "a pickle, which could run code when it is opened: save the vectors with gensim's "
    "KeyedVectors.save_word2vec_format({name!r}, binary=True)"
)
_NUMBERS = "an array of numbers without their words: {expected}"
_UNPACK = "packed: unpack it first ({tool})"
# The first bytes of a format, and what to do.
_KNOWN = (
    (b"PK\x03\x04", _UNPACK.replace("{tool}", "unzip")),
    (b"\xfd7zXZ\x00", _UNPACK.replace("{tool}", "unxz")),
    (b"BZh9", _UNPACK.replace("{tool}", "bunzip2")),
    (b"\x28\xb5\x2f\xfd", _UNPACK.replace("{tool}", "unzstd")),
    (b"\x1f\x8b", _UNPACK.replace("{tool}", "gunzip; it is packed twice")),
    (b"\x93NUMPY", _NUMBERS),
)
_PICKLE_PROTOCOLS = range(2, 6)


def other_format(head: bytes, path: Path) -> str | None:
    """What a file is that begins with these bytes, in words for an error; None if unknown."""
    if len(head) > 2 and head[0] == 0x80 and head[1] in _PICKLE_PROTOCOLS:
        return _GENSIM.format(name=f"{path.stem}.bin")
    for start, what in _KNOWN:
        if head.startswith(start):
            return what.format(expected=EXPECTED)
    return None
