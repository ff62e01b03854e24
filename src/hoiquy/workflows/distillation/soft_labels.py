"""The folder of soft labels: texts, and the probabilities that teachers gave them.

soft_labels.parquet  soft_labels.json  cost.json  manifest.json
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, FiniteFloat

from hoiquy.data.stored_texts import StoredTexts, TextStore
from hoiquy.errors import RunError
from hoiquy.runs.arrays import parse_table, probability_columns
from hoiquy.runs.files import (
    COST,
    ENVIRONMENT,
    SOFT_LABELLED,
    SOFT_LABELS,
    Cost,
    cost_file,
)
from hoiquy.runs.folder import is_soft_labels, load_cost_of
from hoiquy.system.checksummed_files import MANIFEST, read_checksummed, sha256, write_checksummed
from hoiquy.system.json_files import as_json, parse_json
from hoiquy.training.encoding.prepared import SoftLabelledDocuments

_AT_ONCE = 10_000  # texts held as Python strings
_SUM_ERROR = 1e-3  # of the probabilities of a text


@dataclass(frozen=True)
class Measures:
    """On the validation documents: accuracy, a fraction, and the mean negative log likelihood."""

    accuracy: FiniteFloat
    loss: FiniteFloat


@dataclass(frozen=True)
class TeacherFacts:
    """A teacher in `soft_labels.json`."""

    name: str  # the folder of a run, or "nb-svm"
    weights_sha256: str | None  # of a run
    settings: dict[str, FiniteFloat | int | str] | None  # of "nb-svm"
    weight: FiniteFloat  # among all teachers
    validation: Measures  # of this teacher alone


@dataclass(frozen=True)
class SoftLabelFacts:
    """`soft_labels.json`."""

    kind: Literal["soft_labels"]
    hoiquy: str  # version
    classes: list[str]
    data: str  # the data set's name
    data_fingerprint: str
    validation_documents: Annotated[int, Field(ge=0, lt=2**63)]
    documents: int  # soft-labelled
    left_out: int  # because they are labelled documents
    teachers: list[TeacherFacts]
    together: Measures
    sharpness: FiniteFloat = 1.0  # the power of the probabilities
    iteration: int = 1  # one more than that of any soft labels that a teacher was trained on


@dataclass(frozen=True)
class SoftLabels:
    """A folder of soft labels; its texts are read on demand."""

    folder: Path
    facts: SoftLabelFacts

    def documents(self) -> SoftLabelledDocuments:
        """The texts and their probabilities. Raises RunError if missing or damaged."""
        source = str(self.folder / SOFT_LABELLED)
        documents = parse_soft_labels(
            read_checksummed(self.folder, SOFT_LABELLED), self.facts.classes, source
        )
        if len(documents) != self.facts.documents:
            raise RunError(
                f"{source} is damaged: {len(documents):,} documents, but soft_labels.json has "
                f"{self.facts.documents:,}"
            )
        return documents

    def cost(self) -> Cost:
        """Time and memory of the labelling, NB-SVM's training included."""
        return load_cost_of(self.folder)

    def soft_labels_sha256(self) -> str:
        """The hash of the documents' file. Raises RunError."""
        return sha256(read_checksummed(self.folder, SOFT_LABELLED))


def load_soft_labels(path: str | Path) -> SoftLabels:
    """Read a folder of soft labels. Raises RunError if it is missing or damaged."""
    folder = Path(path)
    if not folder.is_dir():
        raise RunError(f"there are no soft labels {folder}: make some with hoiquy pseudo-label")
    if not is_soft_labels(folder):
        raise RunError(f"{folder} has no soft labels: expected a folder of hoiquy pseudo-label")
    source = str(folder / SOFT_LABELS)
    facts = parse_json(SoftLabelFacts, read_checksummed(folder, SOFT_LABELS), source)
    if not facts.classes or not facts.teachers:
        raise RunError(f"{source} is damaged: no classes, or no teachers")
    return SoftLabels(folder, facts)


def write_soft_labels(
    folder: Path, facts: SoftLabelFacts, documents: SoftLabelledDocuments, cost: Cost
) -> SoftLabels:
    """Write soft labels into a new folder. Raises WriteError."""
    files = {SOFT_LABELLED: dump_soft_labels(documents, facts.classes)} | cost_file(cost)
    # last: it marks the others as written
    write_checksummed(folder, files | {SOFT_LABELS: as_json(asdict(facts))})
    return SoftLabels(folder, facts)


def remove_unfinished(folder: Path) -> None:
    """Remove the files of a labelling that was killed or stopped."""
    if not is_soft_labels(folder):
        for name in (SOFT_LABELLED, COST, ENVIRONMENT, MANIFEST):
            with suppress(OSError):
                (folder / name).unlink()


def dump_soft_labels(documents: SoftLabelledDocuments, classes: Sequence[str]) -> bytes:
    """A Parquet file's bytes: `text`, then `probability_<class>` for each class in order.

    Lone surrogates, which UTF-8 cannot encode, become question marks. Equal documents give equal
    bytes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer, schema = pa.BufferOutputStream(), _schema(classes)
    with pq.ParquetWriter(buffer, schema, compression="zstd") as writer:
        for begin in range(0, len(documents), _AT_ONCE):
            some = documents.texts[begin : begin + _AT_ONCE]
            texts = [text.encode("utf-8", "replace").decode("utf-8") for text in some]
            columns = [pa.array(texts, type=pa.string())]
            of_some = documents.probabilities[begin : begin + _AT_ONCE]
            columns += [pa.array(column, type=pa.float32()) for column in of_some.T]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return bytes(buffer.getvalue().to_pybytes())


def parse_soft_labels(content: bytes, classes: Sequence[str], source: str) -> SoftLabelledDocuments:
    """Parse the bytes of `dump_soft_labels`. Raises RunError if damaged or of other classes."""
    table = parse_table(content, _schema(classes), source)
    probabilities = np.column_stack([column.to_numpy() for column in table.columns[1:]])
    with np.errstate(invalid="ignore", over="ignore"):
        sums = probabilities.sum(axis=1)
        valid = (probabilities >= 0).all(axis=1) & (np.abs(sums - 1) <= _SUM_ERROR)
    if not valid.all():
        raise RunError(f"{source} is damaged: the probabilities of a text do not add up to 1")
    return SoftLabelledDocuments(_texts(table.column(0)), np.ascontiguousarray(probabilities))


def _schema(classes: Sequence[str]) -> Any:
    import pyarrow as pa

    columns = [(name, pa.float32()) for name in probability_columns(classes)]
    return pa.schema([("text", pa.string()), *columns])


def _texts(column: Any) -> StoredTexts:
    store = TextStore()
    for begin in range(0, len(column), _AT_ONCE):
        for text in column.slice(begin, _AT_ONCE).to_pylist():
            store.append(text)
    return store.texts()
