"""Word vectors in the formats of other programs, written from their descriptions."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = Mapping[str, NDArray[np.float32]]


def random_vectors(words: Sequence[str], dimension: int = 5, seed: int = 0) -> Vectors:
    """Vectors of words, all different."""
    rows = np.random.default_rng(seed).normal(size=(len(words), dimension)).astype(np.float32)
    return dict(zip(words, rows, strict=True))


def text(vectors: Vectors, header: bool = True, delimiter: str = " ", end: str = "\n") -> bytes:
    """word2vec text, or GloVe without a header; repr gives all digits of a float32."""
    dimension = len(next(iter(vectors.values())))
    first = f"{len(vectors)} {dimension}{end}" if header else ""
    lines = (
        word + delimiter + delimiter.join(str(float(number)) for number in row) + end
        for word, row in vectors.items()
    )
    return (first + "".join(lines)).encode("utf-8")


def binary(vectors: Vectors, end: bytes = b"\n") -> bytes:
    """word2vec binary, as the original program writes it; gensim writes no line ends."""
    dimension = len(next(iter(vectors.values())))
    rows = (
        word.encode() + b" " + row.astype("<f4").tobytes() + end for word, row in vectors.items()
    )
    return f"{len(vectors)} {dimension}\n".encode() + b"".join(rows)


@dataclass(frozen=True)
class FastTextModel:
    """A model with random rows; `content` is its file and `vector` what it says of a word."""

    words: Sequence[str]
    labels: Sequence[str] = ()
    dimension: int = 5
    buckets: int = 11
    minn: int = 2
    maxn: int = 4
    version: int = 12
    supervised: bool = False
    quantised: bool = False
    pruned: int = -1

    @property
    def rows(self) -> NDArray[np.float32]:
        shape = (len(self.words) + self.buckets, self.dimension)
        return np.random.default_rng(3).normal(size=shape).astype(np.float32)

    def content(self, rows: NDArray[np.float32] | None = None) -> bytes:
        settings = (self.dimension, 5, 1, 1, 5, 1, 2, 3 if self.supervised else 2, self.buckets,
                    self.minn, self.maxn, 100)  # fmt: skip
        entries = [(word, 0) for word in self.words] + [(label, 1) for label in self.labels]
        rows = self.rows if rows is None else rows
        parts = [
            struct.pack("<ii12id", 793712314, self.version, *settings, 1e-4),
            struct.pack("<iiiqq", len(entries), len(self.words), len(self.labels), 99, self.pruned),
            *(word.encode() + b"\0" + struct.pack("<qb", 7, kind) for word, kind in entries),
            struct.pack("<ii", 1, 2) * max(self.pruned, 0),
            bytes([self.quantised]),
            struct.pack("<qq", *rows.shape) + rows.astype("<f4").tobytes(),
            bytes([self.quantised]),
            struct.pack("<qq", 2, self.dimension) + bytes(8 * self.dimension),
        ]
        return b"".join(parts)

    def vector(self, word: str) -> NDArray[np.float32]:
        """The mean of a word's row and its n-grams', added up in fastText's order."""
        own = [self.words.index(word)] if word in self.words else []
        numbers = [len(self.words) + fnv(ngram) % self.buckets for ngram in self.ngrams(word)]
        total = np.zeros(self.dimension, np.float32)
        for number in [*own, *numbers]:
            total = total + self.rows[number]
        return total * np.float32(1 / max(1, len(own) + len(numbers)))

    def ngrams(self, word: str) -> list[str]:
        marked = f"<{word}>"
        return [
            marked[start : start + length]
            for start in range(len(marked))
            for length in range(max(self.minn, 1), self.maxn + 1)
            if start + length <= len(marked) and marked[start : start + length] not in ("<", ">")
        ]


def fnv(ngram: str) -> int:
    """FNV-1a with 32 bits, of signed bytes."""
    value = np.uint32(2166136261)
    with np.errstate(over="ignore"):
        for byte in np.frombuffer(ngram.encode(), np.int8):
            value = np.uint32((value ^ byte.astype(np.uint32)) * np.uint32(16777619))
    return int(value)
