"""A path that does not exist is answered with the nearest one that does."""

from pathlib import Path

import pytest

from hoiquy.system.near_names import near_path, suggestion


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("revews.csv", "reviews.csv"),
        ("Reviews.CSV", "reviews.csv"),
        ("reviews", "reviews.csv"),
        ("data/tran.csv", "data/train.csv"),
        ("dta/train.csv", "data/train.csv"),
        ("dta/tran.csv", "data/train.csv"),
        ("data/reviews.csv", None),
        ("weather.csv", None),
        ("no/where/at/all.csv", None),
        ("x" * 300, None),
        ("nul\0l", None),
    ],
)
def test_the_nearest_path(
    wanted: str, near: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for name in ("reviews.csv", ".reviews.swp", "data/train.csv", "notes.txt"):
        Path(name).touch()
    assert near_path(wanted) == near
    assert suggestion(wanted) == (f"; did you mean {near!r}?" if near else "")
    assert near_path(tmp_path / wanted) == (str(tmp_path / near) if near else None)
