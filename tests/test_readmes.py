"""README.md and README.vi.md say the same: what a machine can compare of them is equal."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
VIETNAMESE = (ROOT / "README.vi.md").read_text("utf-8")
_CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def sections(text: str) -> list[str]:
    """The text in parts, each with its heading; lines in code are no headings."""
    hidden = _CODE_BLOCK.sub(lambda block: block[0].replace("\n#", "\n "), text)
    starts = [match.start() for match in re.finditer(r"^#+ ", hidden, re.MULTILINE)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def code_blocks(text: str) -> list[str]:
    return _CODE_BLOCK.findall(text)


def code_spans(text: str) -> list[str]:
    """Names and commands in a line, sorted: sentences may put them in another order."""
    spans = _CODE_SPAN.findall(_CODE_BLOCK.sub("", text))
    return sorted(" ".join(span.split()) for span in spans)


def table_rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def numbers(text: str, decimal_comma: bool = False) -> list[str]:
    """The numbers outside code and links, written as English writes them, sorted."""
    text = re.sub(r"Python \d+\.\d+", lambda version: version[0].replace(".", " "), text)
    text = re.sub(r"\]\([^)]*\)", "", _CODE_SPAN.sub("", _CODE_BLOCK.sub("", text)))
    swapped = str.maketrans(",.", ".,") if decimal_comma else {}
    return sorted(number.translate(swapped) for number in _NUMBER.findall(text))


def links(text: str) -> list[str]:
    targets = re.findall(r"\]\(([^)]+)\)", text)
    return [target for target in targets if not target.startswith("README")]


PAIRS = list(zip(sections(ENGLISH), sections(VIETNAMESE), strict=False))
IDS = [english.splitlines()[0].strip("# ") for english, _ in PAIRS]


def test_they_have_the_same_sections() -> None:
    levels = [[part.split(" ")[0] for part in sections(text)] for text in (ENGLISH, VIETNAMESE)]
    assert levels[0] == levels[1]
    assert len(PAIRS) > 5


def test_each_begins_with_a_link_to_the_other() -> None:
    assert ENGLISH.splitlines()[2] == "[Tiếng Việt](README.vi.md)"
    assert VIETNAMESE.splitlines()[2] == "[English](README.md)"


@pytest.mark.parametrize(("english", "vietnamese"), PAIRS, ids=IDS)
def test_sections_hold_the_same(english: str, vietnamese: str) -> None:
    assert code_blocks(vietnamese) == code_blocks(english)
    assert code_spans(vietnamese) == code_spans(english)
    assert links(vietnamese) == links(english)
    assert numbers(vietnamese, decimal_comma=True) == numbers(english)
    assert vietnamese.count("\n- ") == english.count("\n- ")


@pytest.mark.parametrize(("english", "vietnamese"), PAIRS, ids=IDS)
def test_tables_hold_the_same_numbers_row_by_row(english: str, vietnamese: str) -> None:
    rows = list(zip(table_rows(english), table_rows(vietnamese), strict=True))
    for one, other in rows:
        assert numbers(other, decimal_comma=True) == numbers(one)
        assert other.count("|") == one.count("|")


def test_files_that_are_linked_to_exist() -> None:
    for target in links(ENGLISH):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_numbers_are_compared_as_each_language_writes_them() -> None:
    assert numbers("25,000 and 87.57%") == ["25,000", "87.57"]
    assert numbers("25.000 và 87,57%", decimal_comma=True) == ["25,000", "87.57"]
    assert numbers("87,57%", decimal_comma=True) != numbers("87.58%")
