"""The character n-grams of a word, hashed as fastText hashes them (Bojanowski et al. 2017)."""

_OFFSET, _PRIME, _MASK = 2166136261, 16777619, 0xFFFFFFFF  # of FNV-1a with 32 bits


def ngram_buckets(word: bytes, minn: int, maxn: int, buckets: int) -> list[int]:
    """The bucket of each n-gram of minn to maxn characters, in fastText's order.

    The word is UTF-8, put between "<" and ">", which alone are no n-grams. As in fastText, bytes
    are hashed as signed characters, and a byte that continues a character never begins an n-gram.
    """
    marked = b"<" + word + b">"
    found = []
    for start, first in enumerate(marked):
        if _continues(first):
            continue
        value, at = _OFFSET, start
        for length in range(1, maxn + 1):
            if at == len(marked):
                break
            value, at = _hashed(value, marked[at]), at + 1
            while at < len(marked) and _continues(marked[at]):
                value, at = _hashed(value, marked[at]), at + 1
            alone = length == 1 and (start == 0 or at == len(marked))
            if length >= minn and not alone:
                found.append(value % buckets)
    return found


def _continues(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def _hashed(value: int, byte: int) -> int:
    signed = byte if byte < 0x80 else byte | 0xFFFFFF00
    return (value ^ signed) * _PRIME & _MASK
