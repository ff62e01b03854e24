"""Labelled texts that are in memory already: frames, Hugging Face data sets, Python lists."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.data.labelled_rows import AS_FOUND, LabelledRows, TableOptions, labelled_rows
from hoiquy.data.rows import BadRow, Row
from hoiquy.data.tables import dataset_of
from hoiquy.errors import DataError

IN_MEMORY = "in memory"  # the name of a data set that has none

_KINDS = (
    "a pandas or Polars frame, a Hugging Face Dataset or DatasetDict, a list of (text, label) "
    "pairs or of dictionaries"
)


def load_object(data: Any, options: TableOptions = AS_FOUND, name: str = IN_MEMORY) -> Dataset:
    """The data set of an object that holds texts and labels; see `_KINDS`.

    A mapping with "train" and, if it likes, "test" and "validation" gives the parts themselves.
    Nothing is imported: objects are known by what they can do. Raises DataError for another object.
    """
    if isinstance(data, Mapping) and "train" in data:
        parts = {part: _labelled(data[part], options, f"{name}[{part!r}]") for part in data}
        return dataset_of(parts["train"], name, parts.get("test"), parts.get("validation"))
    return dataset_of(_labelled(data, options, name), name)


def _labelled(data: Any, options: TableOptions, name: str) -> LabelledRows:
    return labelled_rows(_rows(data, name), options, name)


def _rows(data: Any, name: str) -> Iterator[Row | BadRow]:
    label_names = _class_names(data)
    for number, item in enumerate(_items(data, name), start=1):
        if isinstance(item, tuple | list) and len(item) == 2:
            item = {"text": item[0], "label": item[1]}
        if not isinstance(item, Mapping):
            yield BadRow(number, f"{type(item).__name__}, expected a (text, label) pair")
            continue
        named = {
            column: names[item[column]]
            for column, names in label_names.items()
            if isinstance(item.get(column), int) and 0 <= item[column] < len(names)
        }
        yield Row(number, {**item, **named})


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


def _class_names(data: Any) -> dict[str, list[str]]:
    """Of a Hugging Face data set: the names behind the numbers of its label columns."""
    features = getattr(data, "features", None)
    if not isinstance(features, Mapping):
        return {}
    return {
        column: list(feature.names)
        for column, feature in features.items()
        if getattr(feature, "names", None)
    }
