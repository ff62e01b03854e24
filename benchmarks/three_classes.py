"""Write a data set of three classes from the official training reviews, by their stars."""

import argparse
import csv
from pathlib import Path

import numpy as np

from hoiquy.data.imdb.archive import read_archive
from hoiquy.data.imdb.folder import CLASSES, ENCODING

STARS = {"bad": (1,), "mixed": (4, 7), "good": (10,)}
OF_EACH = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="aclImdb_v1.tar.gz")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    asked = parser.parse_args()
    reviews = read_archive(asked.data, ("train",), CLASSES, None)
    rng = np.random.default_rng(1)
    rows = []
    for label, stars in STARS.items():
        found = sorted(key for key in reviews if _stars(key[2]) in stars)
        chosen = rng.choice(len(found), OF_EACH, replace=False)
        rows += [(reviews[found[number]].decode(ENCODING), label) for number in chosen]
    with asked.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        writer.writerows(rows[number] for number in rng.permutation(len(rows)))


def _stars(name: str) -> int:
    """Of a file such as 123_7.txt."""
    return int(name.rpartition("_")[2].partition(".")[0])


if __name__ == "__main__":
    main()
