"""The student's file: made once, read in both languages, and never trusted."""

from pathlib import Path

import pytest

from hoiquy.errors import InputError
from hoiquy.report.own_words.author import Author
from hoiquy.report.own_words.file import COMPARISON, LARGEST, OwnWords, read_own_words
from hoiquy.report.own_words.merge import find_own_words, make_own_words, own_words

COMMAND = "hoiquy report lab --out lab/report.html"


def write(folder: Path, words: str) -> Path:
    path = folder / "my-remarks.txt"
    path.write_text(words, encoding="utf-8")
    return path


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_new_file_has_the_fields_and_nothing_else(tmp_path: Path, lang: str) -> None:
    file = tmp_path / "new" / "my-remarks.txt"
    lan = Author("Lan", "", "K68")
    assert make_own_words(file, lan, ["bai1-quick", "gru"], lang, COMMAND)  # type: ignore[arg-type]
    assert COMMAND in file.read_text(encoding="utf-8")
    found = read_own_words(file, ["bai1", "gru"])
    assert found.author == lan
    assert not any(found.remarks.values())
    assert [*found.remarks] == ["bai1", "gru", COMPARISON]


def test_what_the_student_wrote_is_kept(tmp_path: Path) -> None:
    file = write(tmp_path, "Name: Lan\n\n[Exercise 3]\nMine.\n")
    assert not make_own_words(file, Author("Other"), ["bai3"], "en", COMMAND)
    found = own_words(Author(class_name="K68"), file, ["bai3"])
    assert found.author == Author("Lan", "", "K68")
    assert found.on("bai3") == found.on("bai3-quick") == ("Mine.",)
    assert found.on("bai1") == ()


def test_both_languages_and_paragraphs(tmp_path: Path) -> None:
    text = (
        "\ufeffHọ và tên: Lê Thị Bé\r\nstudent NUMBER: 7\r\n\r\n"
        "[Bài 3]\r\nDòng một\r\ndòng hai.\r\n"
        "# left out\r\n\r\n\r\nĐoạn hai.\x07\r\n[exercise 1]\r\n\r\n[So sánh]\r\nGRU nhanh hơn.\r\n"
    )
    found = read_own_words(write(tmp_path, text))
    assert found.author == Author("Lê Thị Bé", "7")
    assert found.remarks == {
        "bai3": ("Dòng một dòng hai.", "Đoạn hai."),
        "bai1": (),
        COMPARISON: ("GRU nhanh hơn.",),
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[Exercice 3]\nx", r"line 1: \[Exercice 3\] \(did you mean 'exercise 3'\?\): expected"),
        (b"[1]\nx", r"line 1: \[1\]: expected"),
        (b"\nNmae: Lan\n", r"line 2: 'Nmae' \(did you mean 'name'\?\): expected Name, Student"),
        (b"lost words\n", r"line 1: 'lost words'.*: expected Name"),
        ("Họ và tên: Lan".encode("utf-16"), "is not UTF-8: save it again"),
        (b"#" * (LARGEST + 1), "expected a text file of at most 1,000,000 bytes"),
    ],
)
def test_mistakes_name_the_line_and_the_way_out(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "my-remarks.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_own_words(path)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_own_words(tmp_path)


def test_the_file_is_found_beside_the_runs(tmp_path: Path) -> None:
    (tmp_path / "lab" / "bai3").mkdir(parents=True)
    assert find_own_words([tmp_path / "lab"]) is None
    file = write(tmp_path / "lab", "")
    assert find_own_words([tmp_path / "lab"]) == file
    assert find_own_words([tmp_path / "lab" / "bai3"]) == file
    assert own_words(Author(), None, ["bai3"]) == OwnWords()
