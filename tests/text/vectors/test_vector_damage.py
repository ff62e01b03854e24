"""Damaged, truncated and foreign files: one line, which names the place and the value."""

import gzip
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from example_run import error_line
from hoiquy.errors import DataError
from hoiquy.text.vectors import layout_of, read_vectors
from hoiquy.text.vectors.source import LONGEST_LINE
from vector_files import binary, random_vectors, text

WORDS = ["the", "film", "good"]
VECTORS = random_vectors(WORDS, 4)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "v.vec"


def refusal(place: Path, content: bytes, words: list[str] | None = None) -> str:
    place.write_bytes(content)
    line = error_line(lambda: read_vectors(place, words or WORDS), DataError)
    assert str(place) in line
    return line


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"the 1 2\nfilm 1 x\ngood 1 2\n", "line 2: 'x', after 'film', is not a number"),
        (b"3 2\nthe 1 2\nfilm 1 nan\ngood 1 2", "line 3: 'nan', after 'film', is not a finite"),
        (b"the 1 2\nfilm 1 -inf\ngood 1 2\n", "line 2: '-inf', after 'film', is not a finite"),
        (b"the 1 2\nfilm 1e39 0\ngood 1 2\n", "line 2: '1e39', after 'film', is not a finite"),
        (b"the 1 2\nfilm -2e9 0\n", "'-2e9', after 'film', is not a finite number up to 1,0"),
        (b"the 1 2\nfilm 1\ngood 1 2\n", "line 2: 'film' is followed by 1 numbers, not 2"),
        (b"the 1 2\nfilm 1 2\ngoo", "line 3: 'goo' is followed by 0 numbers, not 2"),
        (b"the 1 2\nother 1 2\nlast 1", "line 3: 'last' is followed by 1 numbers, not 2"),
        (b"2 2\nthe 1 2\nfilm 1 2\ngood 1 2\n", "line 1 says 2 words, but it has 3; mend line 1"),
        (b"4 2\nthe 1 2\nfilm 1.25 2.5\ngood 1 2\n", "line 1 says 4 words, it has 3"),
        (b"3 3\nthe 1 2\nfilm 1 2\ngood 1 2\n", "line 2: 'the' is followed by 2 numbers, not 3"),
        (b"3 1\nthe 1 2\nfilm 1 2\ngood 1 2\n", "line 1 says 1 numbers a word, but the lines"),
        (b"3 2\nthe 1 2\nfilm 1 \xff\ngood 1 2\n", r"line 3: '\\xff', after 'film', is not a n"),
        (b"5 2\n", "line 2: '' is followed by 0 numbers, not 2, as line 1 says"),
        (b"", "the file is empty; expected word vectors: word2vec"),
        (b"\n\n", "line 1: '' is not a word and its numbers"),
        (b"text,label\nthe good film,pos\n", "line 1: 'text,label' is not a word and its numbers"),
        (b"one two three\nfour five six\n", "line 1: 'two', after 'one', is not a number"),
        (b"0 2\nthe 1 2\n", "line 1 says 0 words of 2 numbers, expected at least one word"),
        (b"1 0\nthe\n", "line 1 says 1 words of 0 numbers"),
        (b"1 999999999\nthe 1\n", "line 1 says 1 words of 999,999,999 numbers"),
        (b"999999999999999 2\nthe 1 2\n", "for which 26 bytes are too few (word2vec text)"),
        (b"x" * (1 << 20), "no line ends in its first 1,048,576 bytes"),
        (b"\x00\x01\x02\n" * 9, "its format is unknown; expected word vectors"),
    ],
)  # fmt: skip
def test_damaged_text_is_refused_with_its_line(content: bytes, problem: str, place: Path) -> None:
    assert problem in refusal(place, content)


def test_a_line_that_is_too_long_is_refused(place: Path) -> None:
    content = b"the 1 2\nfilm 1 2\n" + b"x" * (3 * LONGEST_LINE)
    assert f"line 3 is longer than {LONGEST_LINE:,} bytes" in refusal(place, content)


