"""The judge's labelled sets: found, read, and refused with a reason."""

from pathlib import Path

import pytest

from hoiquy.errors import DataError
from judge.participants import hash_files
from judge.sets import find_sets, read_set
from labelled_sets import write_rows, write_set


def test_sets_are_found_in_a_folder_and_by_themselves(tmp_path: Path) -> None:
    one, other = write_set(tmp_path / "sets" / "b"), write_set(tmp_path / "sets" / "a")
    (tmp_path / "sets" / "notes").mkdir()
    assert find_sets([tmp_path / "sets"]) == [other, one]
    assert find_sets([one]) == [one]
    assert find_sets([one, tmp_path / "sets"]) == [other, one]


@pytest.mark.parametrize("places", [[], ["absent"], ["empty"]])
def test_without_sets_the_message_has_the_command(tmp_path: Path, places: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"no labelled sets.*make judge SETS=folder"):
        find_sets([tmp_path / place for place in places])


def test_two_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    places = [write_set(tmp_path / parent / "same") for parent in ("a", "b")]
    with pytest.raises(DataError, match="have the same name: rename one"):
        find_sets(places)


def test_classes_are_those_of_both_files(tmp_path: Path) -> None:
    write_rows(tmp_path / "s" / "train.csv", [("x, y", "b"), ("z\nz", "a")])
    write_rows(tmp_path / "s" / "test.csv", [("w", "c"), ("v", "a")])
    found = read_set(tmp_path / "s")
    assert (found.name, found.classes) == ("s", ("a", "b", "c"))
    assert found.texts == ["x, y", "z\nz"]
    assert found.labels.tolist() == [1, 0]
    assert found.test_labels.tolist() == [2, 0]


def test_digest_is_of_both_files(tmp_path: Path) -> None:
    digests = {read_set(write_set(tmp_path / str(at), test=9 + 3 * at)).digest for at in range(2)}
    digests.add(read_set(write_set(tmp_path / "again", test=9)).digest)
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,class\na,b\n", r"columns \['text', 'class'\]: expected text,label"),
        ("", "columns None: expected text,label"),
        ("text,label\n", "has no rows"),
        ("text,label\na,b\n ,b\n", "row 2: expected a text and a label"),
        ("text,label\na\n", "row 1: expected a text and a label"),
        ("text,label\na,x\nb,x\n", "has one class only"),
        ('text,label\n"a,b\n', "cannot read"),
        (b"text,label\n\xff,b\n", "cannot read"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, content: str | bytes, message: str) -> None:
    folder = write_set(tmp_path / "s")
    content = content.encode() if isinstance(content, str) else content
    (folder / "train.csv").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_set(folder)
    assert "train.csv" in str(caught.value)


def test_code_is_every_file_by_name_and_content(tmp_path: Path) -> None:
    found = set()
    for content in ({"a.py": "x"}, {"a.py": "y"}, {"b.py": "x"}, {"a.py": "x", "b.py": ""}):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        for name, text in content.items():
            (folder / name).write_text(text)
        found.add(hash_files(folder, folder.iterdir()))
    assert len(found) == 4
