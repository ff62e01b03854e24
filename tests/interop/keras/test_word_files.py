"""Files of words in every form that people have, and how each is numbered."""

import json
from typing import Any

import pytest

from hoiquy.errors import InputError
from hoiquy.interop.keras.word_files import Words, read_words
from hoiquy.text import SEPARATORS

THE_CAT = ("the", "cat")
INDEX = {"the": 1, "cat": 2}
OOV = {"<OOV>": 1, "the": 2, "cat": 3}


def tokenizer(index: dict[str, int], **settings: Any) -> str:
    """What `Tokenizer.to_json` of Keras 2 returns."""
    config = {
        "num_words": None, "filters": SEPARATORS, "lower": True, "split": " ",
        "char_level": False, "oov_token": None, "document_count": 2,
        "word_counts": json.dumps(dict.fromkeys(index, 1)), "word_docs": "{}", "index_docs": "{}",
        "index_word": json.dumps({number: word for word, number in index.items()}),
        "word_index": json.dumps(index),
    }  # fmt: skip
    return json.dumps({"class_name": "Tokenizer", "config": config | settings})


@pytest.mark.parametrize(
    ("content", "numbering", "expected"),
    [
        ("the\ncat\n", None, Words(THE_CAT, "imdb")),
        ("the\ncat", "tokenizer", Words(THE_CAT, "tokenizer")),
        ("<OOV>\nthe\ncat\n", "tokenizer-oov", Words(THE_CAT, "tokenizer-oov")),
        ("\n[UNK]\nthe\ncat\n", None, Words(THE_CAT, "text-vectorization")),
        ("the\ncat\n", "text-vectorization", Words(THE_CAT, "text-vectorization")),
        ('["", "[UNK]", "the", "cat"]', None, Words(THE_CAT, "text-vectorization")),
        ('{\n"a', None, Words(("{", '"a'), "imdb")),
        (json.dumps(INDEX), "imdb", Words(THE_CAT, "imdb")),
        (json.dumps(INDEX), "tokenizer", Words(THE_CAT, "tokenizer")),
        (json.dumps(OOV), "tokenizer-oov", Words(THE_CAT, "tokenizer-oov")),
        ('{"cat": 3, "the": 2}', "text-vectorization", Words(THE_CAT, "text-vectorization")),
        ('{"": 0, "[UNK]": 1, "cat": 3, "the": 2}', "text-vectorization",
         Words(THE_CAT, "text-vectorization")),
        (tokenizer(INDEX), None, Words(THE_CAT, "tokenizer")),
        (json.dumps(tokenizer(INDEX, num_words=2)), None, Words(THE_CAT, "tokenizer", 2)),
        (tokenizer(OOV, oov_token="<OOV>", num_words=3), None, Words(THE_CAT, "tokenizer-oov", 3)),
    ],
)  # fmt: skip
def test_what_people_have_is_read(content: str, numbering: Any, expected: Words) -> None:
    assert read_words(content.encode(), numbering, "words") == expected


@pytest.mark.parametrize(
    ("content", "numbering", "said"),
    [
        (json.dumps(INDEX), None, "their meaning is unknown: add --numbering tokenizer"),
        (
            json.dumps(INDEX),
            "text-vectorization",
            "must be consecutive from 0 or 2 with --numbering",
        ),
        ('{"the": 1, "cat": 3}', "tokenizer", "must be consecutive from 1"),
        ('{"the": "1"}', "tokenizer", "1 is not an integer"),
        (tokenizer(INDEX, lower=False), None, "the Tokenizer has lower = False; hoiquy only"),
        (tokenizer(INDEX, char_level=True), None, "char_level = True"),
        (tokenizer(INDEX, filters=""), None, "the Tokenizer has filters = "),
        (tokenizer(INDEX, stemmer="x"), None, "the Tokenizer has stemmer = x"),
        (tokenizer(INDEX), "imdb", "is numbered as tokenizer, not imdb"),
        (tokenizer(INDEX, oov_token="<OOV>"), None, "no valid word_index"),
        (tokenizer(INDEX, num_words=0), None, "num_words = 0"),
    ],
)
def test_what_would_be_read_wrongly_is_named(content: str, numbering: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_words(content.encode(), numbering, "words.json")
    assert str(caught.value).startswith("words.json") and "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_named() -> None:
    with pytest.raises(InputError, match="words: byte 1 is not UTF-8"):
        read_words(b"a\xff", None, "words")
