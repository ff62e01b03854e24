"""Tables of labelled texts: formats, encodings, columns, classes, bad rows, parts."""

import csv
import json
import re
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hoiquy.data import Dataset, TableOptions, load_dataset
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.read_errors import readable
from hoiquy.data.tables.rows import BadRow, Row, read_columns, read_rows
from hoiquy.data.unlabelled.rows import Document, read_documents
from hoiquy.errors import DataError

KINDS = {"tích cực": "phim hay", "tiêu cực": "phim dở", "trung tính": "phim tạm"}
ROWS = [
    (f'{words}, "số {number}"\nrất {words}', label)
    for number in range(20)
    for label, words in KINDS.items()
]
NAMES = ("id", "Nội dung", "Nhãn")


def write(path: Path, encoding: str = "utf-8", delimiter: str = ",", header: bool = True) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        if header:
            writer.writerow(NAMES)
        writer.writerows([(number, *row) for number, row in enumerate(ROWS)])
    return path


def documents(dataset: Dataset) -> set[tuple[str, str]]:
    return {
        (text, dataset.classes[label])
        for part in (dataset.train, dataset.test)
        for text, label in zip(part.texts, part.labels.tolist(), strict=True)
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_of_all_kinds(tmp_path: Path, encoding: str, delimiter: str) -> None:
    dataset = load_dataset(write(tmp_path / "reviews.csv", encoding, delimiter))
    assert documents(dataset) == set(ROWS)
    assert dataset.classes == ("tiêu cực", "trung tính", "tích cực")
    assert (len(dataset.train), len(dataset.test)) == (48, 12)
    assert "'Nội dung'" in dataset.description
    assert "'Nhãn'" in dataset.description


def test_a_byte_order_mark_is_removed_if_utf_8_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,1\n", encoding="utf-8-sig")
    assert list(read_rows(path, FileOptions("UTF8"))) == [Row(2, {"text": "a", "label": "1"})]


# (how it is written, what the user says)
ENCODINGS = [
    ("utf-8", None), ("utf-8-sig", None), ("utf-8-sig", "utf-8"), ("utf-16", None),
    ("utf-32", None), ("utf-16-le", "utf-16-le"), ("cp1258", "cp1258"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "encoding"), ENCODINGS)
def test_files_in_folders_and_lines_in_any_encoding(
    tmp_path: Path, written: str, encoding: str | None
) -> None:
    options = TableOptions(encoding=encoding)
    expected = [(f"phim số {number} đấy", "ab"[number % 2]) for number in range(40)]
    expected = [(text.encode("cp1258", "replace").decode("cp1258"), k) for text, k in expected]
    for number, (text, label) in enumerate(expected):
        folder = tmp_path / "folders" / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_bytes(text.encode(written))
    assert documents(load_dataset(tmp_path / "folders", options=options)) == set(expected)
    lines = tmp_path / "lines.txt"
    lines.write_bytes("\r\n".join(text for text, _ in expected).encode(written))
    found = list(read_documents(lines, options))
    assert found == [Document(at, text) for at, (text, _) in enumerate(expected, start=1)]


@pytest.mark.parametrize("content", [b"\xff\xfea", "phim d\xea".encode("latin-1")])
def test_another_encoding_is_reported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not UTF-8 text: set its encoding"):
        list(read_documents(path))
    with pytest.raises(DataError, match="the encoding 'klingon' is unknown"):
        list(read_documents(path, TableOptions(encoding="klingon")))


def test_without_a_header(tmp_path: Path) -> None:
    dataset = load_dataset(write(tmp_path / "reviews.tsv", delimiter="\t", header=False))
    assert documents(dataset) == set(ROWS)
    assert "'2'" in dataset.description


@pytest.mark.parametrize("rows_at_once", [1000, 7])
def test_json_lines_parquet_arrow_and_folders_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr("hoiquy.data.tables.arrow_rows._BATCH", rows_at_once)
    table = pa.table({"text": [t for t, _ in ROWS], "label": [label for _, label in ROWS]})
    pq.write_table(table, tmp_path / "a.parquet")
    with (
        pa.OSFile(str(tmp_path / "a.arrow"), "wb") as file,
        pa.ipc.new_file(file, table.schema) as writer,
    ):
        writer.write_table(table)
    with (
        pa.OSFile(str(tmp_path / "stream.arrow"), "wb") as file,
        pa.ipc.new_stream(file, table.schema) as writer,
    ):
        writer.write_table(table)
    lines = [json.dumps({"text": text, "label": label}) for text, label in ROWS]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n\n")
    for number, (text, label) in enumerate(ROWS):
        folder = tmp_path / "folders" / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:03}.txt").write_bytes(text.encode())
    for name in ("a.parquet", "a.arrow", "stream.arrow", "a.jsonl", "folders"):
        assert documents(load_dataset(tmp_path / name)) == set(ROWS), name


