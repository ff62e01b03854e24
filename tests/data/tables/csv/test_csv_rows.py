"""CSV and TSV as people have them: headers, quotes, line ends, and no row lost in silence."""

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hoiquy.data import TableOptions, load_dataset
from hoiquy.data.tables.csv.format import SAMPLE_LINES
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.row import BadRow, Row, RowCount
from hoiquy.data.tables.rows import read_columns, read_rows
from hoiquy.data.unlabelled.rows import read_documents
from hoiquy.errors import DataError, InputError

LABELS = ("neg", "pos")


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def lines(count: int = 60, delimiter: str = ",", words: str = "phim số {}") -> list[str]:
    return [f"{words.format(n)}{delimiter}{LABELS[n % 2]}" for n in range(count)]


def texts(path: Path, column: str = "text", **options: str) -> list[str]:
    """The texts of a table in which no row is bad; by both readers."""
    rows = list(read_rows(path, FileOptions(**options)))
    assert not [row for row in rows if isinstance(row, BadRow)]
    found = [row.values[column] for row in rows if isinstance(row, Row)]
    assert [row[1][0] for row in read_columns(path, [column], FileOptions(**options))] == found
    return found


def bad_lines(path: Path, **options: str) -> list[int]:
    return [row.line for row in read_rows(path, FileOptions(**options)) if isinstance(row, BadRow)]


# Whether the first row is a header.

HEADERS = [
    ("text,label", ["text", "label"]),
    (",text,label", ["1", "text", "label"]),
    ("text,text,label", ["text", "text.2", "label"]),
    (f"{'How do you rate this film on a scale from bad to good? ' * 3},answer", None),
    ("text,label,", ["text", "label", "3"]),
    (",0,1", ["1.2", "0", "1"]),
    ("0,1", ["0", "1"]),
    ("2019,2020", ["2019", "2020"]),
    ("Bình luận,Nhãn", ["Bình luận", "Nhãn"]),
    ("v1,v2", ["v1", "v2"]),
    ("text,pos", ["text", "pos"]),
]


@pytest.mark.parametrize(("header", "names"), HEADERS)
def test_these_are_headers(header: str, names: list[str] | None, tmp_path: Path) -> None:
    before = "{n}," if header.startswith((",", "text,text")) else ""
    after = "," if header.endswith(",") else ""
    rows = [before.format(n=n) + line + after for n, line in enumerate(lines())]
    found = list(read_rows(written(tmp_path / "a.csv", "\n".join([header, *rows]) + "\n")))
    assert len(found) == 60
    assert isinstance(found[0], Row) and found[0].line == 2
    assert "phim số 0" in found[0].values.values()
    if names is not None:
        assert [*found[0].values] == names


@pytest.mark.parametrize("rows_behind", [True, False])
def test_a_delimiter_at_the_end_of_the_header_or_of_the_rows_alone(
    rows_behind: bool, tmp_path: Path
) -> None:
    header, end = ("text,label", ",") if rows_behind else ("text,label,", "")
    rows = [line + end for line in lines()]
    path = written(tmp_path / "a.csv", "\n".join([header, *rows]) + "\n")
    assert texts(path) == [f"phim số {n}" for n in range(60)]


def test_row_numbers_of_r_without_a_name(tmp_path: Path) -> None:
    rows = [f'"{n}"\t"phim {n}"\t"{LABELS[n % 2]}"' for n in range(1, 61)]
    path = written(tmp_path / "a.tsv", "\n".join(['"text"\t"label"', *rows]) + "\n")
    assert texts(path) == [f"phim {n}" for n in range(1, 61)]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("words", ["phim số {}, nói thật, hay", "{}", "hay {} lắm"])
def test_without_a_header_the_first_document_is_not_lost(
    name: str, delimiter: str, words: str, tmp_path: Path
) -> None:
    if name == "a.tsv" and delimiter != "\t":
        return
    if delimiter == "," and "," in words:
        words = f'"{words}"'
    path = written(tmp_path / name, "\n".join(lines(delimiter=delimiter, words=words)) + "\n")
    assert texts(path, "1") == [words.format(n).strip('"') for n in range(60)]


