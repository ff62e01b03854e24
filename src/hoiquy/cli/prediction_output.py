"""Write predictions as a table for people, JSON lines, CSV or Parquet."""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from hoiquy.messages import default_language, translated
from hoiquy.prediction.table import (
    as_text,
    label_separator,
    predicted_names,
    prediction_columns,
    prediction_schema,
    prediction_table,
    sound,
)
from hoiquy.system.atomic_write import atomic_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hoiquy.data.unlabelled.rows import Document

FORMATS = ("table", "jsonl", "csv", "parquet")
MOST_SHOWN = 6  # more classes than this share one probability column in a table
_SHOWN_TEXT = 60  # characters
_WIDEST_PREDICTION = 40  # characters; longer sets of labels overflow the column


class Writer(Protocol):
    """Writes predictions chunk by chunk."""

    def write(self, documents: "Sequence[Document]", probabilities: "NDArray[Any]") -> None: ...


@contextmanager
def opened(
    kind: str,
    out: Path | None,
    classes: Sequence[str],
    multilabel: bool = False,
    others: Sequence[str] = (),
) -> Iterator[Writer]:
    """Open a writer to standard output, or to a file that appears complete or not at all.

    multilabel: whether a prediction is any number of labels. others: names of the documents' other
    values, which a table for people leaves out.
    """
    if out is None:
        yield _WRITERS[kind](sys.stdout, classes, multilabel, others)
    elif kind == "parquet":
        import pyarrow.parquet as pq

        schema = prediction_schema(classes, multilabel, others)
        with atomic_path(out) as path, pq.ParquetWriter(path, schema) as file:
            yield _Parquet(file, classes, multilabel, others)
    else:
        with atomic_path(out) as path, path.open("w", encoding="utf-8", newline="") as file:
            yield _WRITERS[kind](file, classes, multilabel, others)