def test_parts_that_are_given(tmp_path: Path) -> None:
    train, test = write(tmp_path / "train.csv"), tmp_path / "test.csv"
    test.write_text("Nội dung,Nhãn\nhay,tích cực\n")
    dataset = load_dataset(train, test=test, validation=test)
    assert len(dataset.train) == len(ROWS)
    assert list(dataset.test.texts) == ["hay"]
    assert dataset.validation is not None
    assert list(dataset.validation.texts) == ["hay"]
    test.write_text("Nội dung,Nhãn\nhay,vui\nhay,tích cực\n")
    with pytest.raises(DataError, match="line 2: 'vui' in 'Nhãn' is not one of the 3 classes"):
        load_dataset(train, test=test)
    dataset = load_dataset(train, test=test, options=TableOptions(skip_bad_rows=True))
    assert len(dataset.test) == 1 and "test: 1 bad rows left out" in dataset.description


def test_classes_without_test_documents_are_named(tmp_path: Path) -> None:
    train = [{"text": f"text {n}", "label": "ab"[n % 2]} for n in range(40)]
    path, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    said = "no test documents"
    path.write_text("\n".join(map(json.dumps, train)))
    assert said not in load_dataset(path).description
    path.write_text("\n".join(map(json.dumps, [*train, {"text": "alone", "label": "c"}])))
    assert f"{said} of the class 'c' (1 for training)" in load_dataset(path).description
    test.write_text(json.dumps(train[0]))
    described = load_dataset(path, test=test).description
    assert f"{said} of 2 classes, such as 'c' (1 for training)" in described


def test_classes_that_differ_in_capital_letters_are_named(tmp_path: Path) -> None:
    rows = [{"text": f"text {n}", "label": ["Good", "bad", "good"][n % 3]} for n in range(60)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    assert "'Good' and 'good' differ only in capital letters" in load_dataset(path).description
    path.write_text("\n".join(map(json.dumps, [row for row in rows if row["label"] != "good"])))
    assert "capital letters" not in load_dataset(path).description


def test_numbers_are_classes_in_their_order(tmp_path: Path) -> None:
    rows = [{"review": f"text {n}", "stars": [10, 9.0, "2 "][n % 3]} for n in range(60)]
    path = tmp_path / "stars.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    assert load_dataset(path).classes == ("2", "9", "10")


BAD = (
    '{"text": "a", "label": 1}\n{"text": "", "label": 1}\n[1]\n{"text": \n{"text": "b"}\n'
    + '{"text": "c", "label": NaN}\n'
    + "".join(f'{{"text": "word {n}", "label": {n % 2}}}\n' for n in range(40))
)


def test_bad_rows_are_reported_with_their_line_or_left_out(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(BAD)
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    assert "5 of 46 rows" in str(caught.value)
    assert "line 2: no text in 'text'; line 3: not a JSON object; line 4:" in str(caught.value)
    assert "and 2 more" in str(caught.value)
    assert "--skip-bad-rows" in str(caught.value)
    dataset = load_dataset(path, options=TableOptions(skip_bad_rows=True))
    assert len(documents(dataset)) == 41
    assert "5 bad rows left out" in dataset.description


def test_a_text_of_another_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows: list[dict[str, object]] = [{"text": f"phim {n}", "label": n % 2} for n in range(40)]
    rows[3]["text"], rows[4]["text"], rows[5]["text"] = 5, None, {"vi": "phim"}
    path.write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    assert (
        "line 4: 5 (int) in 'text', expected text; line 5: no text in 'text'; "
        "line 6: {'vi': 'phim'} (dict) in 'text', expected text"
    ) in str(caught.value)


def test_a_row_of_another_width_and_an_open_quote(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('text,label\n"a\nb",1\nc\nd,2,3\n')
    assert list(read_rows(path)) == [
        Row(2, {"text": "a\nb", "label": "1"}),
        BadRow(4, "1 columns, expected 2"),
        BadRow(5, "3 columns, expected 2"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label\n"a\nb",1\n\nc\nd,2,3\n"e ""f""",4\r\n"g\r\nh",5\ni,6'),
        ("a.csv", "1,a\n2,b\n3\n" + "x" * 10_000_001 + ",c\n4,d\n"),
        ("a.tsv", "text\tlabel\na,b\t1\n"),
        ("a.jsonl", '{"text": "a"}\n[]\n{"label": 1}\n{"text": 2}\n'),
    ],
)
def test_read_columns_agrees_with_read_rows(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    column = "2" if content.startswith("1") else "text"
    expected = [
        row if isinstance(row, BadRow) else (row.line, (row.values.get(column),))
        for row in read_rows(path)
    ]
    assert len(expected) > 0
    assert list(read_columns(path, [column])) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("text,label\n", "no rows with a text and a label"),
        ("text,label\na,\n", "no label in 'label'"),
        ("text,label\n" + "a,1\n" * 20, "every row has the label '1'"),
        ("text,label\na,1\nb,2\n", "2 documents, expected at least 10"),
        ("one\nonly a column\nof words\n", "its only column is 'one'"),
        (
            "text,label\n" + "".join(f"w{n},{n}\n" for n in range(2000)),
            "1,001 different values in 1,001 rows",
        ),
    ],
)
def test_invalid_data_sets_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "encoding", "suggested"),
    [
        (
            "Sa\u0309n phâ\u0309m râ\u0301t tô\u0301t, giao hàng câ\u0309n thâ\u0323n",
            "cp1258",
            "cp1258",
        ),
        ("Não são más ações do coração", "cp1252", "cp1252"),
        ("però è così: la qualità è già più alta, ciò non può bastare", "latin-1", "cp1252"),
        ("Þetta er góð bók, ég las hana í gær", "cp1252", "cp1252"),
        ("Größe: 5 €, “schön”", "cp1252", "cp1252"),
        ("Это плохая книга", "cp1251", "cp1251 (Cyrillic)"),
        ("这本书很好看", "gb18030", "gb18030 (Chinese)"),
        ("Sản phẩm tốt", "utf-8", "utf-8"),
    ],
)
def test_the_encoding_that_a_text_seems_to_have_is_suggested(
    text: str, encoding: str, suggested: str
) -> None:
    data = f"text,label\n{text},1\n".encode(encoding)
    with pytest.raises(DataError, match=re.escape(suggested)), readable("a.csv", "ascii"):
        data.decode("ascii")


