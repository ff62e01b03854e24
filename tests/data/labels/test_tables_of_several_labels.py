"""Tables with several labels a row: columns of 0 and 1, lists, text with a separator."""

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from example_run import error_line
from hoiquy.data import Dataset, TableOptions, load_dataset
from hoiquy.data.labels.columns import detect_separator, named_columns, parse_binary
from hoiquy.data.tables.dataset import load_whole_table
from hoiquy.data.tables.run_options import with_run_options
from hoiquy.errors import DataError
from several_labels import LABELS, documents

TEXTS, MATRIX = documents(60)
LISTS = [[name for name, has in zip(LABELS, row, strict=True) if has] for row in MATRIX]


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def as_columns(path: Path, *before: Any) -> Path:
    """As the toxic comments are published: id, text, and a column for each label."""
    rows = [
        [f"id{at}", text, *row] for at, (text, row) in enumerate(zip(TEXTS, MATRIX, strict=True))
    ]
    return write(path, ["id", "comment_text", *LABELS], rows)


def as_text(path: Path, separator: str) -> Path:
    rows = [[text, separator.join(names)] for text, names in zip(TEXTS, LISTS, strict=True)]
    return write(path, ["text", "genre"], rows)


def labels_by_text(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    parts = [part for part in (dataset.train, dataset.test, dataset.validation) if part is not None]
    return {
        text: tuple(name for name, has in zip(dataset.classes, row, strict=True) if has)
        for part in parts
        for text, row in zip(part.texts, part.labels, strict=True)
    }


EXPECTED = {text: tuple(names) for text, names in zip(TEXTS, LISTS, strict=True)}


def check(dataset: Dataset) -> None:
    assert dataset.multilabel and dataset.classes == LABELS
    assert labels_by_text(dataset) == EXPECTED
    assert dataset.test.labels.shape[1] == 3 and dataset.train.labels.dtype == np.uint8
    assert "3 labels, several a row" in dataset.description


def test_columns_of_0_and_1_are_labels_and_it_is_reported(tmp_path: Path) -> None:
    dataset = load_dataset(as_columns(tmp_path / "toxic.csv"))
    check(dataset)
    assert "hold only 0 and 1 are taken as labels" in dataset.description
    assert () in labels_by_text(dataset).values()


@pytest.mark.parametrize("label", ["fruit,metal,river", " fruit, metal ,river"])
def test_columns_are_named(tmp_path: Path, label: str) -> None:
    path = as_columns(tmp_path / "toxic.csv")
    dataset = load_dataset(path, options=TableOptions(label=label))
    check(dataset)
    assert "are taken as labels" not in dataset.description


def test_some_columns_alone_are_labels(tmp_path: Path) -> None:
    path = as_columns(tmp_path / "toxic.csv")
    dataset = load_dataset(path, options=TableOptions(label="river,fruit"))
    assert dataset.classes == ("river", "fruit")  # in the order in which they were named
    one = load_dataset(path, options=TableOptions(label="river"))
    assert not one.multilabel and one.classes == ("0", "1")


@pytest.mark.parametrize("separator", ["|", ";", ", ", " / "])
def test_a_separator_splits_cells(tmp_path: Path, separator: str) -> None:
    path = as_text(tmp_path / "films.csv", separator)
    check(load_dataset(path, options=TableOptions(label_separator=separator.strip())))


def test_without_the_separator_a_hint_names_it(tmp_path: Path) -> None:
    texts, matrix = documents(200, seed=2)
    rows = [
        [text, "|".join(np.array(LABELS)[row == 1]) or "none"]
        for text, row in zip(texts, matrix, strict=True)
    ]
    dataset = load_dataset(write(tmp_path / "films.csv", ["text", "genre"], rows))
    assert not dataset.multilabel and len(dataset.classes) == 8
    assert "pass --label-separator '|'" in dataset.description
    assert len(dataset.description.splitlines()) == 1


def test_cells_that_may_be_empty_name_the_separator_in_the_error(tmp_path: Path) -> None:
    path = as_text(tmp_path / "films.csv", "|")
    line = error_line(lambda: load_dataset(path), DataError)
    assert "no label in" in line and "pass --label-separator '|'" in line


@pytest.mark.parametrize("label", [None, "fruit,metal,river"])
def test_one_label_in_each_row_is_reported(label: str | None, tmp_path: Path) -> None:
    rows = [[f"text {at}", *(int(at % 3 == column) for column in range(3))] for at in range(60)]
    path = write(tmp_path / "onehot.csv", ["text", *LABELS], rows)
    dataset = load_dataset(path, options=TableOptions(label=label))
    assert dataset.multilabel and "each row has exactly one 1" in dataset.description
    several = load_dataset(as_columns(tmp_path / "toxic.csv"), options=TableOptions(label=label))
    assert "exactly one 1" not in several.description


def test_too_many_combinations_name_the_separator(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    tags = [f"t{at}" for at in range(40)]
    rows = [[f"text {at}", ";".join(rng.choice(tags, 4, replace=False))] for at in range(1500)]
    path = write(tmp_path / "tags.csv", ["text", "tag"], rows)
    line = error_line(lambda: load_dataset(path), DataError)
    assert "at most 1,000 classes" in line and "--label-separator ';'" in line
    assert len(load_dataset(path, options=TableOptions(label_separator=";")).classes) == 40


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["action|comedy", "comedy", "action|drama", "drama", "comedy|drama"], "|"),
        (["a;b", "b;c", "a;c", "a"], ";"),
        (["Sports, Leisure", "Politics, World", "Business"], None),
        (["New York, NY", "Albany, NY", "Boston, MA"], None),
        (["pos", "neg"], None),
        (["a|b", "c"], None),
    ],
)
def test_cells_that_hold_several_labels_are_known(names: list[str], found: str | None) -> None:
    assert (detect_separator(names) or (None,))[0] == found