def test_damage_in_words_that_are_not_needed_does_not_matter(place: Path) -> None:
    place.write_bytes(b"the 1 2\nother x y\nfilm 3 4\n")
    assert read_vectors(place, ["film"]).rows.tolist() == [[3, 4]]


def test_binary_vectors_that_are_not_finite_are_refused_with_their_byte(place: Path) -> None:
    vectors = dict(VECTORS) | {"film": np.array([1, np.inf, 0, 0], np.float32)}
    line = refusal(place, binary(vectors))
    # 4 bytes of the header, 21 of the first word, 5 of "film "
    assert "byte 30: inf in the vector of 'film' is not a finite number" in line


def test_binary_vectors_out_of_step_are_refused(place: Path) -> None:
    content = binary(random_vectors([f"w{n}" for n in range(2000)], 4))
    lost_a_byte = content[:2000] + content[2001:]
    assert "no line end before word 97; the file is damaged" in refusal(place, lost_a_byte)
    no_spaces = content[:2000] + content[2000:].replace(b" ", b"_")
    assert "has more than 10,000 bytes; the file is damaged" in refusal(place, no_spaces)


def test_a_binary_file_with_more_words_than_it_says_is_refused(place: Path) -> None:
    content = b"2 4\n" + binary(VECTORS)[4:]
    problem = "line 1 says 2 words, but there are more from byte"
    assert problem in refusal(place, content)


@pytest.mark.parametrize("write", [text, binary])
@pytest.mark.parametrize("packed", [False, True])
def test_cut_anywhere_a_file_is_refused(
    write: Callable[..., bytes], packed: bool, place: Path
) -> None:
    """But in the last number or the line end after it, where nothing shows it in text."""
    content = write(VECTORS)
    last = content.rstrip(b"\n").rfind(b" ") + 2 if write is text else len(content) - 1
    whole = gzip.compress(content, mtime=0) if packed else content
    for end in range(len(whole) - 1 if packed else last):
        place.write_bytes(whole[:end])
        with pytest.raises(DataError, match=str(place)):
            read_vectors(place, WORDS)


def test_a_damaged_gzip_file_is_refused(place: Path) -> None:
    packed = bytearray(gzip.compress(text(random_vectors([f"w{n}" for n in range(5000)]))))
    packed[-8] ^= 1  # its checksum
    assert "the gzip file is damaged after" in refusal(place, bytes(packed))
    packed[len(packed) // 2] ^= 255
    assert "the gzip file is damaged after" in refusal(place, bytes(packed))


def _twice_packed(content: bytes) -> bytes:
    return gzip.compress(gzip.compress(content, mtime=0), mtime=0)  # without the time of day


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\x80\x04\x95gensim.models.keyedvectors", "save_word2vec_format('v.bin', binary=True)"),
        (b"\x80\x02cos\nmkdir\n", "it is a pickle, which could run code when it is opened"),
        (b"PK\x03\x04glove.6B.300d.txt", "it is packed: unpack it first (unzip)"),
        (b"\xfd7zXZ\x00 ", "unpack it first (unxz)"),
        (_twice_packed(b"a 1"), "unpack it first (gunzip; it is packed twice)"),
        (b"\x93NUMPY\x01\x00", "it is an array of numbers without their words"),
    ],
)
def test_other_formats_are_refused_with_the_way_out(
    content: bytes, problem: str, place: Path
) -> None:
    assert problem in refusal(place, content)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, problem in (
        (tmp_path / "none", "no such file; expected word vectors"),
        (tmp_path, "is a folder: expected a file of word vectors"),
        (Path("a\0b"), "cannot be read"),
    ):
        assert problem in error_line(partial(layout_of, path), DataError)
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe")
        assert "is a pipe or a device" in error_line(
            lambda: layout_of(tmp_path / "pipe"), DataError
        )