def test_wrong_encodings_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"caf\xe9 {number},{number % 2}\n" for number in range(20))
    path.write_bytes(("text,label\n" + rows).encode("latin-1"))
    with pytest.raises(DataError, match="set its encoding, such as --encoding cp1252"):
        load_dataset(path)
    with pytest.raises(DataError, match="'klingon' is unknown"):
        load_dataset(path, options=TableOptions(encoding="klingon"))
    latin = TableOptions(encoding="latin-1")
    assert ("café 3", "1") in documents(load_dataset(path, options=latin))
    with pytest.raises(DataError, match=r"no column 'txt' for --text; .*; did you mean 'text'\?"):
        load_dataset(path, options=TableOptions(text="txt", encoding="latin-1"))
    with pytest.raises(DataError, match="need a table"):
        load_dataset("rotten", test=path)
    broken = tmp_path / "a.parquet"
    broken.write_bytes(b"PAR1 nothing")
    with pytest.raises(DataError, match=r"a\.parquet is damaged, or not a parquet file"):
        load_dataset(broken)


class Frame:
    """A stand-in for a pandas frame."""

    columns = ("label", "text")

    def itertuples(self, index: bool) -> Any:
        assert not index
        return iter([(label, text) for text, label in ROWS])


class Features(list[Any]):
    """A stand-in for a Hugging Face data set with a ClassLabel."""

    features: ClassVar = {"label": type("ClassLabel", (), {"names": list(KINDS)})(), "text": None}


def test_objects_in_memory() -> None:
    counted = Features({"text": t, "label": list(KINDS).index(label)} for t, label in ROWS)
    for data in (ROWS, [{"text": t, "label": label} for t, label in ROWS], Frame(), counted):
        assert documents(load_dataset(data)) == set(ROWS)
    parts = load_dataset({"train": ROWS, "test": ROWS[:9], "validation": ROWS[:6]})
    assert len(parts.train) == len(ROWS)
    assert parts.validation is not None
    assert (len(parts.test), len(parts.validation)) == (9, 6)
    for wrong in (3, {"text": ["a"]}, None):
        with pytest.raises(DataError, match="expected a pandas or Polars frame"):
            load_dataset(wrong)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1).filter(
    str.strip
)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1), st.sampled_from([",", ";", "\t"]))
@example([("0\n", "0")], ";")  # a quoted cell that the last line ends
def test_what_was_written_is_read(tmp_path_factory: Any, rows: Any, delimiter: str) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerows([("text", "label"), *rows])
    read = [row.values for row in read_rows(path) if isinstance(row, Row)]
    assert [(row["text"], row["label"]) for row in read if len(row) == 2] == rows
