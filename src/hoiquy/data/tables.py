"""A table of labelled texts as a data set: one file that is split, or a file for each part."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.labelled_rows import AS_FOUND, LabelledRows, TableOptions, labelled_rows
from hoiquy.data.row import BadRow, Row, RowCount
from hoiquy.data.rows import read_rows
from hoiquy.data.splits import hold_out, in_fixed_order
from hoiquy.errors import DataError

_PROGRESS_EVERY = 10_000
_FEWEST = 10  # documents that a data set needs, to be split at all


def load_table(
    path: Path,
    name: str,
    options: TableOptions = AS_FOUND,
    test: Path | None = None,
    validation: Path | None = None,
    on_progress: Progress | None = None,
) -> Dataset:
    """Read a table of texts and labels.

    test, validation: files of the same kind for these parts; without `test`, a fifth of each class
    is held out by `hold_out`. Raises DataError as `read_rows` and `labelled_rows` do, and for a
    part with a class that the training part has not.
    """

    def read(file: Path) -> LabelledRows:
        rows, notes = _read(file, options, on_progress)
        left_out.append(notes)
        return rows

    left_out: list[str] = []
    dataset = dataset_of(
        read(path), name, read(test) if test else None, read(validation) if validation else None
    )
    return replace(dataset, description=dataset.description + "".join(left_out))


def load_whole_table(
    path: Path,
    classes: tuple[str, ...],
    options: TableOptions = AS_FOUND,
    on_progress: Progress | None = None,
) -> Dataset:
    """Read every row of a table as test documents, in its order, with these classes.

    Raises DataError as `load_table` does, and for a label that is not one of the classes.
    """
    rows, notes = _read(path, options, on_progress)
    documents = rows.documents(classes, str(path))
    nothing = Documents([], np.empty(0, np.int32))
    skipped = f"; {rows.bad:,} bad rows left out" if rows.bad else ""
    description = (
        f"texts from {rows.text_column!r}, labels from {rows.label_column!r}; all "
        f"{len(documents):,} rows{skipped}{notes}"
    )
    return Dataset(str(path), classes, nothing, documents, description, official_test=False)


def _read(
    path: Path, options: TableOptions, on_progress: Progress | None
) -> tuple[LabelledRows, str]:
    """The labelled rows of a file, and what to report besides. Raises DataError."""
    count = RowCount()
    rows = _told(read_rows(path, options.file, count), on_progress)
    found = labelled_rows(rows, options, str(path))
    count.check(len(found), found.bad, str(path))
    return found, count.notes()


def dataset_of(
    rows: LabelledRows,
    name: str,
    test: LabelledRows | None = None,
    validation: LabelledRows | None = None,
) -> Dataset:
    """The data set of some labelled rows, split unless a test part is given. Raises DataError."""
    classes = rows.classes()
    if len(classes) < 2:
        raise DataError(
            f"{name}: every row has the label {classes[0]!r} in {rows.label_column!r}, expected "
            f"two classes or more: name another column with --label"
        )
    documents = rows.documents(classes, name)
    if len(documents) < _FEWEST:
        raise DataError(f"{name} has {len(documents)} documents, expected {_FEWEST} or more")
    if test is None:
        train, held_out = _split(documents, classes, name)
        how = f"{len(train):,} for training and {len(held_out):,} held out by a fixed rule"
    else:
        train, held_out = documents, test.documents(classes, f"the test part of {name}")
        how = f"{len(train):,} for training and {len(held_out):,} given for testing"
    left_out = rows.bad + sum(part.bad for part in (test, validation) if part)
    skipped = f"; {left_out:,} bad rows left out" if left_out else ""
    return Dataset(
        name,
        classes,
        in_fixed_order(train, "train"),
        in_fixed_order(held_out, "test"),
        f"{name}: texts from {rows.text_column!r}, {len(classes)} classes from "
        f"{rows.label_column!r}; {how}{skipped}",
        official_test=False,
        validation=validation.documents(classes, f"the validation part of {name}")
        if validation
        else None,
    )


def _split(
    documents: Documents, classes: tuple[str, ...], name: str
) -> tuple[Documents, Documents]:
    train_rows, test_rows = hold_out(documents.texts, documents.labels)
    train, test = documents.take(train_rows), documents.take(test_rows)
    if not len(test):
        counts = np.bincount(documents.labels, minlength=len(classes))
        raise DataError(
            f"{name}: no class has the five different texts that it takes to hold one out for "
            f"testing (at most {counts.max()} in a class): give more, or a test file with --test"
        )
    return train, test


def _told(rows: Iterable[Row | BadRow], on_progress: Progress | None) -> Iterable[Row | BadRow]:
    for number, row in enumerate(rows):
        if on_progress is not None and number % _PROGRESS_EVERY == 0:
            on_progress("reading rows", number, None)
        yield row
