"""Labelled texts in memory: frames, Hugging Face data sets, Python lists."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.class_names import class_names_of_features, with_class_names
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.labels.labelled_rows import (
    DEFAULT_TABLE_OPTIONS,
    DETECTED,
    Expected,
    NoLabelsError,
    TableOptions,
    labelled_rows,
)
from hoiquy.data.part_names import PartName, chosen_parts
from hoiquy.data.tables.columns import NoColumnsError, SeveralColumnsError
from hoiquy.data.tables.dataset import dataset_of, whole_dataset
from hoiquy.data.tables.rows import BadRow, Row
from hoiquy.errors import DataError

IN_MEMORY = "in memory"  # the name of such data sets

_KINDS = (
    "a pandas or Polars frame, a Hugging Face Dataset or DatasetDict, a list of (text, label) "
    "pairs or of dictionaries"
)


def load_object(
    data: Any, options: TableOptions = DEFAULT_TABLE_OPTIONS, name: str = IN_MEMORY
) -> Dataset:
    """Load a data set from an object with texts and labels; see `_KINDS`.

    A mapping with "train" and optionally "test" and "validation" (or synonyms such as "dev") gives
    the parts. Other keys, and parts without labels, are left out, which the description reports.
    Objects are recognised by their methods, so that no package is imported. Raises DataError for
    other objects.
    """
    if isinstance(data, Mapping) and "train" in chosen_parts(map(str, data)).chosen:
        return _load_mapping(data, options, name)
    return dataset_of(
        labelled_rows(_rows(data, name), name, options, Expected(by_split=True)), name
    )


def _load_mapping(data: Mapping[Any, Any], options: TableOptions, name: str) -> Dataset:
    chosen, left_out = chosen_parts(map(str, data))
    by_name = {str(key): value for key, value in data.items()}

    def read(key: str, expected: Expected = DETECTED) -> LabelledDocuments:
        source = f"{name}[{key!r}]"
        return labelled_rows(_rows(by_name[key], source), source, options, expected)

    train = read(chosen["train"])
    parts: dict[PartName, LabelledDocuments] = {}
    for part, key in chosen.items():
        if part == "train":
            continue
        try:
            rows = read(key, Expected(train.columns, train.multilabel))
        except (NoLabelsError, NoColumnsError, SeveralColumnsError):
            left_out.append(f"{key} (no labels)")
            continue
        known = set(rows.classes()) <= set(train.classes())
        if known or rows.columns.label == train.columns.label:
            parts[part] = rows
        else:  # another column, without these labels
            left_out.append(f"{key} (no labels)")
    if left_out:
        train.notes.append(f"left out: {', '.join(left_out)}")
    return dataset_of(train, name, parts.get("test"), parts.get("validation"))


def _rows(data: Any, name: str) -> Iterator[Row | BadRow]:
    names = class_names_of_features(getattr(data, "features", None))
    if hasattr(data, "features") and hasattr(data, "with_format"):  # Hugging Face
        data = data.with_format(None)  # Python objects, whatever its format
    for number, item in enumerate(_items(data, name), start=1):
        if isinstance(item, tuple | list) and len(item) == 2:
            item = {"text": item[0], "label": item[1]}
        if not isinstance(item, Mapping):
            yield BadRow(number, f"{type(item).__name__}, expected a (text, label) pair")
            continue
        try:
            item = with_class_names(item, names)
        except ValueError as error:
            yield BadRow(number, str(error))
            continue
        yield Row(number, item)


def _items(data: Any, name: str) -> Iterable[Any]:
    if hasattr(data, "iter_rows"):  # Polars
        rows: Iterable[Any] = data.iter_rows(named=True)
        return rows
    if hasattr(data, "itertuples"):  # pandas
        names = [str(column) for column in data.columns]
        return (dict(zip(names, row, strict=True)) for row in data.itertuples(index=False))
    if isinstance(data, str | bytes | Mapping) or not hasattr(data, "__iter__"):
        raise DataError(f"{name} is of type {type(data).__name__}, expected {_KINDS}")
    items: Iterable[Any] = data
    return items


def load_whole_object(
    data: Any,
    classes: tuple[str, ...],
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    multilabel: bool = False,
) -> Dataset:
    """Load all rows of an object as test documents, in order, with these classes.

    Raises DataError as `load_object`, and for a label that is not one of the classes.
    """
    expected = Expected(multilabel=multilabel, classes=classes)
    rows = labelled_rows(_rows(data, IN_MEMORY), IN_MEMORY, options, expected)
    return whole_dataset(rows, classes, IN_MEMORY)
