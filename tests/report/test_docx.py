"""The Word document: the sheet's order, the student's words, pictures, and odd characters."""

import sys
from pathlib import Path
from typing import Any

import docx
import pytest

from hoiquy.errors import MissingExtraError
from hoiquy.report.document.blocks import Bullets, Code, Fields, Paragraph, Plain, Space, Table
from hoiquy.report.document.docx import Properties, save_docx
from hoiquy.report.document.docx_styles import PAGE_WIDTH
from hoiquy.report.gathering import gather
from hoiquy.report.lab_report import write_docx
from hoiquy.report.own_words.author import Author
from hoiquy.report.own_words.file import OwnWords
from hoiquy.report.report_options import ReportOptions
from page_runs import write_page_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for name in ("bai3", "bai5"):
        write_page_run(folder / name, name, documents=300, hostile=True)
    return folder


def headings(document: Any) -> list[str]:
    return [p.text for p in document.paragraphs if p.style.name.startswith(("Title", "Heading"))]


def test_a_report_in_vietnamese(runs: Path, tmp_path: Path) -> None:
    own = OwnWords(Author("Lê Thị Bé", "7"), {"bai3": ("Em thấy **LSTM** học nhanh.",)})
    path = write_docx(gather([runs]), tmp_path / "new" / "r.docx", "vi", ReportOptions(own))
    document = docx.Document(str(path))
    found = headings(document)
    third = found.index("Bài 3: Embedding(128) → LSTM(200)")
    assert found[third : third + 8] == [
        "Bài 3: Embedding(128) → LSTM(200)",
        "Mã nguồn",
        "Hình 5. Tóm tắt mô hình",
        "Đường cong học",
        "Nhận xét về đường cong học",
        "Accuracy trên tập kiểm tra",
        "Nhận xét về kết quả trên tập kiểm tra",
        "Nhận xét của sinh viên",
    ]
    assert found[-1].startswith("Bài 5")  # of the recipes
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Họ và tên: Lê Thị Bé" in text
    assert "Em thấy **LSTM** học nhanh." in text
    assert "model = keras.Sequential(" in text
    assert "Kết luận" in found
    assert len(document.part.package.image_parts) == 5  # two a network, and the overview
    assert document.core_properties.author == "Lê Thị Bé"


def test_a_brief_report_has_no_appendices(runs: Path, tmp_path: Path) -> None:
    options = ReportOptions(brief=True)
    path = write_docx(gather([runs]), tmp_path / "r.docx", "en", options)
    found = headings(docx.Document(str(path)))
    assert not [one for one in found if one.startswith("Appendix")]
    assert found[-1] == "How to reproduce this"


def test_columns_fit_their_words(tmp_path: Path) -> None:
    rows = [["Bài 1", "SimpleRNN(200) → SimpleRNN(200)", "40.802"], ["Bài 2", "GRU", "121.002"]]
    save_docx([Table(["a", "b", "c"], rows)], tmp_path / "a.docx", Properties("T", "", "vi"))
    (table,) = docx.Document(str(tmp_path / "a.docx")).tables
    first, second, third = (cell.width for cell in table.rows[1].cells)
    assert first < third < second
    assert 0.95 * PAGE_WIDTH < first + second + third < PAGE_WIDTH
    assert [column.width for column in table.columns] == [first, second, third]


def test_no_word_of_nine_columns_is_broken(tmp_path: Path) -> None:
    header = [
        "Bài", "Mạng", "Số tham số", "Epoch", "Train", "Validation",
        "Kiểm tra (khoảng tin cậy 95%)", "Đã công bố", "Thời gian",
    ]  # fmt: skip
    row = [
        "Bài 4", "Embedding(128) → LSTM(200) → LSTM(64)",
        "11.669.922 (10.058.752 không được dùng đến)", "10", "93,12%", "88,32%",
        "86,65% (86,22–87,06)", "86,19%", "4 phút 50 giây",
    ]  # fmt: skip
    save_docx([Table(header, [row])], tmp_path / "a.docx", Properties("T", "", "vi"))
    (table,) = docx.Document(str(tmp_path / "a.docx")).tables
    for cell, words in zip(table.rows[0].cells, zip(header, row, strict=True), strict=True):
        longest = max(len(word) for text in words for word in text.split())
        assert cell.width.mm > 3.8 + 1.5 * longest, words  # margins, and letters of 8.5 points


def test_an_interval_is_not_broken_over_two_lines(tmp_path: Path) -> None:
    blocks = [Paragraph("**87,57%** (87,25–88,06)"), Table(["a"], [["80–90 – x"]]), Code("1–2")]
    save_docx(blocks, tmp_path / "a.docx", Properties("", "", "vi"))
    document = docx.Document(str(tmp_path / "a.docx"))
    interval, *_, code = [one.text for one in document.paragraphs]
    assert interval == "87,57% (87,25\u2060–\u206088,06)"
    assert document.tables[0].rows[1].cells[0].text == "80\u2060–\u206090 – x"
    assert code == "1–2"  # to be copied


def test_the_label_of_a_misclassified_text_stays_with_it(tmp_path: Path) -> None:
    blocks = [Plain("1. true label: neg", with_next=True), Plain("A film")]
    save_docx(blocks, tmp_path / "a.docx", Properties("T", "", "en"))
    label, text = docx.Document(str(tmp_path / "a.docx")).paragraphs
    assert label.paragraph_format.keep_with_next
    assert not text.paragraph_format.keep_with_next


def test_the_same_blocks_give_the_same_bytes(tmp_path: Path) -> None:
    blocks = [
        Fields([("Name", "")]),
        Paragraph("`a` **b** c"),
        Bullets(["one", "two"]),
        Plain("bell \x07, null \x00, half \ud83d, whole 😀"),
        Space(),
    ]
    for name in ("a.docx", "b.docx"):
        save_docx(blocks, tmp_path / name, Properties("T", "", "en"))
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    lines = [paragraph.text for paragraph in docx.Document(str(tmp_path / "a.docx")).paragraphs]
    assert lines[1:5] == ["a b c", "one", "two", "bell , null , half , whole 😀"]
    assert lines[0].startswith("Name: ....")


def test_without_python_docx_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'hoiquy\[docx\]'"):
        save_docx([], tmp_path / "a.docx", Properties("T", "", "en"))
    assert not [*tmp_path.iterdir()]
