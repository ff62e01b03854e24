"""A corpus of two million documents, encoded and trained on in less memory than it takes.

Makes a Parquet file of invented documents: 60 to 100 words each, as frequent as their ranks let them
be (Zipf), of two classes that a few words tell apart. Then, each in a process whose memory of its
own is limited (RLIMIT_DATA; mapped files do not count, nor does the page cache): `hoiquy encode` on
one process and on two, and `hoiquy train` from the store for some steps. Says how many documents a
second, wall clock and processor time, how much memory over time, and how many bytes on disk.

    python benchmarks/large_corpus.py --out /somewhere/with/room [--documents 2000000]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.random import Generator

WORDS, TELLING = 200_000, 2_000  # of each class, so many more
SHORTEST, LONGEST = 60, 100
PIECE = 50_000  # documents, and of a row group
SECONDS = 0.5  # between two looks at the memory
PROGRAM = [sys.executable, "-c", "from hoiquy.cli.main import main; main()"]
SETTINGS = ("text.ngrams=1", "data.validation_fraction=0.01")


def texts(count: int, rng: Generator) -> tuple[list[str], np.ndarray]:
    """So many texts, and the class of each."""
    words = np.array([f"w{np.base_repr(number, 36).lower()}" for number in range(WORDS)], object)
    telling = np.array([f"{of}{number}" for of in "xy" for number in range(TELLING)], object)
    cumulative = np.cumsum(1 / np.arange(1, WORDS + 1))
    lengths = rng.integers(SHORTEST, LONGEST + 1, count)
    ends, labels = np.cumsum(lengths), rng.integers(0, 2, count)
    drawn = words[np.searchsorted(cumulative, rng.random(ends[-1]) * cumulative[-1])]
    for _ in range(3):  # words of a document's class, in random places
        places = ends - 1 - rng.integers(0, SHORTEST, count)
        drawn[places] = telling[labels * TELLING + rng.integers(0, TELLING, count)]
    return [" ".join(words) for words in np.split(drawn, ends[:-1])], labels


def write_corpus(path: Path, documents: int, seed: int) -> None:
    """A Parquet file with the columns text and label, a piece at a time."""
    schema = pa.schema([("text", pa.string()), ("label", pa.string())])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for number, first in enumerate(range(0, documents, PIECE)):
            rng = np.random.default_rng([seed, number])
            content, labels = texts(min(PIECE, documents - first), rng)
            columns = [pa.array(content), pa.array(["no", "yes"]).take(pa.array(labels))]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=2_000_000)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    write_corpus(chosen.out / "train.parquet", chosen.documents, 1)


if __name__ == "__main__":
    main()
