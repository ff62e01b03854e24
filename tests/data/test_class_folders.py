"""Class folders and parts: what is read, left out and reported, or refused."""

from pathlib import Path

import pytest

from hoiquy.data import TableOptions, load_dataset
from hoiquy.errors import DataError


def write(folder: Path, ending: str = ".txt", count: int = 10) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}{ending}").write_text(f"{folder.name} {number} {folder.parent.name}")


@pytest.mark.parametrize("ending", ["", ".md", ".TXT", ".review", ".123"])
def test_a_class_with_another_ending_is_read(tmp_path: Path, ending: str) -> None:
    write(tmp_path / "neg")
    write(tmp_path / "neu", ending)
    dataset = load_dataset(tmp_path)
    assert dataset.classes == ("neg", "neu")
    assert len(dataset.train) + len(dataset.test) == 20


def test_other_files_are_reported(tmp_path: Path) -> None:
    for name in ("neg", "pos"):
        write(tmp_path / name)
        (tmp_path / name / "README.txt").write_text("how these were collected")
        (tmp_path / name / ".DS_Store").write_bytes(b"\0\1")
        (tmp_path / name / "9.json").write_text("{}")
    (tmp_path / "LICENSE").write_text("free")
    (tmp_path / "empty").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    dataset = load_dataset(tmp_path)
    assert dataset.classes == ("neg", "pos")
    assert len(dataset.train) + len(dataset.test) == 20
    assert "4 other files left out, such as neg/9.json" in dataset.description
    assert "the empty folder empty left out" in dataset.description


def test_a_folder_without_texts_is_named(tmp_path: Path) -> None:
    write(tmp_path / "neg")
    write(tmp_path / "pos")
    write(tmp_path / "neu" / "inner")
    with pytest.raises(DataError, match="neu holds no text files, only inner"):
        load_dataset(tmp_path)
    (tmp_path / "neu").rename(tmp_path / ".neu")
    write(tmp_path / "tables", ".csv")
    with pytest.raises(DataError, match=r"tables holds \.csv files"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0", b"text\0"])
def test_files_that_are_no_text_are_named(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "neg")
    write(tmp_path / "pic", ".bin")
    (tmp_path / "pic" / "3.bin").write_bytes(content)
    with pytest.raises(DataError, match=r"pic/3\.bin"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("validation", ["val", "dev", "Valid", "validation"])
@pytest.mark.parametrize("test", ["test", "testing", "eval", None])
def test_parts_by_their_usual_names(tmp_path: Path, validation: str, test: str | None) -> None:
    for part in ("train", validation, "unsup", *([test] if test else [])):
        for name in ("neg", "pos"):
            write(tmp_path / part / name)
    dataset = load_dataset(tmp_path)
    assert dataset.validation is not None
    assert len(dataset.validation) == 20
    assert (len(dataset.train), len(dataset.test)) == ((20, 20) if test else (16, 4))
    assert "folders left out: unsup" in dataset.description


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    write(tmp_path / "train")
    write(tmp_path / "bus")
    assert load_dataset(tmp_path).classes == ("bus", "train")


def test_an_empty_file_is_bad_and_lines_are_numbers_of_files(tmp_path: Path) -> None:
    write(tmp_path / "neg")
    write(tmp_path / "pos")
    (tmp_path / "neg" / "4.txt").write_text(" ")
    with pytest.raises(DataError, match=r"1 files cannot be used, such as neg/4\.txt"):
        load_dataset(tmp_path)
    dataset = load_dataset(tmp_path, options=TableOptions(skip_bad_rows=True))
    assert dataset.test.lines is not None
    texts = dict(zip(dataset.test.lines.tolist(), dataset.test.texts, strict=True))
    name = {line: ("neg", "pos")[(line - 1) // 10] for line in texts}
    assert all(text.startswith(f"{name[at]} {(at - 1) % 10}") for at, text in texts.items())


def test_a_folder_of_tables_names_them(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label\n")
    with pytest.raises(DataError, match=r"it holds tables \(train.csv\): pass one of these files"):
        load_dataset(tmp_path)
