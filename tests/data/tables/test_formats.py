"""Formats by content: all kinds of JSON, gzip, Excel; other files are refused."""

import gzip
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.data import TableOptions, load_dataset
from hoiquy.data.tables import formats, json_rows, text_file, xlsx_rows
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.parquet_part import read_parquet_column
from hoiquy.data.tables.row import BadRow, Row, RowCount
from hoiquy.data.tables.rows import read_columns, read_rows
from hoiquy.data.tables.run_options import with_run_options
from hoiquy.data.unlabelled.rows import read_documents, read_lines
from hoiquy.data.unlabelled.sources import unlabelled_texts
from hoiquy.errors import DataError, MissingExtraError

ROWS = [{"text": f"phim số {n}, hay", "label": "ab"[n % 2]} for n in range(40)]
COLUMNS = {name: [row[name] for row in ROWS] for name in ("text", "label")}
CSV = "text;label\n" + "".join(f"{row['text']};{row['label']}\n" for row in ROWS)
JSON_LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
JSON = {
    "lines": JSON_LINES,
    "lines with a mark": "\ufeff" + JSON_LINES,
    "array": json.dumps(ROWS),
    "indented array": "\n" + json.dumps(ROWS, indent=2, ensure_ascii=False) + "\n",
    "columns": json.dumps(COLUMNS),
    "indented columns": json.dumps(COLUMNS, indent=1),
    "pandas columns": json.dumps({k: dict(enumerate(v)) for k, v in COLUMNS.items()}),
    "pandas index": json.dumps(dict(enumerate(ROWS))),
    "pandas split": json.dumps(
        {"columns": list(COLUMNS), "index": [0], "data": [list(row.values()) for row in ROWS]}
    ),
    "a list in an object": json.dumps({"version": "1", "data": ROWS}),
}


def values(path: Path) -> list[dict[str, Any]]:
    count = RowCount()
    rows = list(read_rows(path, count=count))
    assert count.rows == len(rows)
    found = [dict(row.values) for row in rows if isinstance(row, Row)]
    assert len(found) == len(rows)
    assert [row[1][0] for row in read_columns(path, ["text"])] == [row["text"] for row in found]
    return found


@pytest.mark.parametrize("kind", JSON)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "A.JSON"])
def test_json_of_every_kind(kind: str, name: str, tmp_path: Path) -> None:
    content = JSON[kind].encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert values(tmp_path / name) == ROWS
    texts = [document.text for document in read_documents(tmp_path / name)]
    assert texts == COLUMNS["text"]
    assert len(list(unlabelled_texts(tmp_path / name))) == 32
    assert load_dataset(tmp_path / name).classes == ("a", "b")


def test_an_array_in_a_file_named_jsonl(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(ROWS))
    assert values(tmp_path / "a.jsonl") == ROWS


def test_an_array_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for piece in (1, 7, 100):
        monkeypatch.setattr(json_rows, "_PIECE", piece)
        (tmp_path / "a.jsonl").write_text(" [ " + ", ".join(map(json.dumps, ROWS)) + " ]\n ")
        with (tmp_path / "a.jsonl").open() as file:
            found = list(json_rows._array_rows(tmp_path / "a.jsonl", file))
        assert [row.values for row in found if isinstance(row, Row)] == ROWS


def test_objects_among_others_and_one_row(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"text": "a"}, 12, null, {"text": "b"}]')
    assert list(read_rows(path)) == [
        Row(1, {"text": "a"}), BadRow(2, "not a JSON object"), BadRow(3, "not a JSON object"),
        Row(4, {"text": "b"}),
    ]  # fmt: skip
    for content in ('{"text": "a", "label": 1}', '{\n"text": "a",\n"label": 1}', "[ ]"):
        path.write_text(content)
        expected = [Row(1, {"text": "a", "label": 1})] if "{" in content else []
        assert list(read_rows(path)) == expected
    path.write_text("")
    with pytest.raises(DataError, match=r"a\.json is empty"):
        list(read_rows(path))
    path.write_text('{"text": \n{"text": "b"}\n{"text": "c"}\n')
    assert [row.line for row in read_rows(path) if isinstance(row, BadRow)] == [1]


DAMAGED = [
    ('[{"text": "a"}, {"te', "is not JSON at object 2"),
    ('[{"text": "a"} {"text": "b"}]', "is not JSON at object 1: expected ','"),
    ('[{"text": "a"}] [1]', "expected nothing after the array"),
    ('{"text": ["a", "b"], "label": [1]}', "is one JSON object with other contents"),
    ('{"text": ["a", "b"', r"is not JSON \("),
    ("text,label\na,1\n", "is not JSON: expected one object a line, an array of objects"),
    ("[" * 100_000, "is not JSON at object 1"),
]