def test_lists_of_json_and_arrow_and_python(tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": text, "labels": names})
        for text, names in zip(TEXTS, LISTS, strict=True)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    check(load_dataset(tmp_path / "a.jsonl"))
    table = pa.table({"text": TEXTS, "labels": pa.array(LISTS, pa.list_(pa.string()))})
    pq.write_table(table, tmp_path / "a.parquet")
    check(load_dataset(tmp_path / "a.parquet"))
    check(
        load_dataset(
            write(tmp_path / "a.csv", ["text", "labels"], list(zip(TEXTS, LISTS, strict=True)))
        )
    )
    check(
        load_dataset([{"text": t, "label": names} for t, names in zip(TEXTS, LISTS, strict=True)])
    )
    check(load_dataset(list(zip(TEXTS, LISTS, strict=True))))
    check(
        load_dataset(pd.DataFrame({"text": TEXTS, "label": [np.array(names) for names in LISTS]}))
    )
    frame = pd.DataFrame(MATRIX.astype(bool), columns=list(LABELS)).assign(text=TEXTS)
    check(load_dataset(frame))


def test_lists_of_one_are_one_label(tmp_path: Path) -> None:
    rows = [{"text": text, "label": [LABELS[at % 3]]} for at, text in enumerate(TEXTS)]
    dataset = load_dataset(rows)
    assert not dataset.multilabel and dataset.classes == LABELS


def test_parts_are_read_as_the_training_table_is(tmp_path: Path) -> None:
    """Also a part of which every row has one label, and columns in another order."""
    train = as_columns(tmp_path / "train.csv")
    test = write(
        tmp_path / "test.csv", ["river", "comment_text", "metal", "fruit"],
        [[1, "danube one", 0, 0], [0, "no label", 0, 0], [0, "mango copper", 1, 1]],
    )  # fmt: skip
    dataset = load_dataset(train, test=test)
    assert dataset.test.labels.tolist() == [[0, 0, 1], [0, 0, 0], [1, 1, 0]]
    lists = [{"text": text, "label": names} for text, names in EXPECTED.items()]
    ones = [{"text": f"only {name}", "label": [name]} for name in LABELS]
    dataset = load_dataset({"train": lists, "test": ones})
    assert dataset.test.labels.tolist() == np.eye(3).tolist()


def test_a_column_of_splits_keeps_all_labels(tmp_path: Path) -> None:
    rows = [
        [text, *row, "test" if at % 4 == 0 else "train"]
        for at, (text, row) in enumerate(zip(TEXTS, MATRIX, strict=True))
    ]
    path = write(tmp_path / "a.csv", ["text", *LABELS, "split"], rows)
    dataset = load_dataset(path)
    assert len(dataset.test) == 15 and labels_by_text(dataset) == EXPECTED


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (["some text", 1, 2, 0], "'2', expected 0 or 1, in 'metal'"),
        (["some text", 1, "", 0], "neither 0 nor 1 in 'metal'"),
        (["some text", -1, -1, -1], "expected 0 or 1"),
        (["some text", "", "", ""], "no label in 'fruit,metal,river'"),
    ],
)
def test_a_cell_that_is_neither_is_an_error_of_its_row(
    tmp_path: Path, row: list[Any], says: str
) -> None:
    rows = [[text, *labels] for text, labels in zip(TEXTS, MATRIX, strict=True)]
    path = write(tmp_path / "a.csv", ["text", *LABELS], [*rows, row])
    named = TableOptions(label=",".join(LABELS))
    line = error_line(lambda: load_dataset(path, options=named), DataError)
    assert says in line and f"line {len(rows) + 2}" in line
    dataset = load_dataset(path, options=TableOptions(label=",".join(LABELS), skip_bad_rows=True))
    assert labels_by_text(dataset) == EXPECTED and "1 bad rows left out" in dataset.description


