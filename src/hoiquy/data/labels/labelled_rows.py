"""Reads the rows of a table as labelled documents: columns, labels, parts, bad rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any, NamedTuple

from hoiquy.data.labels.columns import (
    MultiLabelColumns,
    detect_separator,
    holds_lists,
    named_columns,
)
from hoiquy.data.labels.label_sets import MultiLabelDocuments
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.labels.row_collector import RowCollector
from hoiquy.data.tables.columns import (
    MAX_CLASSES,
    Columns,
    choose_columns,
    printable,
    split_columns,
)
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.formats import is_table
from hoiquy.data.tables.rows import BadRow, Row, peek_rows
from hoiquy.errors import DataError


@dataclass(frozen=True)
class TableOptions:
    """How to read a table; None and "auto" are detected.

    Attributes:
        text: Name of the text column.
        label: Name of the label column, or names of several, separated by commas.
        encoding: Encoding of text files; by default that of a byte order mark, else UTF-8.
        skip_bad_rows: Leave out bad rows instead of raising DataError.
        header: "yes" or "no", whether the first row of CSV, TSV or Excel is a header.
        quoting: "standard", "backslash" or "none", see `FileOptions`.
        label_separator: Separates several labels in a cell.
    """

    text: str | None = None
    label: str | None = None
    encoding: str | None = None
    skip_bad_rows: bool = False
    header: str | None = None
    quoting: str | None = None
    label_separator: str | None = None

    @property
    def file(self) -> FileOptions:
        """The options of the file format. Raises InputError for an invalid value."""
        return FileOptions(self.encoding, self.header, self.quoting)


DEFAULT_TABLE_OPTIONS = TableOptions()


class Expected(NamedTuple):
    """What is known about a table before it is read.

    columns: those of the training table, used if this table has them.
    multilabel: whether a row may have any number of labels; None detects it.
    by_split: whether a split column, if any, decides the part of each row.
    classes: names of the classes; rows with other labels are bad. None if any label is a class.
    """

    columns: Columns | None = None
    multilabel: bool | None = None
    by_split: bool = False
    classes: tuple[str, ...] | None = None


DETECTED = Expected()


class NoLabelsError(DataError):
    """A table has texts but no labels."""


def labelled_rows(
    rows: Iterable[Row | BadRow],
    source: str,
    options: TableOptions,
    expected: Expected = DETECTED,
    unlabelled: Callable[[str], None] | None = None,
) -> LabelledDocuments:
    """Choose the columns and collect texts and labels; errors name `source`.

    unlabelled: see `RowCollector`. Raises DataError if no row is good, a column is missing, there
    are too many classes, or rows are bad and `skip_bad_rows` is not set; NoLabelsError if only the
    labels are missing.
    """
    good, all_rows = peek_rows(iter(rows))
    if not good:
        first = next(all_rows, None)
        reason = f": line {first.line}: {first.reason}" if isinstance(first, BadRow) else ""
        raise DataError(f"{source} has no rows with a text and a label{reason}")
    columns = choose_columns(good, options.text, options.label, source, expected.columns)
    labels = _multilabel_columns(good, columns, options.label_separator, expected.multilabel)
    splits = split_columns(good, columns) if expected.by_split else []
    collector = RowCollector(columns, splits, good, labels, expected.classes, unlabelled)
    for row in all_rows:
        collector.add(row)
        if collector.documents.label_count > MAX_CLASSES:
            raise _too_many_classes(source, columns, collector.documents)
    documents = collector.finish()
    if labels is not None and len(labels.columns) > 1 and expected.columns is None:
        detected, training = options.label is None, expected.multilabel is None
        documents.notes += _binary_column_notes(documents, detected, training)
    if documents.bad and not options.skip_bad_rows:
        trains = expected.by_split and is_table(source) and labels is None
        raise _bad_rows(documents, source, collector.only_labels_are_missing, trains)
    if not len(documents):
        raise NoLabelsError(f"{source} has no rows with a text and a label")
    if hint := _separator_hint(documents):
        documents.notes.append(hint.removeprefix("; or, "))
    return documents


def _too_many_classes(source: str, columns: Columns, documents: LabelledDocuments) -> DataError:
    return DataError(
        f"{source}: the column {printable(columns.label)!r} has {documents.label_count:,} "
        f"different values in {len(documents):,} rows, expected at most {MAX_CLASSES:,} classes: "
        f"name another with --label{_separator_hint(documents)}"
    )


def _bad_rows(
    documents: LabelledDocuments, source: str, only_labels_are_missing: bool, trains: bool
) -> DataError:
    """The error for bad rows; trains: whether their texts may be trained on without labels."""
    message = documents.bad_rows_message(source)
    if not only_labels_are_missing:
        return DataError(message)
    if not len(documents):
        return NoLabelsError(message)
    message += _separator_hint(documents)
    if not trains:
        return DataError(message)
    return DataError(
        f"{message}; hoiquy train, with --skip-bad-rows --unlabelled {quote(source)} added, learns "
        f"from the texts without a label as well"
    )


def _multilabel_columns(
    rows: Sequence[Mapping[str, Any]],
    columns: Columns,
    separator: str | None,
    multilabel: bool | None,
) -> MultiLabelColumns | None:
    """How to read several labels a row; None for one label a row."""
    names = named_columns(columns.label, list(dict.fromkeys(name for row in rows for name in row)))
    assert names is not None  # chosen among these columns
    if separator == "":
        raise DataError("--label-separator is empty: pass the separator of the labels, such as '|'")
    if separator is not None and len(names) > 1:
        raise DataError(
            f"--label-separator is for one column with all labels, but --label names {len(names)}: "
            f"leave out one of the two options"
        )
    if multilabel is False and (separator is not None or len(names) > 1):
        raise DataError(
            "one label a row is expected here: name one column with --label, without "
            "--label-separator"
        )
    if multilabel is None:
        multilabel = separator is not None or len(names) > 1 or holds_lists(rows, names[0])
    return MultiLabelColumns(names, separator) if multilabel else None


def _binary_column_notes(documents: LabelledDocuments, detected: bool, training: bool) -> list[str]:
    """Remarks to report about binary label columns."""
    notes = []
    if detected:
        notes.append("columns that hold only 0 and 1 are taken as labels (--label names one)")
    if training and isinstance(documents, MultiLabelDocuments) and documents.one_label_each:
        notes.append(
            "each row has exactly one 1: if the classes are exclusive, write the class name into a "
            "single column, for a softmax"
        )
    return notes


def _separator_hint(documents: LabelledDocuments) -> str:
    """A hint if cells seem to hold several labels; else ""."""
    detected = None if documents.multilabel else detect_separator(documents.classes())
    if detected is None:
        return ""
    separator, example = detected
    return (
        f"; or, if {example!r:.80} is several labels, pass --label-separator '{separator}' to "
        f"separate them"
    )
