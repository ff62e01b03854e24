"""The same vectors in each format are read alike."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from hoiquy.text.vectors import Layout, layout_of, read_vectors, sha256_of
from hoiquy.text.vectors.source import BLOCK
from vector_files import FastTextModel, binary, random_vectors, text

WORDS = ["the", "học_sinh", "Ü", "日本", "12", "0.5", ",", "😀", "x" * 300]
VECTORS = random_vectors(WORDS)
OF_FORMAT = {
    "word2vec text": text(VECTORS),
    "word2vec binary": binary(VECTORS),
    "GloVe text": text(VECTORS, header=False),
    "fastText model": FastTextModel(WORDS, minn=0, maxn=0, buckets=0).content(
        np.array(list(VECTORS.values()))
    ),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "vectors.txt"  # the name says nothing


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", OF_FORMAT)
def test_each_format_is_found_and_read(kind: str, packed: bool, place: Path) -> None:
    content = OF_FORMAT[kind]
    place.write_bytes(gzip.compress(content) if packed else content)
    layout = layout_of(place)
    assert (layout.format, layout.dimension) == (kind, 5)
    assert layout.words == (None if kind == "GloVe text" else len(WORDS))
    vectors = read_vectors(place, [*reversed(WORDS), "absent"])
    assert vectors.listed.tolist() == [True] * len(WORDS) + [False]
    assert not vectors.composed.any()
    assert np.array_equal(vectors.rows[:-1], [VECTORS[word] for word in reversed(WORDS)])
    assert not vectors.rows[-1].any()
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    assert vectors.format == kind
    assert vectors.sha256 == digest == sha256_of(place)


@pytest.mark.parametrize(
    "content",
    [
        text(VECTORS, delimiter="\t"),
        text(VECTORS, delimiter="\t", header=False),
        text(VECTORS, end=" \n"),  # as fastText writes .vec
        text(VECTORS, end="\r\n"),
        text(VECTORS, delimiter="  "),
        b"\xef\xbb\xbf" + text(VECTORS),
        b"\xef\xbb\xbf" + text(VECTORS, header=False),
        text(VECTORS).rstrip(b"\n"),
        text(VECTORS) + b"\n\n",
        binary(VECTORS, end=b""),  # as gensim writes it
        text(VECTORS, header=False) + b"\x08\x01 1 2 3 4 5\n",  # an odd word
        text(VECTORS)[4:] + b"caf\xc3 1 2 3 4 5\n",  # a word that was cut within a character
    ],
    ids=lambda content: repr(content[:12]),
)
def test_variants_are_read(content: bytes, place: Path) -> None:
    place.write_bytes(content)
    vectors = read_vectors(place, WORDS)
    assert np.array_equal(vectors.rows, list(VECTORS.values()))


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("delimiter", [" ", "\t"])
def test_words_may_have_spaces(header: bool, delimiter: str, place: Path) -> None:
    words = ["the", "học sinh", ". . .", "at name@domain.com", "học", "New York City"]
    vectors = random_vectors(words)
    place.write_bytes(text(vectors, header, delimiter))
    found = read_vectors(place, ["học", "học_sinh", "New_York_City", "at", "sinh"])
    assert found.listed.tolist() == [True, True, True, False, False]
    wanted = [vectors["học"], vectors["học sinh"], vectors["New York City"]]
    assert np.array_equal(found.rows[:3], wanted)


@pytest.mark.parametrize("kind", ["word2vec text", "word2vec binary", "GloVe text"])
def test_the_first_of_a_word_counts(kind: str, place: Path) -> None:
    first, second = random_vectors(["a", "b"]), random_vectors(["a", "b"], seed=1)
    write = binary if kind == "word2vec binary" else text
    rows = write(first)[4:] + write(second)[4:]  # without the first line, "2 5"
    place.write_bytes(rows if kind == "GloVe text" else b"4 5\n" + rows)
    assert layout_of(place).format == kind
    assert np.array_equal(read_vectors(place, ["a", "b"]).rows, list(first.values()))


def test_a_word_itself_is_taken_before_its_lower_case(place: Path) -> None:
    vectors = random_vectors(["apple", "Apple", "pear"])
    place.write_bytes(text(vectors))
    rows = read_vectors(place, ["Apple", "apple", "Pear"]).rows
    assert np.array_equal(rows, [vectors["Apple"], vectors["apple"], vectors["pear"]])


@pytest.mark.parametrize("kind", ["word2vec text", "word2vec binary", "fastText model"])
def test_files_of_many_blocks_are_read(kind: str, place: Path) -> None:
    words = [f"w{number}" for number in range(9000)]
    vectors = random_vectors(words, 120)
    content = {
        "word2vec text": text,
        "word2vec binary": binary,
        "fastText model": lambda v: FastTextModel(words, dimension=120, maxn=0, buckets=0).content(
            np.array(list(v.values()))
        ),
    }[kind](vectors)
    assert len(content) > 3 * BLOCK
    place.write_bytes(content)
    found = read_vectors(place, words[::7])
    assert np.array_equal(found.rows, [vectors[word] for word in words[::7]])


def test_a_row_longer_than_a_block_s_half_is_read(place: Path) -> None:
    vectors = random_vectors(["a", "b", "c"], 10_000)
    for content in (text(vectors), text(vectors, header=False), binary(vectors)):
        place.write_bytes(content)
        assert np.array_equal(read_vectors(place, ["c"]).rows, [vectors["c"]])


def test_one_number_a_word_is_enough(place: Path) -> None:
    place.write_bytes(b"a 0.5\nb 0.25\n")
    assert layout_of(place) == Layout("GloVe text", 1)
    assert read_vectors(place, ["b"]).rows.tolist() == [[0.25]]