@pytest.mark.parametrize(("content", "message"), DAMAGED)
def test_damaged_json_is_an_error_even_if_bad_rows_are_left_out(
    content: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    for read in (load_dataset, lambda path, options: list(read_documents(path, options))):
        with pytest.raises(DataError, match=message):
            read(path, options=TableOptions(skip_bad_rows=True))


def test_json_that_is_too_large_to_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    monkeypatch.setattr(json_rows, "MAX_JSON_CHARACTERS", 100)
    path.write_text(json.dumps(COLUMNS))
    with pytest.raises(DataError, match="more than 100 characters: write one object a line"):
        list(read_rows(path))
    monkeypatch.setattr(json_rows, "MAX_CHARACTERS", 1000)
    monkeypatch.setattr(json_rows, "_PIECE", 100)
    path.write_text('[{"text": "' + "a" * 5000 + '"}]')
    with pytest.raises(DataError, match="at object 1: it has more than 1,000 characters"):
        list(read_rows(path))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.tsv.gz", "a.jsonl.gz", "a.ndjson.gz", "a.csv"])
def test_gzip(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    content = JSON_LINES if "json" in name else CSV.replace(";", "\t") if "tsv" in name else CSV
    path.write_bytes(gzip.compress(content.encode("utf-16" if "csv" in name else "utf-8")))
    assert values(path) == ROWS
    assert load_dataset(path).classes == ("a", "b")
    assert [document.text for document in read_documents(path)] == COLUMNS["text"]


def test_gzip_of_lines_and_of_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress("phim dài\nhai\n".encode()))
    assert [document.text for document in read_documents(path)] == ["phim dài", "hai"]
    path = tmp_path / "a.csv.gz"
    whole = gzip.compress(CSV.encode(), mtime=0)
    for damaged in (whole[:-20], whole[:5], whole[:40] + b"\0\0\0" + whole[43:]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"a\.csv\.gz is damaged"):
            list(read_rows(path))


def test_gzip_that_is_not_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(b"phim hay")
    with pytest.raises(DataError, match="standard input is compressed with gzip"):
        list(read_lines(io.BufferedReader(io.BytesIO(packed)), "latin-1", "standard input"))  # type: ignore[arg-type]
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(packed))  # twice
    with pytest.raises(DataError, match=r"a\.csv\.gz is compressed with gzip"):
        list(read_rows(tmp_path / "a.csv.gz"))


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv.gz"
    monkeypatch.setattr(text_file, "MAX_UNPACKED_BYTES", 1_000_000)
    path.write_bytes(gzip.compress(b"text,label\n" + b"a,b\n" * 2_000_000))
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        list(read_rows(path))
    monkeypatch.setattr(text_file, "MAX_UNPACKED_BYTES", 10**9)
    monkeypatch.setattr(text_file, "MAX_CHARACTERS", 1_000_000)
    path.write_bytes(gzip.compress(b"text,label\n" + b"a" * 5_000_000))
    with pytest.raises(DataError, match="a line of more than 1,000,000 characters"):
        list(read_rows(path))


def test_the_encoding_of_a_training_is_not_that_of_a_compressed_utf_8_file(tmp_path: Path) -> None:
    kept = TableOptions(encoding="cp1258", quoting="none")
    for encoding, expected in (("utf-8", None), ("cp1258", "cp1258")):
        path = tmp_path / f"{encoding}.csv.gz"
        path.write_bytes(gzip.compress("text\nphim dài\n".encode(encoding)))
        assert with_run_options(path, TableOptions(), kept).encoding == expected
        assert with_run_options(path, TableOptions(quoting="standard"), kept).quoting == "standard"


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


