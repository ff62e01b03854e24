"""The answers to documents as a table: the columns of CSV and Parquet."""

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
    """The names of the labels that each document is given; exactly one unless `multilabel`.

    probabilities: (documents, classes).
    """
    predicted = predicted_labels(probabilities, multilabel)
    if not multilabel:
        return [(classes[at],) for at in predicted.tolist()]
    return [tuple(classes[at] for at in row.nonzero()[0].tolist()) for row in predicted]


def label_separator(classes: Sequence[str]) -> str:
    """What goes between several labels in one cell: "|" unless it is in a class's name."""
    return next((one for one in _SEPARATORS if not any(one in name for name in classes)), "|")


def prediction_columns(classes: Sequence[str]) -> list[str]:
    """The names of the columns: line, text, answer, a probability for each class."""
    return ["line", "text", "answer", *(f"probability_{sound(name)}" for name in classes)]


def prediction_schema(classes: Sequence[str], multilabel: bool = False) -> Any:
    """The columns with their Arrow types; with `multilabel` an answer is a list of labels."""
    import pyarrow as pa

    answer = pa.list_(pa.string()) if multilabel else pa.string()
    types = [pa.int64(), pa.string(), answer, *([pa.float32()] * len(classes))]
    return pa.schema(list(zip(prediction_columns(classes), types, strict=True)))


def prediction_table(
    documents: "Sequence[Document]", probabilities: "NDArray[Any]", classes: Sequence[str],
    multilabel: bool = False,
) -> Any:  # fmt: skip
    """An Arrow table of the answers to documents; probabilities: (documents, classes)."""
    import pyarrow as pa

    schema = prediction_schema(classes, multilabel)
    names = predicted_names(probabilities, classes, multilabel)
    columns = [
        [document.line for document in documents],
        [sound(document.text) for document in documents],
        names if multilabel else [name for (name,) in names],
        *probabilities.T,
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema)


def sound(text: str) -> str:
    """The text without halves of characters (lone surrogates), which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