@pytest.mark.parametrize("label_first", [True, False])
def test_a_first_class_that_occurs_nowhere_else_is_no_header(
    label_first: bool, tmp_path: Path
) -> None:
    def row(text: str, label: str) -> str:
        return f"{label},{text}" if label_first else f"{text},{label}"

    rows = [row(f"xem phim số {n} thấy rất hay", LABELS[n % 2]) for n in range(60)]
    path = written(tmp_path / "a.csv", "\n".join([row("tôi không nhớ gì cả", "neu"), *rows]))
    assert len(texts(path, "1")) == 61
    for names in (
        ("Do you like this film?", "how"),
        ("what the viewers have written", "Verdict"),
        ("what the viewers have written", "verdict_of_them"),
    ):
        path = written(tmp_path / "a.csv", "\n".join([row(*names), *rows]))
        assert len(texts(path, names[0])) == 60


@pytest.mark.parametrize("label", ["c{}", "item {}", "2024-{}"])
def test_a_first_class_of_the_same_pattern_is_no_header(label: str, tmp_path: Path) -> None:
    rows = [f"hay {'lắm ' * (n % 2)},{label.format(n % 5 + 10)}" for n in range(12)]
    path = written(tmp_path / "a.csv", "\n".join([f"tạm,{label.format(99)}", *rows]))
    assert len(texts(path, "1")) == 13
    assert len(texts(written(tmp_path / "b.csv", "\n".join(["a,b1", *rows])), "a")) == 12


def test_texts_alone_without_a_header(tmp_path: Path) -> None:
    content = "".join(f"tôi xem phim này {n} lần rồi\n" for n in range(30))
    assert len(list(read_documents(written(tmp_path / "a.csv", content)))) == 30
    assert len(list(read_documents(written(tmp_path / "b.csv", "comment\n" + content)))) == 30


@pytest.mark.parametrize(
    ("line", "rows"),
    [("xem phim này hay lắm,pos", 1), ("xem phim này hay lắm", 1), ("text,x", 0), ("id,note", 0)],
)
def test_a_row_alone_is_a_document_if_it_reads_like_one(
    line: str, rows: int, tmp_path: Path
) -> None:
    assert len(list(read_rows(written(tmp_path / "a.csv", line + "\n")))) == rows


def test_the_user_decides_about_the_header(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "\n".join(["text,label", *lines()]) + "\n")
    assert len(texts(path, "1", header="no")) == 61
    assert len(texts(path, header="auto")) == 60
    bare = written(tmp_path / "b.csv", "\n".join(lines()) + "\n")
    assert len(texts(bare, "phim số 0", header="yes")) == 59
    dataset = load_dataset(bare, options=TableOptions(header="no"))
    assert len(dataset.train) + len(dataset.test) == 60
    with pytest.raises(InputError, match="header is 'perhaps', expected one of auto, yes, no"):
        load_dataset(bare, options=TableOptions(header="perhaps"))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_header_that_occurs_again_is_no_row(mark: str, tmp_path: Path) -> None:
    part = "text,label\n" + "".join(f"{line}\n" for line in lines())
    path = written(tmp_path / "a.csv", mark + part + mark + part)
    dataset = load_dataset(path)
    assert dataset.classes == LABELS
    assert len(dataset.train) + len(dataset.test) == 120
    assert dataset.description.endswith("; 1 repeated header left out (line 62)")
    messages: list[str] = []
    assert len(list(read_documents(path, say=messages.append))) == 120
    assert messages[-1].endswith("1 repeated header left out (line 62)")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "\ufeffsep=;", "SEP=;\r"])
def test_a_line_that_names_the_delimiter_is_no_row(first: str, tmp_path: Path) -> None:
    part = "\n".join([first, "text;label", *lines(delimiter=";", words="a, b, {}")]) + "\n"
    path = written(tmp_path / "a.csv", part + part)
    assert texts(path) == 2 * [f"a, b, {n}" for n in range(60)]
    assert load_dataset(path).classes == LABELS


# Quotes.

UNPAIRED = [
    ('"phim hay,pos', "text"),
    ('"phim hay, hay,pos', None),
    ('"phim" hay,pos', "text"),
    ('phim "hay,pos', "text"),
]


