"""Loads a data set from a table: one file that is split, or one file for each part."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.labels.labelled_rows import (
    DEFAULT_TABLE_OPTIONS,
    DETECTED,
    Expected,
    TableOptions,
    labelled_rows,
)
from hoiquy.data.part_names import PartName
from hoiquy.data.splits import hold_out, in_fixed_order
from hoiquy.data.tables.columns import printable
from hoiquy.data.tables.row import BadRow, Row, RowCount
from hoiquy.data.tables.rows import read_rows
from hoiquy.errors import DataError

_PROGRESS_EVERY = 10_000
_MIN_ROWS = 10  # documents of a data set


def load_table(
    path: Path,
    name: str,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    test: Path | None = None,
    validation: Path | None = None,
    on_progress: Progress | None = None,
    unlabelled: Callable[[str], None] | None = None,
) -> Dataset:
    """Load a table of texts and labels.

    A split column decides the parts, without the rows of parts that are given as files. Without a
    test part, 20% of each class are held out by `hold_out`.

    Args:
        path: The table.
        name: Name of the data set.
        options: How to read the tables.
        test: Table of test documents; its columns are those of `path` if it has them.
        validation: Table of validation documents, likewise.
        on_progress: Called with the number of rows.
        unlabelled: Called with the texts of `path` that have no label, see `RowCollector`.

    Raises:
        DataError: As `read_rows` and `labelled_rows`, or a part has a class that the training part
            lacks.
    """
    rows = _read(path, options, on_progress, Expected(by_split=True), unlabelled)
    classes = _training_classes(rows)
    known = classes if len(classes) > 1 else None  # else `dataset_of` says what is wrong
    expected = Expected(rows.columns, rows.multilabel, classes=known)
    parts = [
        _read(part, options, on_progress, expected) if part else None for part in (test, validation)
    ]
    return dataset_of(rows, name, *parts)


def load_whole_table(
    path: Path,
    classes: tuple[str, ...],
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    on_progress: Progress | None = None,
    multilabel: bool = False,
) -> Dataset:
    """Load all rows of a table as test documents, in order; split columns are ignored.

    Args:
        path: The table.
        classes: Names of the classes.
        options: How to read the table.
        on_progress: Called with the number of rows.
        multilabel: Whether a row may have any number of labels.

    Raises:
        DataError: As `load_table`, or a label is not one of the classes.
    """
    rows = _read(path, options, on_progress, Expected(multilabel=multilabel, classes=classes))
    return whole_dataset(rows, classes, str(path))


def whole_dataset(rows: LabelledDocuments, classes: tuple[str, ...], name: str) -> Dataset:
    """Return all rows as test documents, in order. Raises DataError for another label."""
    documents = rows.documents(classes, name)
    text, label = rows.columns
    description = f"texts from {text!r}, labels from {label!r}; all {len(documents):,} rows"
    if rows.bad:
        description = f"texts from {text!r}, labels from {label!r}; {len(documents):,} rows"
    return Dataset(
        name,
        classes,
        Documents([], documents.labels[:0]),
        documents,
        "; ".join([description, *_remarks(rows)]),
        official_test=False,
        columns=rows.columns,
    )


def _read(
    path: Path,
    options: TableOptions,
    on_progress: Progress | None,
    expected: Expected = DETECTED,
    unlabelled: Callable[[str], None] | None = None,
) -> LabelledDocuments:
    """Read the labelled rows of a file and check that no row is lost. Raises DataError."""
    count = RowCount()
    rows = _with_progress(read_rows(path, options.file, count), on_progress)
    documents = labelled_rows(rows, str(path), options, expected, unlabelled)
    count.check(len(documents), documents.bad + documents.left_out, str(path))
    documents.notes += count.notes()
    return documents


def dataset_of(
    rows: LabelledDocuments,
    name: str,
    test: LabelledDocuments | None = None,
    validation: LabelledDocuments | None = None,
) -> Dataset:
    """Return a data set of labelled rows, split by their split column or `hold_out`.

    test, validation: separate parts, which take precedence over the splits of `rows`. Test
    documents stay in the order of their source. Raises DataError.
    """
    by_column, classes = _has_training_split(rows), _training_classes(rows)
    if len(classes) < 2:
        labels = f"the label {classes[0]!r}" if classes else "no label"
        raise DataError(
            f"{name}: every row has {labels} in {rows.columns.label!r}, expected at least two "
            f"classes: name another column with --label"
        )
    train = rows.documents(classes, name, "train" if by_column else None)
    if len(train) < _MIN_ROWS:
        raise DataError(f"{name} has {len(train)} documents, expected at least {_MIN_ROWS}")

    def part(which: PartName, given: LabelledDocuments | None) -> Documents | None:
        source = f"the {which} part of {name}"
        if given is not None:
            return given.documents(classes, source)
        exists = by_column and rows.part_size(which)
        return rows.documents(classes, source, which) if exists else None

    test_documents, validation_documents = part("test", test), part("validation", validation)
    how = "given for testing"
    if test_documents is None:
        train, test_documents = _split(train, classes, name)
        how = "held out by a fixed rule"
    counts = _counts(train, test_documents, validation_documents, how)
    remarks = _split_column_remarks(rows, by_column, test, validation) + _remarks(rows)
    remarks += _untested(train, test_documents, classes)
    remarks += _part_remarks("test", test, rows) + _part_remarks("validation", validation, rows)
    return Dataset(
        name,
        classes,
        in_fixed_order(train, "train"),
        test_documents,
        f"{name}: texts from {rows.columns.text!r}, {len(classes)} {rows.kind} from "
        f"{rows.columns.label!r}; {'; '.join([counts, *remarks])}",
        official_test=False,
        validation=validation_documents,
        columns=rows.columns,
    )


def _has_training_split(rows: LabelledDocuments) -> bool:
    return rows.split_column is not None and rows.part_size("train") > 0


def _training_classes(rows: LabelledDocuments) -> tuple[str, ...]:
    return rows.classes("train" if _has_training_split(rows) else None)


def _counts(train: Documents, test: Documents, validation: Documents | None, how: str) -> str:
    counts = f"{len(train):,} for training and {len(test):,} {how}"
    return counts if validation is None else f"{counts}, {len(validation):,} for validation"


def _remarks(rows: LabelledDocuments) -> list[str]:
    bad = [f"{rows.bad:,} bad rows left out"] if rows.bad else []
    return bad + rows.remarks()


def _untested(train: Documents, test: Documents, classes: tuple[str, ...]) -> list[str]:
    """Report classes without test documents, whose errors no test shows."""
    if train.labels.ndim == 2:
        return []
    for_training = train.class_counts(len(classes))
    missing = np.flatnonzero(test.class_counts(len(classes)) == 0).tolist()
    if not missing:
        return []
    rarest = min(missing, key=lambda index: int(for_training[index]))
    count, name = int(for_training[rarest]), printable(classes[rarest])
    if len(missing) == 1:
        return [f"no test documents of the class {name!r} ({count:,} for training)"]
    return [
        f"no test documents of {len(missing):,} classes, such as {name!r} ({count:,} for training)"
    ]


def _split_column_remarks(
    rows: LabelledDocuments,
    used: bool,
    test: LabelledDocuments | None,
    validation: LabelledDocuments | None,
) -> list[str]:
    """Report how the split column was used; test, validation: parts that replace its rows."""
    if rows.split_column is None:
        return []
    if not used:
        return [f"the column {rows.split_column!r} is not used"]
    parts: tuple[tuple[PartName, LabelledDocuments | None], ...]
    parts = ("test", test), ("validation", validation)
    return [f"parts by the column {rows.split_column!r}"] + [
        f"{rows.part_size(which):,} rows of the split {which} left out, since a file is given"
        for which, given in parts
        if given is not None and rows.part_size(which)
    ]


def _part_remarks(which: str, part: LabelledDocuments | None, rows: LabelledDocuments) -> list[str]:
    """Report what differs in a separate part."""
    if part is None:
        return []
    columns = f"texts from {part.columns.text!r}, labels from {part.columns.label!r}"
    facts = ([columns] if part.columns != rows.columns else []) + _remarks(part)
    return [f"{which}: {', '.join(facts)}"] if facts else []


def _split(
    documents: Documents, classes: tuple[str, ...], name: str
) -> tuple[Documents, Documents]:
    train_rows, test_rows = hold_out(documents.texts, documents.labels)
    train, test = documents.take(train_rows), documents.take(test_rows)
    if not len(test):
        counts = documents.class_counts(len(classes))
        raise DataError(
            f"{name}: no class has five distinct texts, which are needed to hold one out for "
            f"testing (at most {counts.max()} in a class): add texts, or pass a test file with "
            f"--test"
        )
    return train, test


def _with_progress(
    rows: Iterable[Row | BadRow], on_progress: Progress | None
) -> Iterable[Row | BadRow]:
    for number, row in enumerate(rows):
        if on_progress is not None and number % _PROGRESS_EVERY == 0:
            on_progress("reading rows", number, None)
        yield row
