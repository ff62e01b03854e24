"""Parquet and Arrow files of Hugging Face know the names behind the numbers of their classes."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hoiquy.data import TableOptions, load_dataset
from hoiquy.errors import DataError

TEXTS = [f"phim số {n}, hay" for n in range(40)]
LABEL = {"names": ["tệ", "hay"], "_type": "ClassLabel"}


def table(labels: list[Any], feature: Any, metadata: Any = None) -> pa.Table:
    features = {"text": {"dtype": "string", "_type": "Value"}, "label": feature}
    content = {"info": {"features": features}} if metadata is None else metadata
    found = pa.table({"text": TEXTS, "label": labels})
    return found.replace_schema_metadata({"huggingface": json.dumps(content)})


def write_feather(content: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, content.schema) as writer:
        writer.write_table(content)


@pytest.mark.parametrize("write", [pq.write_table, write_feather])
def test_numbers_become_names(write: Any, tmp_path: Path) -> None:
    path = tmp_path / ("a.parquet" if write is pq.write_table else "a.arrow")
    write(table([n % 2 for n in range(40)], LABEL), path)
    dataset = load_dataset(path)
    assert dataset.classes == ("hay", "tệ")
    named = [dataset.classes[label] for label in dataset.test.labels]
    assert named == [("tệ", "hay")[TEXTS.index(text) % 2] for text in dataset.test.texts]


def test_minus_1_is_no_label_and_a_number_without_a_name_is_an_error_of_its_row(
    tmp_path: Path,
) -> None:
    pq.write_table(table([-1, 2, *(n % 2 for n in range(38))], LABEL), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"2 of 40 rows .* line 1: no label .* line 2: the label 2"):
        load_dataset(tmp_path / "a.parquet")
    dataset = load_dataset(tmp_path / "a.parquet", options=TableOptions(skip_bad_rows=True))
    assert len(dataset.train) + len(dataset.test) == 38


@pytest.mark.parametrize(
    "feature",
    [[LABEL], {"feature": LABEL, "_type": "Sequence"}, {"feature": LABEL, "_type": "List"}],
)
def test_lists_of_classes(feature: Any, tmp_path: Path) -> None:
    pq.write_table(table([[0, 1], [1]] * 20, feature), tmp_path / "a.parquet")
    dataset = load_dataset(tmp_path / "a.parquet")
    assert dataset.multilabel
    assert dataset.classes == ("hay", "tệ")


@pytest.mark.parametrize(
    "metadata", [{"info": None}, [1], {"info": {"features": {"label": {"names": 3}}}}, "x"]
)
def test_metadata_of_another_kind_is_not_used(metadata: Any, tmp_path: Path) -> None:
    pq.write_table(table([n % 2 for n in range(40)], None, metadata), tmp_path / "a.parquet")
    assert load_dataset(tmp_path / "a.parquet").classes == ("0", "1")