OTHERS: list[tuple[bytes, str]] = [
    (b"PAR1\x15\x04\x15 \0\0", "is a Parquet file, not text: rename it to end in .parquet"),
    (b"ARROW1\0\0", "is an Arrow file"),
    (zipped(a="text"), "is a zip archive or an Excel workbook, not text: unpack it, or rename"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel or Word file, not text: save it as .xlsx"),
    (b"\n<!DOCTYPE html><html><body>", "is a web page or XML, not a table: download the file"),
    (b"\xef\xbb\xbf<html>", "is a web page or XML"),
    (b"%PDF-1.7\n", "is a PDF file"),
    (b"\xfd7zXZ\0", "is compressed with xz"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
    (JSON_LINES.encode(), "holds JSON: rename it to end in .json"),
    (JSON["indented array"].encode(), "holds JSON: rename it to end in .json"),
]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "reviews", "a.csv.gz"])
@pytest.mark.parametrize(("content", "message"), OTHERS)
def test_what_is_no_text_is_refused_with_the_way_out(
    content: bytes, message: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(DataError) as caught:
        list(read_documents(path))
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    with pytest.raises(DataError, match=r"standard input .*"):
        list(read_lines(io.BufferedReader(io.BytesIO(content)), None, "standard input"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["{phim} hay", "[1] hay", '{"hay"', "[{", "<b>hay</b>", "PK", "PAR1", "BZh", "%PDF hay"]
)
def test_texts_that_only_begin_like_something_else(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{text}\n{text}\n")
    assert [document.text for document in read_documents(tmp_path / "a.txt")] == [text, text]


def test_names_of_tables() -> None:
    assert formats.is_table("A.CSV.GZ") and formats.is_table(Path("a/b.json"))
    assert not formats.is_table("a.gz") and not formats.is_table("csv")
    assert formats.format_of(Path("a.b.TSV.gz")) == ".tsv"


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")

    def write(*sheets: list[list[Any]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for number, rows in enumerate(sheets):
            sheet = book.create_sheet(f"sheet {number}")
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "a.xlsx")
        return tmp_path / "a.xlsx"

    return write


def test_excel(workbook: Callable[..., Path]) -> None:
    rows = [list(row.values()) for row in ROWS]
    path = workbook([], [["text", "label"], *rows, [None, None], ["text", "label"], *rows], [[1]])
    assert values(path) == ROWS + ROWS
    dataset = load_dataset(path)
    assert dataset.description.endswith(
        "; the sheet 'sheet 1' of 3; 1 repeated header left out (line 43)"
    )
    assert [document.line for document in read_documents(path)][:2] == [2, 3]


def test_excel_without_a_header_and_with_other_kinds_of_cells(
    workbook: Callable[..., Path],
) -> None:
    path = workbook([["hay", 1, None], ["dở", 2.0, True], [12, 1, 0.5], ["tệ", None, None]])
    assert [list(row.values.values()) for row in read_rows(path, FileOptions(header="no"))] == [
        ["hay", "1", ""], ["dở", "2", "TRUE"], ["12", "1", "0.5"], ["tệ", "", ""],
    ]  # fmt: skip
    assert len(list(read_rows(workbook([["hay lắm", "a"], ["dở", "b"]] * 10)))) == 20


def test_an_invalid_or_too_large_workbook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text(CSV)
    with pytest.raises(DataError, match=r"is damaged, or not an \.xlsx file: save it again"):
        list(read_rows(path))
    path.write_bytes(zipped(a="text"))
    monkeypatch.setattr(xlsx_rows, "MAX_UNPACKED_BYTES", 3)
    with pytest.raises(DataError, match="unpacks to 4 bytes, expected at most 3"):
        list(read_rows(path))
    monkeypatch.setattr(xlsx_rows, "MAX_UNPACKED_BYTES", 100)
    pytest.importorskip("openpyxl", reason="needs the extra excel")
    with pytest.raises(DataError, match=r"is damaged, or not an \.xlsx file"):
        list(read_rows(path))


def test_excel_without_openpyxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").write_bytes(zipped(a="text"))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'hoiquy\[excel\]'"):
        load_dataset(tmp_path / "a.xlsx")


SEEDS = [CSV.encode(), JSON_LINES.encode(), JSON["array"].encode(), JSON["columns"].encode()]
NAMES = ["a.csv", "a.tsv", "a.json", "a.jsonl", "a.csv.gz", "a.json.gz", "a.txt"]


@given(
    st.sampled_from(NAMES),
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4)), max_size=4),
    st.booleans(),
)
def test_damaged_files_give_rows_or_an_error_of_one_line(
    tmp_path_factory: Any, name: str, content: bytes, damages: list[tuple[int, bytes]], pack: bool
) -> None:
    path = tmp_path_factory.mktemp("damaged") / name
    content = content[:400]
    if pack:
        content = gzip.compress(content, mtime=0)
    for at, damage in damages:
        content = content[:at] + damage + content[at + 1 :]
    path.write_bytes(content)
    try:
        if name != "a.txt":
            count = RowCount()
            rows = list(read_rows(path, FileOptions(), count))
            assert len(rows) == count.rows
        list(read_documents(path, TableOptions(skip_bad_rows=True)))
    except DataError as error:
        assert "\n" not in str(error) and name in str(error)


def test_an_object_of_several_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"train": ROWS, "test": ROWS[:5]}))
    with pytest.raises(DataError, match="write train, test to separate files"):
        load_dataset(tmp_path / "a.json")


def test_bytes_of_parquet_that_are_utf_8_are_text(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    encoded = {name: [cell.encode() for cell in cells] for name, cells in COLUMNS.items()}
    table = pa.table({**encoded, "image": [b"\xff\xd8"] * len(ROWS)})
    pq.write_table(table, tmp_path / "a.parquet")
    assert values(tmp_path / "a.parquet") == [row | {"image": b"\xff\xd8"} for row in ROWS]
    part = read_parquet_column(tmp_path / "a.parquet", "text", 3, 5)
    assert list(part) == [(3, ROWS[2]["text"]), (4, ROWS[3]["text"])]
    assert load_dataset(tmp_path / "a.parquet").classes == ("a", "b")