def prediction_facts(
    document: "Document", prediction: str | Sequence[str], probabilities: Sequence[float],
    classes: Sequence[str], others: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return the JSON object of one document.

    prediction: a class, or a list of labels. probabilities: of each class, from `decimals`.
    others: names of the document's other values.
    """
    return {
        "line": document.line,
        **{name: _json_value(value) for name, value in zip(others, document.others, strict=False)},
        "text": sound(document.text),
        "prediction": prediction,
        "probabilities": dict(zip(classes, probabilities, strict=True)),
    }


def decimals(probabilities: "NDArray[Any]") -> "NDArray[Any]":
    """Convert float32 to the float64 of its shortest decimal: 0.9, not 0.8999999761581421."""
    import numpy as np

    return np.array([list(map(float, column)) for column in shortest(probabilities)]).T


def shortest(probabilities: "NDArray[Any]") -> list[list[str]]:
    """Return each class's column of probabilities (documents, classes) as shortest decimals."""
    import numpy as np
    import pyarrow as pa

    texts = []
    for column in np.array(probabilities.T, np.float32, order="C"):
        # `pa.array` would import pandas
        numbers = pa.Array.from_buffers(pa.float32(), len(column), [None, pa.py_buffer(column)])
        texts.append(numbers.cast(pa.string()).to_pylist())
    return texts


def _json_value(value: Any) -> Any:
    """A value of a table as JSON has it: a number stays one, a date becomes a text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | list | dict) else as_text(value)


class _Output:
    def __init__(
        self,
        file: Any,
        classes: Sequence[str],
        multilabel: bool = False,
        others: Sequence[str] = (),
    ) -> None:
        self._file, self._classes, self._multilabel = file, classes, multilabel
        self._others = others


class _Table(_Output):
    def __init__(self, file: IO[str], classes: Sequence[str], *more: Any) -> None:
        super().__init__(file, classes, *more)
        multilabel = self._multilabel
        widest = [len(", ".join(classes))] if multilabel else list(map(len, classes))
        self._titles = translated("prediction"), translated("text")
        self._width = max(len(self._titles[0]), *(min(w, _WIDEST_PREDICTION) for w in widest))
        self._point = "," if default_language() == "vi" else "."
        self._all_classes = len(classes) <= MOST_SHOWN
        self._has_head = False

    def write(self, documents: "Sequence[Document]", probabilities: "NDArray[Any]") -> None:
        names = self._classes if self._all_classes else ["p"]
        widths = [max(len(name), 7) for name in names]
        lines = []
        if not self._has_head:
            heads = [f"{name:>{width}}" for name, width in zip(names, widths, strict=True)]
            prediction, text = self._titles
            lines.append("  ".join([f"{prediction:<{self._width}}", *heads, text]))
        self._has_head = True
        found = predicted_names(probabilities, self._classes, self._multilabel)
        for document, row, labels in zip(documents, probabilities.tolist(), found, strict=True):
            shown = row if self._all_classes else [max(row)]
            cells = [f"{p:>{width}.2%}" for p, width in zip(shown, widths, strict=True)]
            cells = [cell.replace(".", self._point) for cell in cells]
            name = ", ".join(labels) or "–"
            lines.append("  ".join([f"{name:<{self._width}}", *cells, shortened(document.text)]))
        self._file.write("\n".join(lines) + "\n")
        self._file.flush()


def shortened(text: str) -> str:
    """Return one line of at most `_SHOWN_TEXT` characters, without control characters."""
    line = " ".join(sound(text[: 10 * _SHOWN_TEXT]).split())
    line = "".join(letter for letter in line if letter.isprintable())
    return line if len(line) <= _SHOWN_TEXT else line[: _SHOWN_TEXT - 1] + "…"


class _JsonLines(_Output):
    def write(self, documents: "Sequence[Document]", probabilities: "NDArray[Any]") -> None:
        rows = decimals(probabilities).tolist()
        found = predicted_names(probabilities, self._classes, self._multilabel)
        for document, row, labels in zip(documents, rows, found, strict=True):
            prediction = labels if self._multilabel else labels[0]
            facts = prediction_facts(document, prediction, row, self._classes, self._others)
            self._file.write(json.dumps(facts, ensure_ascii=False, default=str) + "\n")
        self._file.flush()


class _Csv(_Output):
    """Without the module `csv`, which took a third of the time for short documents."""

    def __init__(self, file: IO[str], classes: Sequence[str], *more: Any) -> None:
        super().__init__(file, classes, *more)
        self._names = [_cell(sound(name)) for name in classes]
        self._separator = label_separator(classes)
        self._has_head = False

    def write(self, documents: "Sequence[Document]", probabilities: "NDArray[Any]") -> None:
        if not self._has_head:
            names = prediction_columns(self._classes, self._others)
            self._file.write(",".join(map(_cell, names)) + "\n")
        self._has_head = True
        if self._multilabel:
            found = predicted_names(probabilities, self._classes, multilabel=True)
            names = [_cell(sound(self._separator.join(labels))) for labels in found]
        else:
            names = [self._names[at] for at in probabilities.argmax(axis=1).tolist()]
        rows = map(",".join, zip(*shortest(probabilities), strict=True))
        self._file.writelines(
            f"{line},{_cells(others)}{_cell(sound(text))},{name},{row}\n"
            for (line, text, others), name, row in zip(documents, names, rows, strict=True)
        )
        self._file.flush()


def _cells(values: Sequence[Any]) -> str:
    """The cells of other columns, each with the comma after it."""
    return "".join(f"{_cell(as_text(value) or '')}," for value in values)


def _cell(text: str) -> str:
    """Quote a CSV cell where RFC 4180 requires it."""
    if '"' in text or "," in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


class _Parquet(_Output):
    def write(self, documents: "Sequence[Document]", probabilities: "NDArray[Any]") -> None:
        self._file.write_table(
            prediction_table(
                documents, probabilities, self._classes, self._multilabel, self._others
            )
        )


_WRITERS: dict[str, Any] = {"table": _Table, "jsonl": _JsonLines, "csv": _Csv}
