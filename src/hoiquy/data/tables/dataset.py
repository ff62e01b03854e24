"""A table of labelled texts as a data set: one file that is split, or a file for each part."""

from collections.abc import Iterable
from pathlib import Path

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions, labelled_rows
from hoiquy.data.part_names import PartName
from hoiquy.data.splits import hold_out, in_fixed_order
from hoiquy.data.tables.columns import Columns
from hoiquy.data.tables.row import BadRow, Row, RowCount
from hoiquy.data.tables.rows import read_rows
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

    test, validation: files of the same kind for these parts; the columns of the table are taken
    there, where they are. A column of splits says which rows are for testing and for validation;
    rows of a part that is given as a file are left out. Where nothing says what to test on, a fifth
    of each class is held out by `hold_out`. Raises DataError as `read_rows` and `labelled_rows` do,
    and for a part with a class that the training part has not.
    """

    def read(file: Path, before: Columns | None = None, splits: bool = False) -> LabelledDocuments:
        return _read(file, options, on_progress, before, splits, several)

    several = None
    found = read(path, splits=True)
    several = found.multilabel
    parts = [read(part, found.columns) if part else None for part in (test, validation)]
    return dataset_of(found, name, *parts)


def load_whole_table(
    path: Path,
    classes: tuple[str, ...],
    options: TableOptions = AS_FOUND,
    on_progress: Progress | None = None,
    multilabel: bool = False,
) -> Dataset:
    """Read every row of a table as test documents, in its order, with these classes.

    multilabel: whether a row may have several of them, or none. A column of splits is left alone.
    Raises DataError as `load_table` does, and for a label that is not one of the classes.
    """
    rows = _read(path, options, on_progress, several=multilabel)
    return whole_dataset(rows, classes, str(path))


def whole_dataset(rows: LabelledDocuments, classes: tuple[str, ...], name: str) -> Dataset:
    """Return all rows as test documents, in their order. Raises DataError for another label."""
    documents = rows.documents(classes, name)
    description = (
        f"texts from {rows.columns.text!r}, labels from {rows.columns.label!r}; all "
        f"{len(documents):,} rows"
    )
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
    before: Columns | None = None,
    splits: bool = False,
    several: bool | None = None,
) -> LabelledDocuments:
    """The labelled rows of a file, all of which are accounted for. Raises DataError."""
    count = RowCount()
    rows = _told(read_rows(path, options.file, count), on_progress)
    found = labelled_rows(rows, options, str(path), before, splits, several)
    count.check(len(found), found.bad + found.left_out, str(path))
    found.notes += count.notes()
    return found


def dataset_of(
    rows: LabelledDocuments,
    name: str,
    test: LabelledDocuments | None = None,
    validation: LabelledDocuments | None = None,
) -> Dataset:
    """The data set of some labelled rows, in their split or by `hold_out`. Raises DataError.

    test, validation: parts of their own, which go before the splits of `rows`. The test documents
    are in the order of their source.
    """
    by_column = rows.split_column is not None and rows.documents_of("train") > 0
    classes = rows.classes("train" if by_column else None)
    if len(classes) < 2:
        every = f"the label {classes[0]!r}" if classes else "no label"
        raise DataError(
            f"{name}: every row has {every} in {rows.columns.label!r}, expected two classes or "
            f"more: name another column with --label"
        )
    train = rows.documents(classes, name, "train" if by_column else None)
    if len(train) < _FEWEST:
        raise DataError(f"{name} has {len(train)} documents, expected {_FEWEST} or more")

    def part(which: PartName, given: LabelledDocuments | None) -> Documents | None:
        source = f"the {which} part of {name}"
        if given is not None:
            return given.documents(classes, source)
        there = by_column and rows.documents_of(which)
        return rows.documents(classes, source, which) if there else None

    tested_on, validated_on, how = part("test", test), part("validation", validation), "given"
    if tested_on is None:
        train, tested_on = _split(train, classes, name)
        how = "held out by a fixed rule"
    counts = f"{len(train):,} for training and {len(tested_on):,} {how}"
    if how == "given":
        counts += " for testing"
    if validated_on is not None:
        counts += f", {len(validated_on):,} for validation"
    remarks = _split_column(rows, by_column, test, validation) + _remarks(rows)
    remarks += _of_part("test", test, rows) + _of_part("validation", validation, rows)
    return Dataset(
        name,
        classes,
        in_fixed_order(train, "train"),
        tested_on,
        f"{name}: texts from {rows.columns.text!r}, {len(classes)} {rows.kind} from "
        f"{rows.columns.label!r}; {'; '.join([counts, *remarks])}",
        official_test=False,
        validation=validated_on,
        columns=rows.columns,
    )


def _remarks(rows: LabelledDocuments) -> list[str]:
    bad = [f"{rows.bad:,} bad rows left out"] if rows.bad else []
    return bad + rows.remarks()


def _split_column(
    rows: LabelledDocuments,
    used: bool,
    test: LabelledDocuments | None,
    validation: LabelledDocuments | None,
) -> list[str]:
    """What became of a column of splits; test, validation: files that go before its rows."""
    if rows.split_column is None:
        return []
    if not used:
        return [f"the column {rows.split_column!r} is left alone"]
    parts: tuple[tuple[PartName, LabelledDocuments | None], ...]
    parts = ("test", test), ("validation", validation)
    return [f"parts by the column {rows.split_column!r}"] + [
        f"{rows.documents_of(which):,} rows of the split {which} left out, as a file is given"
        for which, given in parts
        if given is not None and rows.documents_of(which)
    ]


def _of_part(which: str, part: LabelledDocuments | None, rows: LabelledDocuments) -> list[str]:
    """What is to be reported of a part that was given."""
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
            f"{name}: no class has the five different texts that it takes to hold one out for "
            f"testing (at most {counts.max()} in a class): give more, or a test file with --test"
        )
    return train, test


def _told(rows: Iterable[Row | BadRow], on_progress: Progress | None) -> Iterable[Row | BadRow]:
    for number, row in enumerate(rows):
        if on_progress is not None and number % _PROGRESS_EVERY == 0:
            on_progress("reading rows", number, None)
        yield row
