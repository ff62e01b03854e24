"""Imitated data has the shape asked for, is the same for the same seed, and can be learnt."""

import csv
import tarfile
from pathlib import Path

import numpy as np
import pytest

from script_data.files import (
    write_class_folders,
    write_stories,
    write_table,
    write_vectors,
    write_workbook,
)
from script_data.tables import TOXIC, names, table, tagged_words
from script_data.texts import vocabulary


def _share_told_by_words(texts: list[object], labels: list[object]) -> float:
    """Accuracy of a vote of the words of the second half, as their classes in the first half."""
    half = len(texts) // 2
    votes: dict[str, dict[object, int]] = {}
    for text, label in zip(texts[:half], labels[:half], strict=True):
        for word in str(text).lower().strip(".").split():
            votes.setdefault(word, {}).setdefault(label, 0)
            votes[word][label] += 1
    right = 0
    for text, label in zip(texts[half:], labels[half:], strict=True):
        sums: dict[object, float] = {}
        for word in str(text).lower().strip(".").split():
            total = sum(votes.get(word, {}).values())
            for each, count in votes.get(word, {}).items():
                sums[each] = sums.get(each, 0.0) + (count / total) ** 4
        right += max(sums, key=lambda key: sums[key]) == label
    return right / (len(texts) - half)


@pytest.mark.parametrize(
    ("columns", "text", "label"),
    [
        (["review", "sentiment"], "review", "sentiment"),
        (["id", "title", "author", "text", "label"], "text", "label"),
        (["v1", "v2", "Unnamed: 2"], "v2", "v1"),
        (["Category", "Message"], "Message", "Category"),
        (["id", "comment_text", *TOXIC], "comment_text", "toxic"),
    ],
)
def test_texts_tell_their_class(columns: list[str], text: str, label: str) -> None:
    data = table(columns, 200)
    assert list(data) == columns
    assert {len(column) for column in data.values()} == {200}
    assert len(set(data[label])) == 2
    assert _share_told_by_words(data[text], data[label]) > 0.9


def test_classes_may_be_given() -> None:
    data = table(["Phrase", "Sentiment"], 100, classes={"Sentiment": range(5)})
    assert set(data["Sentiment"]) == {0, 1, 2, 3, 4}
    assert _share_told_by_words(data["Phrase"], data["Sentiment"]) > 0.7


def test_a_seed_gives_the_same_table_and_another_one_another() -> None:
    columns = ["Date", "Close", "text", "label"]
    assert table(columns, 20, seed=1) == table(columns, 20, seed=1) != table(columns, 20, seed=2)


def test_a_series_can_be_continued() -> None:
    data = table(["Date", "Open", "Close"], 300)
    close = np.array(data["Close"], dtype=float)
    assert data["Date"] == sorted(map(str, data["Date"]))
    assert np.abs(np.diff(close)).mean() < close.std() / 3


def test_a_word_has_one_tag_and_sentences_are_numbered_once() -> None:
    data = tagged_words(50)
    assert len(set(zip(data["Word"], data["Tag"], strict=True))) == len(set(data["Word"]))
    assert [each for each in data["Sentence #"] if each] == [f"Sentence: {n}" for n in range(1, 51)]


def test_the_end_of_a_name_tells_the_gender() -> None:
    data = names(100)
    told = ["f" if str(name)[-1] in "ae" else "m" for name in data["name"]]
    assert told == data["gender"]


@pytest.mark.parametrize(("separator", "header"), [(",", True), ("\t", True), (",", False)])
def test_tables_are_read_back(tmp_path: Path, separator: str, header: bool) -> None:
    data = table(["review", "sentiment"], 30)
    write_table(tmp_path / "a" / "b.csv", data, separator=separator, header=header)
    with (tmp_path / "a" / "b.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter=separator))
    assert rows == [["review", "sentiment"]] * header + [
        list(row) for row in zip(*data.values(), strict=True)
    ]


def test_workbooks_are_read_back(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    data = names(5)
    write_workbook(tmp_path / "names.xlsx", data)
    rows = list(openpyxl.load_workbook(tmp_path / "names.xlsx").active.values)
    assert rows == [("name", "gender"), *zip(*data.values(), strict=True)]


@pytest.mark.parametrize("first_line", [True, False])
def test_vectors_hold_the_words_of_the_texts(tmp_path: Path, first_line: bool) -> None:
    write_vectors(tmp_path / "vectors.txt", vocabulary(), 8, first_line=first_line)
    lines = (tmp_path / "vectors.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"{len(vocabulary())} 8" or not first_line
    entries = [line.split() for line in lines[first_line:]]
    assert [entry[0] for entry in entries] == vocabulary()
    assert {len(entry) for entry in entries} == {9}
    words = {
        word
        for text in table(["text", "label"], 50)["text"]
        for word in str(text).lower()[:-1].split()
    }
    assert words <= set(vocabulary())


def test_class_folders_hold_a_file_a_text(tmp_path: Path) -> None:
    write_class_folders(tmp_path, ["pos", "neg"], 3)
    assert sorted(path.name for path in tmp_path.glob("*/*.txt")) == [
        "0_2.txt", "0_9.txt", "1_2.txt", "1_9.txt", "2_2.txt", "2_9.txt",
    ]  # fmt: skip


def test_the_answer_of_a_story_is_where_the_person_went_last(tmp_path: Path) -> None:
    write_stories(tmp_path / "qa.tar.gz", ["en/qa1_train.txt"], 20)
    with tarfile.open(tmp_path / "qa.tar.gz") as archive:
        member = archive.extractfile("en/qa1_train.txt")
        assert member is not None
        lines = member.read().decode().splitlines()
    assert len(lines) == 100
    for first in range(0, 100, 5):
        question, answer, _ = lines[first + 4].split("\t")
        person = question.split()[-1].strip("?")
        went = [line.split() for line in lines[first : first + 4]]
        assert [words[-1].strip(".") for words in went if words[1] == person][-1] == answer
