"""Parts of a table by a column, of a mapping by its keys; rows without a label in either."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.data import Dataset, TableOptions, load_dataset
from hoiquy.errors import DataError

PAIRS = [(f"text number {n}", ("neg", "pos")[n % 2]) for n in range(40)]


def table(path: Path, parts: Any, label: Any = lambda n: PAIRS[n][1], name: str = "split") -> Path:
    lines = [
        json.dumps({"text": text, name: parts(n), "mood": label(n)})
        for n, (text, _) in enumerate(PAIRS)
    ]
    path.write_text("\n".join(lines))
    return path


def numbers(documents: Any) -> list[int]:
    return [int(text.rpartition(" ")[2]) for text in documents.texts]


def sizes(dataset: Dataset) -> tuple[int, int, int]:
    validation = 0 if dataset.validation is None else len(dataset.validation)
    return len(dataset.train), len(dataset.test), validation


@pytest.mark.parametrize("name", ["split", "set", "which"])
def test_a_column_of_splits_makes_the_parts(tmp_path: Path, name: str) -> None:
    path = table(
        tmp_path / "a.jsonl", lambda n: ["train", "dev", "Test", "train"][n % 4], name=name
    )
    dataset = load_dataset(path)
    assert sizes(dataset) == (20, 10, 10)
    assert numbers(dataset.test) == list(range(2, 40, 4))  # in the order of the file
    assert dataset.test.lines is not None
    assert dataset.test.lines.tolist() == list(range(3, 41, 4))
    assert f"parts by the column {name!r}" in dataset.description


def test_a_column_of_splits_and_files_for_parts(tmp_path: Path) -> None:
    path = table(tmp_path / "a.jsonl", lambda n: ["train", "test"][n < 10])
    other = table(tmp_path / "b.jsonl", lambda n: "train")
    dataset = load_dataset(path, test=other)
    assert sizes(dataset) == (30, 40, 0)
    assert "10 rows of the split test left out, since a file is given" in dataset.description


def test_a_column_of_other_splits_is_not_used(tmp_path: Path) -> None:
    dataset = load_dataset(table(tmp_path / "a.jsonl", lambda n: n % 5, name="fold"))
    assert sizes(dataset) == (32, 8, 0)
    assert "the column 'fold' is not used" in dataset.description
    dataset = load_dataset(table(tmp_path / "b.jsonl", lambda n: "test"))
    assert sizes(dataset) == (32, 8, 0)
    assert "the column 'split' is not used" in dataset.description


def test_rows_of_no_split_are_bad(tmp_path: Path) -> None:
    path = table(tmp_path / "a.jsonl", lambda n: "train" if n % 2 else None if n == 4 else "test")
    with pytest.raises(DataError, match="line 5: nothing in 'split', expected train"):
        load_dataset(path)


def test_an_unlabelled_split_is_left_out(tmp_path: Path) -> None:
    def unlabelled(n: int) -> Any:
        return None if n < 10 else PAIRS[n][1]

    path = table(tmp_path / "a.jsonl", lambda n: "test" if n < 10 else "train", unlabelled)
    dataset = load_dataset(path)
    assert sizes(dataset) == (24, 6, 0)
    assert "10 rows of the split test without labels left out" in dataset.description
    path = table(tmp_path / "b.jsonl", lambda n: "unsup" if n < 10 else "train", unlabelled)
    assert "10 rows of the split unsup left out" in load_dataset(path).description
    path = table(tmp_path / "c.jsonl", lambda n: "test" if n < 11 else "train", unlabelled)
    with pytest.raises(
        DataError, match=r"10 of 40 rows cannot be used: line 1: no label in 'mood'"
    ):
        load_dataset(path)


@pytest.mark.parametrize("validation", ["val", "dev", "valid", "validation"])
def test_keys_of_a_mapping(validation: str) -> None:
    dataset = load_dataset({"train": PAIRS, "eval": PAIRS[:10], validation: PAIRS[:6]})
    assert sizes(dataset) == (40, 10, 6)
    dataset = load_dataset({"train": PAIRS, "val": PAIRS[:6], "dev": PAIRS[:8], "more": PAIRS})
    assert sizes(dataset) == (32, 8, 6)
    assert "left out: dev, more" in dataset.description


class Split(list[Any]):
    """A stand-in for a Hugging Face data set whose label column has names."""

    def __init__(self, rows: Any, feature: Any = None) -> None:
        super().__init__(rows)
        label = feature or SimpleNamespace(names=["neg", "pos"])
        self.features = {"text": SimpleNamespace(), "label": label}

    def with_format(self, kind: Any) -> "Split":
        return Split(({**row, "label": int(row["label"])} for row in self), self.features["label"])


def split(labels: list[Any]) -> Split:
    return Split({"text": f"text {n}", "label": label} for n, label in enumerate(labels))


def test_names_of_labels_stay_in_every_format() -> None:
    import numpy as np

    for kind in (int, np.int64, lambda n: np.array(n)):
        assert load_dataset(split([kind(n % 2) for n in range(20)])).classes == ("neg", "pos")
    nested = Split(
        ({"text": f"t {n}", "label": [n % 2]} for n in range(20)),
        SimpleNamespace(feature=SimpleNamespace(names=["neg", "pos"])),
    )
    nested.with_format = lambda kind: nested  # type: ignore[method-assign]
    assert load_dataset(nested).classes == ("neg", "pos")


class Formatted(list[Any]):
    """A stand-in for a Hugging Face data set in the format "pandas", which yields frames."""

    features: ClassVar[dict[str, Any]] = {"text": None, "label": None}

    def with_format(self, kind: Any) -> list[Any]:
        assert kind is None
        return PAIRS


def test_a_format_without_names_is_reset() -> None:
    dataset = load_dataset(Formatted(pd.DataFrame({"text": ["a"], "label": ["b"]}) for _ in PAIRS))
    assert sizes(dataset) == (32, 8, 0)


def test_minus_one_is_no_label_and_a_number_without_a_name_is_an_error() -> None:
    rows = split([n % 2 for n in range(20)] + [-1] * 5)
    with pytest.raises(
        DataError, match="5 of 25 rows cannot be used: line 21: no label in 'label'"
    ):
        load_dataset(rows)
    skipped = load_dataset(rows, options=TableOptions(skip_bad_rows=True))
    assert skipped.classes == ("neg", "pos")
    with pytest.raises(
        DataError, match="line 21: the label 7 has no name: the 2 classes are 0 to 1"
    ):
        load_dataset(split([n % 2 for n in range(20)] + [7]))


@pytest.mark.parametrize("key", ["test", "val", "unsupervised"])
def test_a_part_without_labels_is_left_out(key: str) -> None:
    whole = split([n % 2 for n in range(40)])
    bare = [{"text": f"bare {n}", "source": "ab"[n % 2]} for n in range(20)]
    for unlabelled in (split([-1] * 20), bare):
        dataset = load_dataset({"train": whole, key: unlabelled})
        assert sizes(dataset) == (32, 8, 0)
        assert f"left out: {key}" in dataset.description


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series([0, 1] * 10, dtype="Int64"), pd.Series(["a", "b"] * 10, dtype="string"),
        pd.Series([True, False] * 10, dtype="boolean"), pd.Series([0.0, 1.0] * 10),
        pd.Series(["a", "b"] * 10, dtype="category"),
        pd.Series(pd.to_datetime(["2020-01-01", "2021-01-01"] * 10)),
    ],
    ids=str,
)  # fmt: skip
def test_a_missing_label_of_pandas(labels: Any) -> None:
    labels[3] = None
    frame = pd.DataFrame({"text": [f"text {n}" for n in range(20)], "label": labels})
    with pytest.raises(DataError, match="1 of 20 rows cannot be used: line 4: no label in 'label'"):
        load_dataset(frame)
    dataset = load_dataset(frame, options=TableOptions(skip_bad_rows=True))
    assert len(dataset.classes) == 2
    assert "1 bad rows left out" in dataset.description


def test_several_labels_and_spellings_are_reported(tmp_path: Path) -> None:
    path = table(tmp_path / "a.jsonl", lambda n: "train", lambda n: ["a", "b"] if n == 3 else "a")
    with pytest.raises(DataError, match="line 4: several labels in a row: 'a', 'b'"):
        load_dataset(path)
    path = table(
        tmp_path / "b.jsonl", lambda n: "train", lambda n: ("1", "1.0", "null", "1")[n % 4]
    )
    dataset = load_dataset(path)
    assert dataset.classes == ("1", "null")
    assert "labels that differ only in spelling are one class ('1', '1.0')" in dataset.description
    assert "'null' is taken as the name of a class" in dataset.description


@pytest.mark.parametrize("where", ["label", "text", "column", "split"])
def test_lone_surrogates_do_not_crash(tmp_path: Path, where: str) -> None:
    half = "\ud83d"
    rows = [
        {
            "text": f"text {n}" + half * (where == "text"),
            "mood" + half * (where == "column"): "ab"[n % 2] + half * (where == "label"),
        }
        | ({"split" + half: "train"} if where == "split" else {})
        for n in range(20)
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    dataset = load_dataset(path)
    assert len(dataset.classes) == 2
    for shown in (dataset.description, *dataset.classes, *(dataset.columns or ())):
        shown.encode("utf-8")
    with pytest.raises(DataError) as caught:
        load_dataset(path, options=TableOptions(label="nothing"))
    str(caught.value).encode("utf-8")


@settings(max_examples=25, deadline=None)
@given(st.randoms())
def test_classes_are_those_of_no_row(random: Any) -> None:
    names = [1, "1.0", "nan", "10", 2.0, "❤", "❤\ufe0f", "e\u0301", "\u00e9", True, "true"]
    rows = [(f"text {n}", names[n % len(names)]) for n in range(33)]
    random.shuffle(rows)
    assert load_dataset(rows).classes == ("1", "2", "10", "nan", "true", "\u00e9", "❤\ufe0f")