@pytest.mark.parametrize(("line", "kind"), UNPAIRED)
@pytest.mark.parametrize("at", [0, 30, 198])
@pytest.mark.parametrize("closing", [False, True])
def test_an_unpaired_quote_takes_no_other_row(
    line: str, kind: str | None, at: int, closing: bool, tmp_path: Path
) -> None:
    """Without quoted cells it is text; `closing`: a later quote would end the cell."""
    rows = lines(200)
    rows[at] = line
    if closing:
        rows[199] = 'cỡ 5",neg'
    path = written(tmp_path / "a.csv", "\n".join(["text,label", *rows]) + "\n")
    count = RowCount()
    found = list(read_rows(path, count=count))
    assert len(found) == count.rows == 200
    if kind is None:
        assert bad_lines(path) == [at + 2]
    else:
        assert texts(path)[at] == line.rsplit(",", 1)[0]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_among_quoted_cells_it_is_an_error_that_names_the_line(name: str, tmp_path: Path) -> None:
    delimiter = "\t" if name == "a.tsv" else ","
    words = f'"phim{delimiter} ""số"" {{}}"'
    rows = lines(200, delimiter, words)
    rows[50] = f'"phim hay{delimiter}pos'
    path = written(tmp_path / name, "\n".join([f"text{delimiter}label", *rows]) + "\n")
    assert bad_lines(path) == [52]
    for read in (load_dataset, lambda path: list(read_documents(path))):
        with pytest.raises(DataError, match=r"line 52: a quotation mark opens .*--quoting none"):
            read(path)
    dataset = load_dataset(path, options=TableOptions(skip_bad_rows=True))
    assert len(dataset.train) + len(dataset.test) == 199


def test_quotes_of_a_table_without_quoting_are_text(tmp_path: Path) -> None:
    rows = lines(60, "\t", '"Phim" số {}')
    rows[3] = '"Hay\tpos'
    rows[9] = 'lắm"\tneg'
    path = written(tmp_path / "a.tsv", "\n".join(["text\tlabel", *rows]) + "\n")
    assert texts(path)[:4] == ['"Phim" số 0', '"Phim" số 1', '"Phim" số 2', '"Hay']
    assert texts(path, quoting="none") == texts(path)
    assert len(bad_lines(path, quoting="standard")) == 59


def test_quotes_behind_the_sample(tmp_path: Path) -> None:
    rows = [*lines(3 * SAMPLE_LINES), '"phim hay,pos', *lines(10)]
    path = written(tmp_path / "a.csv", "\n".join(["text,label", *rows]) + "\n")
    assert texts(path)[3 * SAMPLE_LINES] == '"phim hay'
    quoted = [*lines(3 * SAMPLE_LINES, words='"a, {}"'), '"phim hay,pos', *lines(10)]
    path = written(tmp_path / "a.csv", "\n".join(["text,label", *quoted]) + "\n")
    assert bad_lines(path) == [3 * SAMPLE_LINES + 2]


@pytest.mark.parametrize("long", [3, 5 * SAMPLE_LINES])
@pytest.mark.parametrize("at", [0, 7])
def test_cells_of_many_lines_are_read(long: int, at: int, tmp_path: Path) -> None:
    cell = "\n".join(f'dòng {n}, là "một" dòng' for n in range(long))
    rows = [(line.split(",")[0], line.split(",")[1]) for line in lines(20)]
    rows[at] = (cell, "pos")
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    assert texts(tmp_path / "a.csv") == [text for text, _ in rows]


def test_a_cell_whose_lines_are_taken_for_rows_names_the_quoting(tmp_path: Path) -> None:
    rows = [f'"pos\n{n},neg\npos",pos' if n % 3 == 0 else line for n, line in enumerate(lines())]
    path = written(tmp_path / "a.csv", "\n".join(["text,label", *rows]) + "\n")
    with pytest.raises(DataError, match="cell of several lines, pass --quoting standard"):
        load_dataset(path)
    assert texts(path, quoting="standard")[:2] == ["pos\n0,neg\npos", "phim số 1"]


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize("others", [0, 5])
def test_lines_of_a_cell_that_look_like_rows_are_read(
    count: int, others: int, tmp_path: Path
) -> None:
    """Their last part is no label, although it is the same in many cells."""
    words = "phim {0}, hay\ncảnh {0}, hay\nkết {0}, dở"
    rows = [(words.format(n), LABELS[n % 2]) for n in range(count)]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("text", "label"), *rows, *[("a", "pos"), ("b", "neg")] * others])
    assert texts(tmp_path / "a.csv")[:count] == [text for text, _ in rows]


