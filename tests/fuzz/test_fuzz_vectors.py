"""Word vectors from elsewhere, in any format: damaged, claimed to be larger, or planted pickles."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.damage import any_bytes
from fuzz.examples import fuzzed
from fuzz.reading import outcome, refusal
from fuzz.trap import PLANTED, TRACE
from hoiquy.errors import HoiquyError
from hoiquy.text.vectors import read_vectors
from vector_files import FastTextModel, binary, random_vectors, text

WORDS = ["the", "film", "học sinh", "good"]
VECTORS = random_vectors(WORDS, 3)
VALID = [
    text(VECTORS),
    text(VECTORS, header=False),
    text(VECTORS, delimiter="\t"),
    binary(random_vectors(["the", "film"], 3)),
    FastTextModel(WORDS[:2], ["__label__a"], dimension=3, buckets=5).content(),
]
SPARE = 2**26  # bytes; the files have a thousand


@pytest.mark.parametrize("valid", VALID, ids=lambda valid: repr(valid[:8]))
@fuzzed
@given(data=st.data(), packed=st.booleans())
def test_any_file(
    data: st.DataObject, packed: bool, valid: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = data.draw(any_bytes(valid))
    place = tmp_path_factory.getbasetemp() / "vectors"
    place.write_bytes(gzip.compress(content) if packed else content)
    check(place)


@fuzzed
@given(data=st.data())
def test_any_gzip_file(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.getbasetemp() / "vectors.gz"
    place.write_bytes(data.draw(any_bytes(gzip.compress(text(VECTORS), mtime=0))))
    check(place)


def check(place: Path) -> None:
    found = outcome(lambda: read_vectors(place, [*WORDS, "films"]), SPARE)
    if not isinstance(found, HoiquyError):
        assert found.rows.dtype == np.float32
        assert np.isfinite(found.rows).all()
        assert not found.rows[~found.found].any()


@pytest.mark.parametrize("pickled", PLANTED[2:])
def test_a_pickle_is_not_opened(pickled: bytes, tmp_path: Path) -> None:
    place = tmp_path / "vectors.kv"
    place.write_bytes(pickled)
    assert "save_word2vec_format('vectors.bin'" in refusal(lambda: read_vectors(place, WORDS))
    assert not TRACE.exists()


@pytest.mark.parametrize("packed", [False, True])
def test_a_header_of_any_size_takes_no_memory(packed: bool, tmp_path: Path) -> None:
    place = tmp_path / "vectors"
    for words in (10**9, 10**15 - 1):
        for rest in (b"the 1 2\n", b"the " + bytes(8)):
            content = f"{words} 2\n".encode() + rest
            place.write_bytes(gzip.compress(content) if packed else content)
            line = refusal(lambda: read_vectors(place, WORDS))
            assert "too few" in line or "truncated" in line


def test_a_packed_file_that_unpacks_to_much_takes_little_memory(tmp_path: Path) -> None:
    place = tmp_path / "vectors.gz"
    rows = b"".join(b"w%d 0.5 0.25\n" % number for number in range(10_000))
    place.write_bytes(gzip.compress(b"the 1 2\n" + rows * 400))  # 70 MB
    found = outcome(lambda: read_vectors(place, WORDS), 2**25)
    assert not isinstance(found, HoiquyError)
    assert found.listed.tolist() == [True, False, False, False]
