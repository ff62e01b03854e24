"""Predictions as a table: the columns of CSV and Parquet."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hoiquy.nn.metrics import predicted_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hoiquy.data.unlabelled.rows import Document


_SEPARATORS = ("|", ";", ",", "\t")  # of labels in one cell


def predicted_names(
    probabilities: "NDArray[Any]", classes: Sequence[str], multilabel: bool
) -> list[tuple[str, ...]]:
    """Return the predicted label names of each document, exactly one unless `multilabel`.

    probabilities: (documents, classes).
    """
    predicted = predicted_labels(probabilities, multilabel)
    if not multilabel:
        return [(classes[at],) for at in predicted.tolist()]
    return [tuple(classes[at] for at in row.nonzero()[0].tolist()) for row in predicted]


def label_separator(classes: Sequence[str]) -> str:
    """Return the separator of labels in one cell: "|" unless a class name contains it."""
    return next((one for one in _SEPARATORS if not any(one in name for name in classes)), "|")


def prediction_columns(classes: Sequence[str], others: Sequence[str] = ()) -> list[str]:
    """Return the column names: line, others, text, prediction, a probability for each class."""
    probabilities = [f"probability_{sound(name)}" for name in classes]
    return ["line", *map(sound, others), "text", "prediction", *probabilities]


def prediction_schema(
    classes: Sequence[str], multilabel: bool = False, others: Sequence[str] = ()
) -> Any:
    """Return the columns as an Arrow schema; with `multilabel` a prediction is a list.

    others: further columns, of texts.
    """
    import pyarrow as pa

    prediction = pa.list_(pa.string()) if multilabel else pa.string()
    texts = [pa.string()] * (len(others) + 1)
    types = [pa.int64(), *texts, prediction, *([pa.float32()] * len(classes))]
    return pa.schema(list(zip(prediction_columns(classes, others), types, strict=True)))


def prediction_table(
    documents: "Sequence[Document]", probabilities: "NDArray[Any]", classes: Sequence[str],
    multilabel: bool = False, others: Sequence[str] = (),
) -> Any:  # fmt: skip
    """Return the predictions as an Arrow table.

    probabilities: (documents, classes). others: names of the documents' other values.
    """
    import pyarrow as pa

    schema = prediction_schema(classes, multilabel, others)
    names = predicted_names(probabilities, classes, multilabel)
    columns = [
        [document.line for document in documents],
        *([as_text(one.others[at]) for one in documents] for at in range(len(others))),
        [sound(document.text) for document in documents],
        names if multilabel else [name for (name,) in names],
        *probabilities.T,
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema)


def as_text(value: Any) -> str | None:
    """A value of a table as text: numbers, lists and objects as JSON; None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool | int | float | list | dict):
        return sound(json.dumps(value, ensure_ascii=False, default=str))
    return sound(str(value))


def sound(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode("utf-8")