def test_quotes_that_a_backslash_escapes(tmp_path: Path) -> None:
    words = r'"phim {} \"tệ\", ở C:\new\\"'
    path = written(tmp_path / "a.csv", "\n".join(["text,label", *lines(words=words)]) + "\n")
    expected = [f'phim {n} "tệ", ở C:\\new\\' for n in range(60)]
    assert texts(path) == texts(path, quoting="backslash") == expected
    one = [*lines(30, words='"a, {}"'), r'"b \"c\", d",pos']
    assert texts(written(tmp_path / "b.csv", "\n".join(["text,label", *one])))[-1] == 'b "c", d'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_ends(end: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((end.join(["text,label", *lines(words='"a, {}"')]) + end).encode(encoding))
    assert texts(path) == [f"a, {n}" for n in range(60)]


def test_mixed_line_ends_and_nul(tmp_path: Path) -> None:
    ends = ["\n", "\r\n", "\r\r\n", "\n\n"]
    content = "".join(f"{line}{ends[n % 4]}" for n, line in enumerate(["text,label", *lines()]))
    path = written(tmp_path / "a.csv", content.replace("số 7,", "số\0 7,"))
    assert texts(path)[6:8] == ["phim số 6", "phim số\0 7"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_utf_16_without_a_mark_is_named(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(["text,label", *lines()]).encode(encoding))
    with pytest.raises(DataError, match=f"try --encoding {encoding}"):
        list(read_rows(path))
    assert len(texts(path, encoding=encoding)) == 60


def test_spaces_before_quotes(tmp_path: Path) -> None:
    rows = [f'{LABELS[n % 2]}, "phim {n}, hay"' for n in range(60)]
    path = written(tmp_path / "a.csv", "\n".join(["label, text", *rows]) + "\n")
    assert texts(path) == [f"phim {n}, hay" for n in range(60)]
    assert load_dataset(path).classes == LABELS


def test_a_title_above_the_header_is_a_bad_row_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "\n".join(["Báo cáo", "", "text,label", *lines()]) + "\n")
    assert bad_lines(path) == [1]
    dataset = load_dataset(path, options=TableOptions(skip_bad_rows=True))
    assert len(dataset.train) + len(dataset.test) == 60


@pytest.mark.parametrize("above", ["Báo cáo,", "# 2024, tháng 3", "# a\n# b, c, d", "Báo cáo"])
def test_titles_and_comments_of_any_width_are_bad_rows(above: str, tmp_path: Path) -> None:
    content = "\n".join([above, "text,label", *lines()]) + "\n"
    path = written(tmp_path / "a.csv", content)
    assert bad_lines(path) == [*range(1, 2 + above.count("\n"))]
    with pytest.raises(DataError, match="line 1: a line above the header, not a row"):
        load_dataset(path)
    assert load_dataset(path, options=TableOptions(skip_bad_rows=True)).classes == LABELS


def test_a_padded_title_may_be_above_names_that_are_not_known(tmp_path: Path) -> None:
    rows = [f"{n},{line}" for n, line in enumerate(lines(), start=1)]
    content = "\n".join(["Khảo sát,,", "Số phiếu,Ý kiến,Kết quả", *rows]) + "\n"
    path = written(tmp_path / "a.csv", content)
    assert bad_lines(path) == [1]
    dataset = load_dataset(path, options=TableOptions(skip_bad_rows=True))
    assert dataset.columns == ("Ý kiến", "Kết quả") and dataset.classes == LABELS
    without = "\n".join(["phim hay quá,", *lines()]) + "\n"  # a row without a label
    assert bad_lines(written(tmp_path / "b.csv", without)) == []
    assert len(list(read_rows(tmp_path / "b.csv"))) == 61


@pytest.mark.parametrize("first", ["#phim số 0,neg", "#,text,label", ",0"])
def test_a_first_row_that_is_no_title(first: str, tmp_path: Path) -> None:
    before = "{n}," if first.startswith("#,") else ""
    rows = [before.format(n=n) + line for n, line in enumerate(lines())]
    if first == ",0":
        rows = [f"{n},phim số {n}" for n in range(60)]
    path = written(tmp_path / "a.csv", "\n".join([first, *rows]) + "\n")
    assert bad_lines(path) == []
    assert len(list(read_rows(path))) == 60 + (first == "#phim số 0,neg")


def test_lines_of_spaces_are_empty(tmp_path: Path) -> None:
    content = "\n".join(["  ", "text,label", *lines()[:30], " \t", *lines()[30:], " "])
    assert texts(written(tmp_path / "a.csv", content)) == [f"phim số {n}" for n in range(60)]


def test_a_title_in_a_workbook_is_no_document(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [["Báo cáo"], ["text", "label"], *(line.split(",") for line in lines())]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert bad_lines(tmp_path / "a.xlsx") == [1]
    documents = read_documents(tmp_path / "a.xlsx", TableOptions(skip_bad_rows=True))
    assert [document.text for document in documents] == [f"phim số {n}" for n in range(60)]


@pytest.mark.parametrize("header", ["", "text\n", '"text"\n'])
@pytest.mark.parametrize("words", ["phim {} hay, rất hay", "phim, {}, hay", "phim; {}"])
def test_sentences_with_commas_are_one_column(header: str, words: str, tmp_path: Path) -> None:
    expected = [words.format(n) if n % 3 else f"phim {n}" for n in range(30)]
    path = written(tmp_path / "a.csv", header + "".join(f"{text}\n" for text in expected))
    assert texts(path, "text" if header else "1") == expected


# What a writer wrote, and what happens to a damaged file.

CELL = st.text(st.one_of(st.sampled_from('",;\t|\\\n ab'), st.characters(codec="utf-8")))
STYLES = [
    {"quoting": csv.QUOTE_MINIMAL},
    {"quoting": csv.QUOTE_ALL},
    {"quoting": csv.QUOTE_NONNUMERIC},
    {"quoting": csv.QUOTE_MINIMAL, "doublequote": False, "escapechar": "\\"},
    {"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
    {"quoting": csv.QUOTE_NONE, "escapechar": "\\"},
]


@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1)
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(STYLES),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
@example([["", ""], ['"', "\\"]], ",", STYLES[5], "\n", True)
def test_what_any_dialect_writes_is_read(
    tmp_path_factory: Any, rows: list[list[str]], delimiter: str, style: dict[str, Any],
    end: str, header: bool,
) -> None:  # fmt: skip
    rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    rows = [row for row in rows if row != rows[0]] if header else rows
    names = ["x" * at for at in range(1, len(rows[0]) + 1)] if rows else []
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"sep={delimiter}{end}")
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end, **style)
        writer.writerows([names, *rows] if header else rows)
    quoting = "backslash" if "escapechar" in style else "standard"
    count = RowCount()
    found = list(read_rows(path, FileOptions(None, "yes" if header else "no", quoting), count))
    assert [list(row.values.values()) for row in found if isinstance(row, Row)] == rows
    assert len(found) == count.rows


