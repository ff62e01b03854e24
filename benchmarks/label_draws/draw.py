"""The labels that are drawn, the texts without, and their files."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from label_draws.pool import Pool
from label_draws.stratified import stratified_rows

TRAIN, TEST, UNLABELLED = "train.csv", "test.csv", "unlabelled.txt"


class Draw:
    """The drawn labels of a pool; all other texts are without.

    Attributes:
        texts: The labelled texts.
        labels: (texts,), class numbers.
    """

    def __init__(self, pool: Pool, count: int, number: int) -> None:
        self.pool, self.count, self.number = pool, count, number
        self._rows = stratified_rows(pool.labels, count, number)
        self.texts = [pool.texts[row] for row in self._rows]
        self.labels = pool.labels[self._rows]

    def unlabelled(self) -> list[str]:
        """The training texts that were not drawn, and those of the pool without labels."""
        drawn = set(self._rows.tolist())
        rest = [text for row, text in enumerate(self.pool.texts) if row not in drawn]
        return rest + self.pool.unlabelled

    def write(self, folder: Path) -> None:
        """Write train.csv and test.csv (text,label), and unlabelled.txt with a text a line."""
        pool = self.pool
        _write_table(folder / TRAIN, self.texts, (pool.classes[label] for label in self.labels))
        labels = (pool.classes[label] for label in pool.test_labels)
        _write_table(folder / TEST, pool.test_texts, labels)
        with (folder / UNLABELLED).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(" ".join(text.split()) + "\n" for text in self.unlabelled())


def _write_table(path: Path, texts: Sequence[str], labels: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(texts, labels, strict=True)])
