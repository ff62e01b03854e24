"""The n-grams of fastText, against the hashes that fastText 0.9.2 gives."""

import pytest

from hoiquy.text.vectors.fasttext_ngrams import ngram_buckets
from vector_files import FastTextModel, fnv

# `get_subwords` of a model with minn=2, maxn=4 and bucket=2000000, less its number of words
OF_FASTTEXT = {
    "việt": [899703, 1086650, 1938603, 1465184, 1443309, 489563, 1493905, 968831, 1125971, 824934,
             211848, 1288615],
    "日本": [1752687, 758587, 1313759, 387409, 196157, 1885717],
    "a": [1008750, 1087600, 1614806],
    "xyzü": [1123513, 1739200, 152910, 915802, 945248, 772031, 332682, 1139317, 579345, 1499810,
             541460, 322972],
}  # fmt: skip


@pytest.mark.parametrize("word", OF_FASTTEXT)
def test_the_buckets_are_those_of_fasttext(word: str) -> None:
    assert ngram_buckets(word.encode(), 2, 4, 2_000_000) == OF_FASTTEXT[word]


def test_single_characters_are_ngrams_but_the_marks_are_not() -> None:
    assert ngram_buckets("ôi".encode(), 1, 1, 2**32) == [fnv("ô"), fnv("i")]
    assert ngram_buckets(b"", 1, 6, 2**32) == [fnv("<>")]
    assert ngram_buckets(b"ab", 5, 6, 2**32) == []


@pytest.mark.parametrize("word", ["", "a", "trường", "😀😀", "a b", "x" * 20])
@pytest.mark.parametrize(("minn", "maxn"), [(0, 3), (1, 1), (3, 6), (2, 100)])
def test_the_ngrams_are_cut_at_characters(word: str, minn: int, maxn: int) -> None:
    model = FastTextModel(["x"], minn=minn, maxn=maxn)
    expected = [fnv(ngram) for ngram in model.ngrams(word)]
    assert ngram_buckets(word.encode(), minn, maxn, 2**32) == expected


def test_bytes_that_are_no_characters_are_hashed_as_fasttext_does() -> None:
    assert ngram_buckets(b"\x80\xff", 1, 9, 97)  # it neither fails nor runs on