WORDS = st.text(st.sampled_from('ab ,"'), max_size=12)


@given(
    st.lists(WORDS, min_size=20, max_size=40),
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(['"', '""', ""])), max_size=2),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_of_damaged_quotes_no_row_is_lost(
    tmp_path_factory: Any, words: list[str], damages: list[tuple[int, str]], quoting: Any
) -> None:
    """Each row has one line, so that lines, documents and refused rows can be counted."""
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=quoting, lineterminator="\n")
        writer.writerows(
            [("text", "label"), *[(f"phim {n} {w}", LABELS[n % 2]) for n, w in enumerate(words)]]
        )
    head, content = path.read_text("utf-8").split("\n", 1)
    for place, mark in damages:
        at = place % len(content)
        content = content[:at] + mark + content[at + (mark == "" and content[at] == '"') :]
    written(path, f"{head}\n{content}")
    count = RowCount()
    found = list(read_rows(path, FileOptions(header="yes"), count))
    assert len(found) == count.rows == len(words)


def test_the_delimiter_with_escaped_quotes(tmp_path: Path) -> None:
    cells = [f'{n}" phim\nphim "hay;phim;phim "hay' for n in range(12)]
    rows = [[str(n), text, LABELS[n % 2]] for n, text in enumerate(cells)]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";", doublequote=False, escapechar="\\")
        writer.writerows([["id", "text", "label"], *rows])
    assert texts(tmp_path / "a.csv") == cells


def test_quotes_that_are_all_escaped_in_cells_without_quotes(tmp_path: Path) -> None:
    cells = [f'phim "{n}" hay' for n in range(12)]
    with (tmp_path / "a.tsv").open("w", newline="") as file:
        writer = csv.writer(file, "excel-tab", quoting=csv.QUOTE_NONE, escapechar="\\")
        writer.writerows([["text", "label"], *zip(cells, LABELS * 6, strict=True)])
    assert texts(tmp_path / "a.tsv") == cells
    assert texts(tmp_path / "a.tsv", quoting="none")[0] == 'phim \\"0\\" hay'
