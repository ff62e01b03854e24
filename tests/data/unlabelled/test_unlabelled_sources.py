"""Sources of unlabelled texts; test documents never leak in."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hoiquy.data import TableOptions, load_dataset
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.unlabelled.sources import check_label, unlabelled_texts
from hoiquy.errors import DataError


def texts(source: Any, **options: Any) -> list[str]:
    return list(unlabelled_texts(source, **options))


def table(path: Path, rows: int = 40, label: str = "label") -> Path:
    lines = [json.dumps({"text": f"text {n}", label: n % 2}) for n in range(rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_name_gives_its_training_documents_and_no_others() -> None:
    rotten = load_dataset("rotten")
    assert texts("rotten") == list(rotten.train.texts)


def test_imdb_gives_its_training_reviews(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOIQUY_IMDB", str(tree))
    assert sorted({text.rpartition(" number")[0] for text in texts("imdb")}) == [
        "train neg", "train pos",
    ]  # fmt: skip
    assert texts("imdb-unlabelled") == ["without a label"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_path_to_the_reviews_gives_those_without_a_label_too(
    packed: bool, tree: Path, archive: Path
) -> None:
    found = texts(archive if packed else str(tree))
    assert len(found) == 7 and "without a label" in found
    assert not any(text.startswith("test") for text in found)
    assert found == texts(tree if packed else str(archive))  # the same order
    assert "train neg number 0, café" in found


def test_missing_reviews_are_an_error(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "train" / "unsup" / "0_0.txt").unlink()
    monkeypatch.setenv("HOIQUY_IMDB", str(tree))
    with pytest.raises(DataError, match="no reviews in train/unsup"):
        texts("imdb-unlabelled")
    monkeypatch.setenv("HOIQUY_IMDB", str(tree / "imdb.npz"))
    (tree / "imdb.npz").write_bytes(b"")
    with pytest.raises(DataError, match="no unlabelled reviews"):
        texts("imdb-unlabelled")


@pytest.mark.parametrize("label", ["label", "mood"])
def test_of_a_table_with_labels_the_test_documents_stay_out(label: str, tmp_path: Path) -> None:
    path, messages = table(tmp_path / "reviews.jsonl", label=label), list[str]()
    dataset = load_dataset(path)
    found = texts(path, say=messages.append)
    assert found == list(dataset.train.texts)
    assert not set(found) & set(dataset.test.texts) and len(dataset.test) == 8
    assert "the 8 test documents are left out" in messages[0]
    assert texts(path, all_rows=True) == [f"text {n}" for n in range(40)]


def test_a_table_that_no_training_could_take_says_how_to_read_it(tmp_path: Path) -> None:
    path = table(tmp_path / "few.jsonl", rows=4)
    with pytest.raises(DataError, match="a table with the texts alone"):
        texts(path)
    assert len(texts(path, all_rows=True)) == 4


def test_tables_and_files_without_labels(tmp_path: Path) -> None:
    alone = tmp_path / "alone.csv"
    alone.write_text("id,comment\n1,first one\n2,second one\n3,third\n")
    assert texts(alone) == ["first one", "second one", "third"]
    assert texts(alone, options=TableOptions(text="id")) == ["1", "2", "3"]
    lines = tmp_path / "lines.txt"
    lines.write_text("phim dài\n\nhai\n", encoding="cp1258")
    assert len(texts(lines, options=TableOptions(encoding="cp1258"))) == 3
    with pytest.raises(DataError, match="not UTF-8"):
        texts(lines)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BufferedReader(io.BytesIO("câu một\ncâu hai".encode()))  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    assert texts("-") == ["câu một", "câu hai"]


def test_texts_in_memory() -> None:
    assert texts(("a", "b")) == ["a", "b"]
    with pytest.raises(DataError, match="int: expected a list of strings"):
        texts(["a", 3])
    with pytest.raises(DataError, match="dict: expected a list of strings"):
        texts({"text": ["a"]})
    parts = [
        Documents([f"{part} text"], np.zeros(1, np.int32)) for part in ("train", "test", "val")
    ]
    train, test, validation = parts
    dataset = Dataset("mine", ("a",), train, test, "mine", False, validation)
    assert texts(dataset) == ["train text", "val text"]


def test_a_missing_path_is_refused() -> None:
    with pytest.raises(DataError, match="is not a data set"):
        texts("a text that is no name")


def test_a_folder_of_text_files_has_a_document_in_each(tmp_path: Path) -> None:
    folder = tmp_path / "crawl"
    folder.mkdir()
    for name, text in {"b.txt": "second", "a.txt": "first\nof two lines", "README": "x"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert texts(folder) == ["first\nof two lines", "second"]
    (folder / "manifest.json").write_text("{}", encoding="utf-8")  # a run has text files, too
    with pytest.raises(DataError, match="a folder for each class"):
        texts(folder)


def partly_labelled(path: Path, splits: bool = False) -> Path:
    """A table of 40 rows with labels, in between 20 without."""
    rows: list[dict[str, Any]] = []
    for n in range(60):
        label = None if n % 3 == 2 else f"class {n % 3}"
        rows.append({"text": f"text {n}", "label": label})
        if splits:
            rows[-1]["split"] = "test" if n >= 45 else "unsup" if n % 3 == 2 else "train"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def test_rows_without_a_label_are_read_beside_the_training_documents(tmp_path: Path) -> None:
    path, messages = partly_labelled(tmp_path / "partly.jsonl"), list[str]()
    dataset = load_dataset(path, options=TableOptions(skip_bad_rows=True))
    without = [f"text {n}" for n in range(2, 60, 3)]
    for skip in (False, True):
        messages.clear()
        found = texts(path, options=TableOptions(skip_bad_rows=skip), say=messages.append)
        assert found == [*dataset.train.texts, *without]
        assert "the 8 test documents are left out; 20 rows without a label" in messages[0]
        assert "bad rows" not in messages[0]


def test_the_error_of_a_training_names_the_way_to_learn_from_them(tmp_path: Path) -> None:
    path = partly_labelled(tmp_path / "partly labelled.jsonl")
    with pytest.raises(DataError, match=f"--skip-bad-rows --unlabelled '{path}' added, learns"):
        load_dataset(path)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    with pytest.raises(DataError, match=r"with --skip-bad-rows$"):
        load_dataset(rows)


def test_rows_of_a_split_without_labels_are_read(tmp_path: Path) -> None:
    path, messages = partly_labelled(tmp_path / "splits.jsonl", splits=True), list[str]()
    dataset = load_dataset(path, options=TableOptions(skip_bad_rows=True))
    found = texts(path, options=TableOptions(skip_bad_rows=True), say=messages.append)
    assert found == [*dataset.train.texts, *(f"text {n}" for n in range(2, 45, 3))]
    assert len(dataset.test) == 10 and "15 rows without a label" in messages[0]


def test_a_row_without_a_label_needs_no_split(tmp_path: Path) -> None:
    path = partly_labelled(tmp_path / "splits.jsonl", splits=True)
    path.write_text(path.read_text().replace('"unsup"', '""'))
    with pytest.raises(DataError, match=r"20 of 60 rows .*--unlabelled"):
        load_dataset(path)
    found = texts(path, options=TableOptions(skip_bad_rows=True))
    assert len([text for text in found if int(text.split()[1]) % 3 == 2]) == 15


def test_several_labels_and_texts_without_any_are_not_proposed(tmp_path: Path) -> None:
    path = tmp_path / "several.csv"
    lines = [f"text {n},{n % 2},{n % 3 % 2}" if n % 5 else f"text {n},," for n in range(40)]
    path.write_text("\n".join(["text,a,b", *lines]) + "\n")
    with pytest.raises(DataError, match=r"with --skip-bad-rows$"):
        load_dataset(path, options=TableOptions(label="a,b"))


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_texts_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "blank.txt").write_text(content)
    with pytest.raises(DataError, match=r"blank\.txt has no texts"):
        texts(tmp_path / "blank.txt")


def test_a_label_column_that_no_table_has_is_an_error(tmp_path: Path) -> None:
    labelled, crawl = table(tmp_path / "labelled.jsonl"), tmp_path / "crawl.csv"
    crawl.write_text("text\n" + "".join(f"one more {n}\n" for n in range(9)))
    check_label([crawl, labelled, "rotten"], TableOptions(label="label"))
    check_label([crawl, "rotten"], TableOptions())
    with pytest.raises(DataError, match=r"labelled\.jsonl .*'lable'.*label"):
        check_label([labelled, crawl], TableOptions(label="lable"))


def test_a_row_without_a_label_that_equals_a_test_document_stays_out(tmp_path: Path) -> None:
    path = partly_labelled(tmp_path / "partly.jsonl")
    tested = load_dataset(path, options=TableOptions(skip_bad_rows=True)).test.texts[0]
    with path.open("a") as file:
        file.write(json.dumps({"text": f" {tested}  ", "label": ""}) + "\n")
        file.write(json.dumps({"text": "one more", "label": ""}) + "\n")
    messages = list[str]()
    found = texts(path, say=messages.append)
    assert "21 rows without a label are read" in messages[0]
    assert found[-1] == "one more" and tested not in [text.strip() for text in found]


def test_other_bad_rows_are_still_refused(tmp_path: Path) -> None:
    path = partly_labelled(tmp_path / "partly.jsonl")
    with path.open("a") as file:
        file.write(json.dumps({"text": 3, "label": ""}) + "\n")
    with pytest.raises(DataError, match="1 of 41 rows cannot be used: line 61: 3"):
        texts(path)
    assert len(texts(path, options=TableOptions(skip_bad_rows=True))) == 32 + 20


def test_of_a_table_whose_labels_are_all_missing_every_row_is_read(tmp_path: Path) -> None:
    path = tmp_path / "crawl.csv"
    path.write_text("text,label\nfirst one,\nsecond one,\nthird one,\n")
    assert texts(path) == ["first one", "second one", "third one"]
