"""Column detection: text, label, and ambiguous tables."""

from typing import Any

import pytest

from hoiquy.data.tables.columns import (
    Columns,
    NoColumnsError,
    SeveralColumnsError,
    choose_columns,
    holds_splits,
    split_columns,
)


def rows(**columns: Any) -> list[dict[str, Any]]:
    """Twenty rows with a text; of each column the values, again and again."""
    return [
        {"text": f"a text with the number {n}"}
        | {name: values[n % len(values)] for name, values in columns.items()}
        for n in range(20)
    ]


MOODS = ("glad", "sad", "angry")


@pytest.mark.parametrize(
    "name",
    ["split", "fold", "lang", "language", "verified", "id", "Index", "date", "url", "user",
     "user_id", "userId", "created_at", "Unnamed: 0", "Tác giả", "tac_gia", "Khách hàng", ""],
)  # fmt: skip
def test_what_is_never_a_label(name: str) -> None:
    table = rows(**{name: ("a", "b")}, mood=MOODS)
    assert choose_columns(table, None, None, "t") == ("text", "mood")
    with pytest.raises(NoColumnsError, match="name them with --label"):
        choose_columns(rows(**{name: ("a", "b")}), None, None, "t")
    if name:
        assert choose_columns(table, None, name, "t").label == name  # the user decides


def test_several_fitting_label_columns_are_an_error() -> None:
    with pytest.raises(SeveralColumnsError) as caught:
        choose_columns(rows(mood=MOODS, colour=("red", "blue")), None, None, "t.csv")
    assert str(caught.value).startswith("t.csv: several columns may hold the label, mood, colour")
    with pytest.raises(SeveralColumnsError, match="sentiment, topic: choose one with --label"):
        choose_columns(rows(sentiment=("neg", "pos"), topic=MOODS), None, None, "t")
    named = rows(sentiment=("neg", "pos"), label=(0, 1))
    assert choose_columns(named, None, None, "t").label == "label"


@pytest.mark.parametrize("name", ["sao", "Số sao", "so_sao", "starRating", "Chuyên mục", "overall"])
def test_a_likely_name_decides_between_fitting_columns(name: str) -> None:
    table = rows(product=("shoe", "shirt"), **{name: ("1", "2", "5")})
    assert choose_columns(table, None, None, "t").label == name
    with pytest.raises(SeveralColumnsError, match=f"{name}, Danh mục"):
        choose_columns(rows(**{name: MOODS, "Danh mục": MOODS}), None, None, "t")


@pytest.mark.parametrize("name", ["Nội dung", "noi dung", "NOI_DUNG", "Nội-dung", "reviewText"])
def test_names_are_known_in_all_spellings(name: str) -> None:
    table = [{name: "hay", "other": f"a longer text with the number {n}"} for n in range(20)]
    for at, row in enumerate(table):
        row["Cảm-Xúc"] = MOODS[at % 3]
    assert choose_columns(table, None, None, "t") == (name, "Cảm-Xúc")


def test_a_single_column_names_the_delimiters() -> None:
    with pytest.raises(NoColumnsError, match=r"its only column is 'text'.*sep=\^"):
        choose_columns([{"text": f"a text {n}"} for n in range(20)], None, None, "t.csv")


@pytest.mark.parametrize("name", ["set", "part", "label"])
def test_a_column_of_splits_is_no_label(name: str) -> None:
    table = rows(**{name: ("train", "Train", "dev", "TEST")}, mood=MOODS)
    columns = choose_columns(table, None, None, "t")
    assert columns == ("text", "mood")
    assert split_columns(table, columns) == [name]
    assert holds_splits(table, name)
    assert not holds_splits(table, "mood")
    assert not holds_splits(rows(x=("test", "val")), "x")  # nothing to train on
    assert split_columns(rows(fold=(1, 2), mood=MOODS), columns) == ["fold"]
    assert not holds_splits(rows(fold=(1, 2)), "fold")
    assert split_columns(
        rows(is_train=(0, 1), Usage=("Public", "Private"), mood=MOODS), columns
    ) == ["is_train", "Usage"]
    assert choose_columns(rows(is_train=(0, 1), mood=MOODS), None, None, "t") == columns


def test_columns_of_the_training_are_taken_where_they_are() -> None:
    before = Columns("comment", "stars")
    table = [row | {"comment": "short", "label": "spam"} for row in rows(stars=(1, 5))]
    assert choose_columns(table, None, None, "t", before) == before
    assert choose_columns(table, "text", "label", "t", before) == ("text", "label")
    assert choose_columns(rows(label=(1, 5)), None, None, "t", before) == ("text", "label")


def test_a_column_need_not_be_in_the_first_row() -> None:
    table = [{"text": "a"}, *({"text": "b", "label": n % 2} for n in range(9))]
    assert choose_columns(table, None, None, "t") == ("text", "label")


def test_a_text_may_be_shorter_than_its_label() -> None:
    table = [{"family": f"Li{n}", "nation": ("Vietnamese", "Portuguese")[n % 2]} for n in range(20)]
    assert choose_columns(table, None, None, "t") == ("family", "nation")


def test_the_name_of_a_label_is_taken_and_not_its_number() -> None:
    table = rows(label_id=(0, 1), label_name=("no", "yes"))
    assert choose_columns(table, None, None, "t").label == "label_name"
