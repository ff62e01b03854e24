"""The files in folders of classes, in Keras' order."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hoiquy.keras.errors import KerasError


class Files(NamedTuple):
    """Paths, a number of a class for each, and the names of the classes; None without classes."""

    paths: list[Path]
    labels: list[int] | None
    class_names: list[str] | None

    def shuffled(self, seed: int) -> "Files":
        """In the random order that Keras has for this seed."""
        order = np.arange(len(self.paths))
        np.random.RandomState(seed).shuffle(order)
        return self.select(order.tolist())

    def select(self, rows: Sequence[int]) -> "Files":
        """Some of the files."""
        labels = None if self.labels is None else [self.labels[row] for row in rows]
        return Files([self.paths[row] for row in rows], labels, self.class_names)


def find_files(
    root: Path, labels: Any, class_names: Sequence[str] | None, suffix: str, follow_links: bool
) -> Files:
    """All files with an ending, sorted by folder and name.

    Args:
        root: Where they are, in folders of classes if labels are inferred.
        labels: "inferred", None, or a number for each file.
        class_names: The folders, in the order of their numbers; None for all.
        suffix: The ending, in any case.
        follow_links: Whether to enter folders that are links.

    Raises:
        KerasError: A folder is missing, or there are not as many labels as files.
    """
    if not isinstance(labels, str):
        paths = list(_below(root, suffix, follow_links))
        if labels is None:
            return Files(paths, None, None)
        numbers = [int(label) for label in labels]
        if len(numbers) != len(paths):
            raise KerasError(
                f"labels has {len(numbers)} numbers and {root} {len(paths)} files, expected as many"
            )
        return Files(paths, numbers, [str(number) for number in sorted(set(numbers))])
    folders = sorted(
        entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(".")
    )
    names = folders if class_names is None else list(class_names)
    missing = [name for name in names if name not in folders]
    if missing:
        raise KerasError(
            f"{root} has no folder {missing[0]!r}; it has {', '.join(folders) or 'none'}"
        )
    found: list[Path] = []
    of_files: list[int] = []
    for number, name in enumerate(names):
        paths = list(_below(root / name, suffix, follow_links))
        found += paths
        of_files += [number] * len(paths)
    return Files(found, of_files, names)


def _below(folder: Path, suffix: str, follow_links: bool) -> Iterator[Path]:
    walk = sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0])
    for place, _, names in walk:
        for name in sorted(names):
            if name.lower().endswith(suffix):
                yield Path(place) / name


def split_files(files: Files, share: float, subset: str) -> Files:
    """The first files for training, or the last share of them for validation; prints how many."""
    total = len(files.paths)
    held_out = int(share * total)
    if subset == "training":
        print(f"Using {total - held_out} files for training.")
        return files.select(range(total - held_out))
    print(f"Using {held_out} files for validation.")
    return files.select(range(total - held_out, total))
