"""Words of a report: no English in Vietnamese, no marks in what others wrote, no line too long."""

from pathlib import Path
from typing import Any

import pytest

from hoiquy.report.data_words import data_words
from hoiquy.report.document.blocks import Code, Fields, Plain, Space
from hoiquy.report.document.markdown import escaped, to_markdown
from hoiquy.report.document.marks import pieces_of
from hoiquy.report.summary_words import WIDTH, summary_words
from synthetic_runs import write_run

SUMMARY = """\
Model: "bai3"
 embedding (Embedding)             (None, 200, 128)            11,338,752
──────────────────────────────────────────────────────────────────────────
Total parameters: 11,602,354
Never read: 10,058,752 (86.7%), embedding rows that no index reaches; trained: 1,543,602"""


def test_a_vietnamese_summary_has_no_english_sentence(tmp_path: Path) -> None:
    result = write_run(tmp_path / "bai3", documents=50).result
    lines = summary_words(SUMMARY, result, "vi").splitlines()
    assert lines[:2] == [SUMMARY.splitlines()[0], SUMMARY.splitlines()[1].replace(",752", ".752")
                         .replace("11,338", "11.338")]  # fmt: skip
    assert lines[3] == "Tổng số tham số: 11.602.354"
    assert lines[4].startswith("Không được dùng đến: 10.058.752 (86,7%), các hàng embedding")
    assert lines[5].endswith("được huấn luyện: 1.543.602")
    english = summary_words(SUMMARY, result, "en")
    assert " ".join(english.split()) == " ".join(SUMMARY.split())
    for summary in ("\n".join(lines), english):
        assert max(map(len, summary.splitlines())) <= WIDTH


MEMBERS = """\
member                    weight  models    parameters
linear                      1.25       1       348,940
gru                         0.50       5    12,345,678
on 3,277 training documents, cross-validated: accuracy 99.02%, macro F1 97.68%, log loss 0.035"""


def test_the_members_of_an_ensemble_are_a_vietnamese_table(tmp_path: Path) -> None:
    result = write_run(tmp_path / "auto", "auto", documents=50, metric="accuracy").result
    header, *rows, below = summary_words(MEMBERS, result, "vi").splitlines()
    assert " ".join(header.split()) == "Thành phần Trọng số Số mô hình Số tham số"
    assert [row.split() for row in rows] == [
        ["bộ", "phân", "loại", "tuyến", "tính", "1,25", "1", "348.940"],
        ["gru", "0,50", "5", "12.345.678"],
    ]
    assert len({len(line) for line in (header, *rows)}) == 1  # columns are flush right
    assert below.startswith("trên 3.277 văn bản huấn luyện") and "accuracy 99,02%" in below
    assert summary_words(MEMBERS, result, "en").split() == MEMBERS.split()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "chia train/test chính thức: 25.000 bài huấn luyện và 1.000 bài kiểm tra"),
        ({"official_test": False, "data": "imdb-train"}, "chia từ phần huấn luyện chính thức"),
        ({"official_test": False, "data": "a.csv"}, "1.000 văn bản kiểm tra, 2 lớp"),
        ({"official_test": False, "data": "a.csv", "multilabel": True}, "kiểm tra, 2 nhãn"),
    ],
)
def test_data_is_described_in_the_language(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    result = write_run(tmp_path / "bai3", documents=1000, **changes).result
    assert words in data_words(result, "vi")
    assert data_words(result, "en") == "IMDB, 25,000 training and 25,000 test reviews"


@pytest.mark.parametrize(
    ("written", "markdown"),
    [
        ("**a** `b` [c](d) <i>", r"\*\*a\*\* \`b\` \[c\](d) \<i\>"),
        ("1. first", r"1\. first"),
        ("- dash - dash", r"\- dash - dash"),
        ("# title", r"\# title"),
        ("3.5 points", r"3\.5 points"),
        ("thường", "thường"),
    ],
)
def test_what_others_wrote_has_no_marks(written: str, markdown: str) -> None:
    assert escaped(written) == markdown


def test_markdown_of_blocks(tmp_path: Path) -> None:
    blocks = [Fields([("Name", "A*"), ("Class", "")]), Space(), Code("x = 1", "python"), Plain("_")]
    assert to_markdown(blocks, tmp_path) == (
        "**Name:** A\\*  \n**Class:** ………………………………\n\n```python\nx = 1\n```\n\n\\_\n"
    )


def test_pieces_of_a_text() -> None:
    assert pieces_of("a **b** `c` d**") == [
        ("plain", "a "), ("bold", "b"), ("plain", " "), ("code", "c"), ("plain", " d**"),
    ]  # fmt: skip