def test_conflicting_options_are_one_line(tmp_path: Path) -> None:
    path = as_columns(tmp_path / "a.csv")
    for options, says in (
        (TableOptions(label="fruit,metl"), "has no column 'metl' for --label; its columns are"),
        (
            TableOptions(label="fruit,metal", label_separator="|"),
            "leave out one of the two options",
        ),
        (TableOptions(text="fruit", label="fruit,metal"), "cannot detect"),
        (TableOptions(label="fruit", label_separator=""), "--label-separator is empty"),
    ):
        assert says in error_line(lambda o=options: load_dataset(path, options=o), DataError)
    empty = write(tmp_path / "b.csv", ["text", "tags"], [[text, ""] for text in TEXTS])
    options = TableOptions(label="tags", label_separator="|")
    assert "no label" in error_line(lambda: load_dataset(empty, options=options), DataError)


def test_several_labels_are_refused_for_a_run_of_one(tmp_path: Path) -> None:
    path, options = as_columns(tmp_path / "a.csv"), TableOptions(label="fruit,metal")
    line = error_line(lambda: load_whole_table(path, ("0", "1"), options), DataError)
    assert "one label a row is expected" in line


def test_a_table_with_another_label_keeps_it(tmp_path: Path) -> None:
    """0 and 1 beside a column that is called or filled as a label is."""
    rows = [[text, ("good", "bad")[at % 2], at % 2, at % 3 % 2] for at, text in enumerate(TEXTS)]
    path = write(tmp_path / "a.csv", ["text", "sentiment", "has_link", "has_tag"], rows)
    assert load_dataset(path).classes == ("bad", "good")
    path = write(tmp_path / "b.csv", ["text", "spoken", "has_link", "has_tag"], rows)
    assert "several columns" in error_line(lambda: load_dataset(path), DataError)


def test_rare_sets_of_labels_are_held_out_together() -> None:
    rng = np.random.default_rng(1)
    rows = [
        (f"text {at}", [f"t{n}" for n in rng.choice(12, 5, replace=False)]) for at in range(100)
    ]
    dataset = load_dataset(rows)
    assert len({tuple(row) for row in dataset.test.labels}) > 15  # hardly two are the same
    assert len(dataset.test) == 20


def test_the_labels_of_a_new_table_are_found_by_name(tmp_path: Path) -> None:
    path = as_columns(tmp_path / "a.csv")
    kept = TableOptions("comment_text", ",".join(LABELS))
    options = with_run_options(path, TableOptions(), kept, labelled=True)
    assert options.label == ",".join(LABELS)
    whole = load_whole_table(path, LABELS, options, multilabel=True)
    assert whole.test.labels.tolist() == MATRIX.tolist()
    other = as_text(tmp_path / "b.csv", "|")
    options = with_run_options(
        other, TableOptions(), TableOptions("text", "genre", label_separator="|")
    )
    assert (options.label, options.label_separator) == ("genre", "|")


def test_a_label_that_training_did_not_have_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["text", "tags"], [["one", "fruit|sea"], ["two", ""]])
    options = TableOptions(label="tags", label_separator="|")
    line = error_line(lambda: load_whole_table(path, LABELS, options, multilabel=True), DataError)
    assert "'sea'" in line


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0, False), (1, True), ("0", False), (" 1 ", True), ("1.0", True), (1.0, True),
        (True, True), ("False", False), (Decimal("0.0"), False), (np.int8(1), True),
        (np.bool_(False), False), (np.float32(1), True), (None, None), (float("nan"), None),
        ("", None), ([1], True), (pd.NA, None),
    ],
)  # fmt: skip
def test_0_and_1_are_values_not_spellings(value: Any, found: bool | None) -> None:
    assert parse_binary(value) is found


@pytest.mark.parametrize("value", [2, "yes", [0, 1], {"a": 1}, 0.5, -1])
def test_other_values_are_not_binary(value: Any) -> None:
    with pytest.raises(ValueError):
        parse_binary(value)


@given(st.lists(st.from_regex("[ab](,[ab]){0,2}", fullmatch=True), min_size=1, max_size=4))
def test_columns_with_commas_are_found(names: list[str]) -> None:
    found = named_columns(",".join(names), names)
    assert found is not None and set(found) <= set(names)
    assert ",".join(names).startswith(found[0])
    assert named_columns("c," + ",".join(names), names) is None
