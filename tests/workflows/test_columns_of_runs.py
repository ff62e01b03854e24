"""What a run keeps of its table: the columns it read, and the lines of its test documents."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hoiquy
from hoiquy.cli.main import main
from hoiquy.data import TableOptions
from hoiquy.errors import DataError
from hoiquy.events import ignore
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.runs.folder import load_run
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.compare import compare
from hoiquy.workflows.encode import encode
from miniatures import miniature
from own_tables import VIETNAMESE, rows

RECIPE = parse_recipe(VIETNAMESE, "test").with_settings(["training.epochs=1"])
STARS = {"tiêu cực": "1", "trung tính": "3", "tích cực": "5"}


def write(path: Path, names: tuple[str, ...], content: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([names, *content])
    return path


def trained(folder: Path, recipe: Recipe = RECIPE, **how: Any) -> Path:
    """A run whose columns were chosen by hoiquy: content and stars."""
    content = [(text, STARS[label]) for text, label in rows(20)]
    table = write(folder / "train.csv", ("content", "stars"), content)
    return hoiquy.train(table, recipe, folder / "run", on_event=ignore, **how).folder


def run(*arguments: Any) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("encoded", [False, True])
def test_new_tables_are_read_as_the_training_table_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoded: bool
) -> None:
    """Also where their own columns would be chosen otherwise, by name or by content."""
    if encoded:
        content = [(text, STARS[label]) for text, label in rows(20)]
        table = write(tmp_path / "train.csv", ("content", "stars"), content)
        encode(table, RECIPE, tmp_path / "store", on_event=ignore)
        folder = hoiquy.train(tmp_path / "store", RECIPE, tmp_path / "run", on_event=ignore).folder
    else:
        folder = trained(tmp_path)
    longer = "đã được duyệt bởi quản trị viên của trang này"
    content = [(t, f"{STARS[label]}.0", longer, "spam") for t, label in rows(5, seed=1)]
    new = write(tmp_path / "new.csv", ("content", "stars", "comment", "label"), content)
    out = tmp_path / "answers.csv"
    assert run("predict", folder, "--file", new, "--out", out, "--quiet") == 0
    with out.open(encoding="utf-8") as file:
        assert [row["text"] for row in csv.DictReader(file)] == [text for text, *_ in content]
    capsys.readouterr()
    assert run("evaluate", folder, new, "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["documents"] == 15
    assert "texts from 'content', labels from 'stars'; all 15 rows" in told.err
    assert "another is chosen" not in told.err


def test_columns_that_are_not_there_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path)
    content = [(text, STARS[label]) for text, label in rows(5, seed=1)]
    new = write(tmp_path / "new.csv", ("review", "rating"), content)
    assert run("evaluate", folder, new) == 0
    told = capsys.readouterr().err
    for name in ("content", "stars"):
        assert f"has no column '{name}', which the run was trained on: another is chosen" in told
    assert run("predict", folder, "--file", new) == 0
    told = capsys.readouterr().err
    assert "has no column 'content'" in told
    assert "has no column 'stars'" not in told
    assert run("evaluate", folder, new, "--text", "review", "--label", "rating") == 0
    assert "another is chosen" not in capsys.readouterr().err


def test_files_for_parts_are_read_as_the_training_table(tmp_path: Path) -> None:
    content = [(text, STARS[label], "ab"[len(text) % 2]) for text, label in rows(5, seed=1)]
    part = write(tmp_path / "part.csv", ("content", "stars", "label"), content)
    found = load_run(trained(tmp_path, test=part, validation=part))
    assert (found.result.test_documents, found.result.validation_documents) == (15, 15)
    other = write(tmp_path / "other.csv", ("text", "label"), [row[:2] for row in content])
    (tmp_path / "again").mkdir()
    found = load_run(trained(tmp_path / "again", test=other))
    said = "test: texts from 'text', labels from 'label'"
    assert said in found.result.data_description


def lines_and_labels(folder: Path) -> list[tuple[int, str]]:
    table = pq.read_table(folder / "predictions.parquet")
    classes = load_run(folder).result.classes
    return [(row["line"], classes[row["label"]]) for row in table.to_pylist()]


def test_predictions_are_in_the_order_of_the_test_file_with_its_lines(tmp_path: Path) -> None:
    """A cell with a line break, and a bad row, make lines other than row numbers."""
    content = [(f"{text}\nhết", STARS[label]) for text, label in rows(5, seed=1)]
    content.insert(4, ("", "1"))
    part = write(tmp_path / "part.csv", ("content", "stars"), content)
    options = TableOptions(skip_bad_rows=True)
    folder = trained(tmp_path, test=part, options=options)
    expected, line = [], 2
    for text, stars in content:
        if text:
            expected.append((line, stars))
        line += 1 + text.count("\n")
    assert lines_and_labels(folder) == expected
    assert load_run(folder).predictions().lines is not None


def test_a_held_out_fifth_has_the_lines_of_its_table(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    content = [STARS[label] for _, label in rows(20)]
    found = lines_and_labels(folder)
    assert len(found) == 12
    assert found == sorted(found)
    assert [content[line - 2] for line, _ in found] == [label for _, label in found]
    content = [(text, STARS[label]) for text, label in rows(20)]
    encode(tmp_path / "train.csv", RECIPE, tmp_path / "store", on_event=ignore)
    hoiquy.train(tmp_path / "store", RECIPE, tmp_path / "stored", on_event=ignore)
    assert lines_and_labels(tmp_path / "stored") == found


def test_runs_with_and_without_lines_are_compared(tmp_path: Path) -> None:
    """Folders of earlier versions have no lines."""
    folder = trained(tmp_path)
    other = hoiquy.train(
        tmp_path / "train.csv",
        RECIPE.with_settings(["training.learning_rate=0.01"]),
        tmp_path / "other",
        on_event=ignore,
    ).folder
    path = folder / "predictions.parquet"
    bare = pq.read_table(path).drop_columns(["line"])
    sink = pa.BufferOutputStream()
    pq.write_table(bare, sink)
    write_checksummed(folder, {path.name: bytes(sink.getvalue().to_pybytes())})
    assert load_run(folder).predictions().lines is None
    assert run("verify", folder) == 0
    found = compare(folder, other, baselines=False)
    assert len(found.pairs) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([("hay", "1")] * 30, "every row has the label"),
        ([("hay", "1"), ("dở", "")] * 30, "30 of 60 rows cannot be used"),
        ([("hay", "1", "2"), ("dở", "2", "1")] * 30, "several columns may hold the label"),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_table_that_cannot_be_used_leaves_no_folder(
    tmp_path: Path, content: Any, told: str, named: bool
) -> None:
    table = write(tmp_path / "a.csv", ("text", "rating", "stars")[: len(content[0])], content)
    recipe: Any = miniature("bai3") if named else "auto"
    with pytest.raises(DataError, match=told):
        hoiquy.train(table, recipe, tmp_path / "run", on_event=ignore)
    assert not (tmp_path / "run").exists()
    (tmp_path / "mine").mkdir()
    with pytest.raises(DataError, match=told):
        hoiquy.train(table, recipe, tmp_path / "mine", on_event=ignore)
    assert list((tmp_path / "mine").iterdir()) == []


def test_half_characters_in_labels_and_columns_train(tmp_path: Path) -> None:
    table = tmp_path / "a.jsonl"
    lines = [{"content\ud83d": t, "stars": f"{label} \ud83d"} for t, label in rows(20)]
    table.write_text("\n".join(map(json.dumps, lines)))
    folder = hoiquy.train(table, RECIPE, tmp_path / "run", on_event=ignore).folder
    assert load_run(folder).result.classes == ["tiêu cực ?", "trung tính ?", "tích cực ?"]
    assert run("evaluate", folder, table, "--quiet") == 0


def test_weights_of_classes_by_any_spelling(tmp_path: Path) -> None:
    folder = trained(tmp_path, RECIPE.with_settings(["training.class_weight.5.0=4"]))
    assert load_run(folder).recipe.training.class_weight == {"5.0": 4}
    plain = hoiquy.train(tmp_path / "train.csv", RECIPE, tmp_path / "plain", on_event=ignore)
    table = {"5": 4.0}
    same = RECIPE.with_settings({"training.class_weight": table})
    again = hoiquy.train(tmp_path / "train.csv", same, tmp_path / "again", on_event=ignore)
    weights = load_run(folder).weights()
    assert all(np.array_equal(weights[name], array) for name, array in again.weights().items())
    assert any(not np.array_equal(weights[name], a) for name, a in plain.weights().items())
