"""text_dataset_from_directory: the texts in folders of classes, as a data set."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.keras import usage
from hoiquy.keras.concrete import as_tensor
from hoiquy.keras.errors import AbsentFileError, KerasError
from hoiquy.keras.pipeline.dataset import Dataset
from hoiquy.keras.pipeline.sources import Again
from hoiquy.keras.seed import next_seed
from hoiquy.keras.tensors import eager_tensor
from hoiquy.keras.utils.class_folders import Files, find_files, split_files

_SUFFIX = ".txt"
_LABEL_MODES = ("int", "categorical", "binary", None)


def text_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int",
    class_names: Sequence[str] | None = None, batch_size: int | None = 32,
    max_length: int | None = None, shuffle: bool = True, seed: int | None = None,
    validation_split: float | None = None, subset: str | None = None, follow_links: bool = False,
    format: str = "tf", verbose: bool = True,
) -> Any:  # fmt: skip
    """The contents of the .txt files below a folder, with the numbers of their classes.

    Files are read when their batch is. Which files belong to which subset is as in Keras, for the
    same seed; the order within a subset is as in Keras without `shuffle` only.

    Args:
        directory: Has a folder for each class; or, without inferred labels, files.
        labels: "inferred" from the folders; a number for each file in the order of their paths; or
            None for texts alone.
        label_mode: "int" for int32 (rows,), "categorical" for one-hot vectors, "binary" for float32
            (rows, 1), None for texts alone.
        class_names: The folders in the order of their numbers; by default all, sorted.
        batch_size: Texts of a batch; None for single texts.
        max_length: Bytes after which a text is cut off.
        shuffle: Whether the texts come in another random order in each iteration.
        seed: Of the order and of the subsets.
        validation_split: The share of the files that are for validation.
        subset: "training", "validation", or "both" for a list of both data sets.
        follow_links: Whether to enter folders that are links.
        format: "tf" or "grain", without a difference.
        verbose: Whether to print the number of files.

    Returns:
        A data set of texts, or of (texts, labels); it has `class_names`.

    Raises:
        KerasError: An argument is wrong, or there are no files.
    """
    usage.record_used("utils.text_dataset_from_directory")
    _check(labels, label_mode, class_names)
    _check_split(validation_split, subset, shuffle, seed)
    if labels is None or label_mode is None:
        labels = label_mode = None
    root = _folder(directory)
    seed = next_seed() % 10**6 if seed is None else seed
    files = find_files(root, labels, class_names, _SUFFIX, follow_links)
    _report(files, label_mode, verbose)
    if shuffle:
        files = files.shuffled(seed)

    def dataset(part: Files, in_order: bool) -> Dataset:
        if not part.paths:
            raise KerasError(f"{root}: no {_SUFFIX} files for this data set")
        buffer = None if in_order else 1024 if batch_size is None else batch_size * 8
        return _dataset(part, label_mode, batch_size, max_length, (buffer, seed))

    if subset == "both":
        share = validation_split or 0
        training = dataset(split_files(files, share, "training"), not shuffle)
        return [training, dataset(split_files(files, share, "validation"), True)]
    part = split_files(files, validation_split, subset) if validation_split and subset else files
    return dataset(part, not shuffle)


def _folder(directory: Any) -> Path:
    root = Path(os.fspath(directory)).expanduser()
    if not root.is_dir():
        raise AbsentFileError(f"{root} is not a folder: text_dataset_from_directory needs one")
    return root


def _report(files: Files, label_mode: str | None, verbose: bool) -> None:
    """Print the number of files. Raises KerasError for binary labels of other than two classes."""
    names = files.class_names or []
    if verbose:
        classes = "" if label_mode is None else f" belonging to {len(names)} classes"
        print(f"Found {len(files.paths)} files{classes}.")
    if label_mode == "binary" and len(names) != 2:
        raise KerasError(
            f"label_mode='binary' needs two classes, found {len(names)}: {', '.join(names)}"
        )


def _dataset(
    files: Files, label_mode: str | None, batch_size: int | None, max_length: int | None,
    order: tuple[int | None, int],
) -> Dataset:  # fmt: skip
    """The data set of some files; `order` is the size of the buffer to shuffle with, and a seed."""
    labels = None if label_mode is None else as_tensor(_encoded(files, label_mode))

    def texts(rows: Iterator[Any]) -> Iterator[Any]:
        for row in rows:
            text = eager_tensor(_content(files.paths[int(row)], max_length), None)
            yield text if labels is None else (text, labels[int(row)])

    rows = Dataset.range(len(files.paths))
    buffer, seed = order
    if buffer is not None:
        rows = rows.shuffle(buffer, seed=seed)
    dataset = Dataset(Again(lambda: texts(iter(rows))), len(files.paths))
    if batch_size is not None:
        dataset = dataset.batch(batch_size)
    dataset.class_names = files.class_names
    return dataset


def _encoded(files: Files, label_mode: str | None) -> Any:
    numbers = np.asarray(files.labels, np.int32)
    if label_mode == "binary":
        return numbers.astype(np.float32)[:, None]
    if label_mode == "categorical":
        return np.equal(numbers[:, None], np.arange(len(files.class_names or ()))).astype(
            np.float32
        )
    return numbers


def _content(path: Path, max_length: int | None) -> Any:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise KerasError(f"{path} cannot be read: {error.strerror or error}") from error
    entry = np.empty((), object)
    entry[()] = text if max_length is None else text[:max_length]
    return entry


def _check(labels: Any, label_mode: Any, class_names: Any) -> None:
    if label_mode not in _LABEL_MODES:
        known = ", ".join(map(repr, _LABEL_MODES))
        raise KerasError(f"label_mode={label_mode!r}, expected one of {known}")
    if labels is not None and not isinstance(labels, list | tuple | np.ndarray):
        if labels != "inferred":
            raise KerasError(
                f"labels={labels!r}, expected 'inferred', None, or a list of numbers, one a file"
            )
    elif class_names is not None:
        raise KerasError("class_names names folders, and needs labels='inferred'")


def _check_split(split: float | None, subset: str | None, shuffle: bool, seed: int | None) -> None:
    if split and not 0 < split < 1:
        raise KerasError(f"validation_split={split}, expected a share between 0 and 1")
    if bool(split) != bool(subset):
        raise KerasError("validation_split and subset belong together: give both or none")
    if subset not in ("training", "validation", "both", None):
        raise KerasError(f"subset={subset!r}, expected 'training', 'validation' or 'both'")
    if split and shuffle and seed is None:
        raise KerasError(
            "validation_split with shuffle=True needs a seed, as otherwise both subsets have files "
            "in common"
        )
