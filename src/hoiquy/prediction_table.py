"""The answers to documents as a table: the columns of CSV and Parquet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hoiquy.data.unlabelled import Document


def prediction_columns(classes: Sequence[str]) -> list[str]:
    """The names of the columns: line, text, answer, a probability for each class."""
    return ["line", "text", "answer", *(f"probability_{sound(name)}" for name in classes)]


def prediction_schema(classes: Sequence[str]) -> Any:
    """The columns with their Arrow types."""
    import pyarrow as pa

    types = [pa.int64(), pa.string(), pa.string(), *([pa.float32()] * len(classes))]
    return pa.schema(list(zip(prediction_columns(classes), types, strict=True)))


def prediction_table(
    documents: "Sequence[Document]", probabilities: "NDArray[Any]", classes: Sequence[str]
) -> Any:
    """An Arrow table of the answers to documents; probabilities: (documents, classes)."""
    import pyarrow as pa

    schema = prediction_schema(classes)
    best = probabilities.argmax(axis=1).tolist()
    columns = [
        [document.line for document in documents],
        [sound(document.text) for document in documents],
        [classes[answer] for answer in best],
        *probabilities.T,
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema)


def sound(text: str) -> str:
    """The text without halves of characters (lone surrogates), which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
