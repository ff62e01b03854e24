"""Words as TextVectorization splits them; what is expected was measured in TensorFlow 2.21."""

import pytest

from hoiquy.text import Tokenizer
from hoiquy.text.token_counts import count_tokens
from hoiquy.text.tokenizer import TokenizerKind

ODD = "mat\x0bform\x0cfeed\rret\xa0nbsp\u2003em x\x85y"
MEASURED: dict[TokenizerKind, dict[str, list[str]]] = {
    "whitespace+lower+strip": {
        "": [], "   ": [], "THE CAT!": ["the", "cat"], "don't can't!!! ...": ["dont", "cant"],
        "a dog's-life, not: good": ["a", "dogslife", "not", "good"],
        "Été été ÉTÉ": ["Été", "été", "ÉtÉ"], "İstanbul VIỆT": ["İstanbul", "viỆt"],
        ODD: ["mat", "form", "feed", "ret\xa0nbsp\u2003em", "x\x85y"],
    },
    "whitespace+lower": {"Don't STOP;": ["don't", "stop;"], "ÉTÉ good!": ["ÉtÉ", "good!"]},
    "whitespace+strip": {"The dog's NOT_good!": ["The", "dogs", "NOTgood"]},
    "whitespace": {"[UNK] The\tcat.\n": ["[UNK]", "The", "cat."], ODD: ODD.replace(
        "\x0b", " ").replace("\x0c", " ").replace("\r", " ").split(" ")},
}  # fmt: skip


@pytest.mark.parametrize("tokenizer", MEASURED)
def test_words_are_those_of_text_vectorization(tokenizer: TokenizerKind) -> None:
    rules = Tokenizer(tokenizer=tokenizer)
    for text, words in MEASURED[tokenizer].items():
        assert rules.words(text) == words
        counted = count_tokens([text, text], rules)
        found = [counted.words[number] for number in counted.numbers[1:] if number]
        assert found == 2 * words
