"""English sentences of the program, such as errors, in the language of the command line.

The code raises, notes and documents in English, as plain f-strings. `translated` finds the template
that the line was made from in `locale/vi/sentences/*.po`, takes the values out of it and puts
them into the Vietnamese. `tests/messages/test_sentences.py` reads the templates in the source, and
fails where one has no Vietnamese.
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import islice
from typing import TYPE_CHECKING

from hoiquy.messages.language import default_language
from hoiquy.messages.number_format import Lang

if TYPE_CHECKING:
    from babel.messages import Message

_SWAPPED = str.maketrans(",.", ".,")  # 25,000.5 and 25.000,5
_LONGEST = 5000  # characters of a line; longer ones would take long to match
_DEEPEST = 5  # sentences in sentences
_MOST_MATCHES = 8  # templates that are tried to the end
_NUMBER = r"[-+\d.,einfa]*%?"  # also e-05, inf and nan
# Where a sentence may have been put together from parts.
_CLAUSE = re.compile(r"(?=; |: |, | \(| in )|; |: |(?<=\.) ")
_BETWEEN_CLAUSES = "; "


def translated(sentence: str, lang: Lang | None = None) -> str:
    """Return an English line of hoiquy or click in `lang`, by default the default language.

    Lines that are not in the catalogue, such as names, are returned as they are.
    """
    if (lang or default_language()) == "en" or not sentence or len(sentence) > _LONGEST:
        return sentence
    return _translated(sentence)[0]


@lru_cache(4096)
def _translated(sentence: str, depth: int = 0) -> tuple[str, int]:
    """The translation, and how many characters of the sentence were translated."""
    if depth > _DEEPEST:
        return sentence, 0
    one = _as_one_template(sentence, depth)
    if one is not None and (_BETWEEN_CLAUSES not in sentence or one[1] == len(sentence)):
        return one
    two = _in_two(sentence, depth)
    if _BETWEEN_CLAUSES not in sentence:
        return two
    # A value of a template, or what follows " in ", may have taken in clauses that come after it.
    clauses = [_translated(clause, depth + 1) for clause in sentence.split(_BETWEEN_CLAUSES)]
    many = _BETWEEN_CLAUSES.join(text for text, _ in clauses), sum(n for _, n in clauses)
    return max(filter(None, (one, two, many)), key=lambda found: found[1])


def _as_one_template(sentence: str, depth: int) -> tuple[str, int] | None:
    """As `_translated`, of one template, or of a hint that followed another clause."""
    whole = _as_whole(sentence, depth)
    if whole is not None:
        return whole
    hint = _as_whole(f"; {sentence}", depth)
    return None if hint is None else (hint[0].removeprefix("; "), hint[1] - 2)


def _in_two(sentence: str, depth: int) -> tuple[str, int]:
    """As `_translated`, cut at the first place before a whole template."""
    for at in _CLAUSE.finditer(sentence):
        end = _as_whole(sentence[at.end() :], depth + 1)
        if end is not None:
            start = _translated(sentence[: at.start()], depth + 1)
            return start[0] + at.group() + end[0], start[1] + end[1]
    return sentence, 0


def _as_whole(sentence: str, depth: int) -> tuple[str, int] | None:
    """As `_translated`, if the sentence was made from one template; the one that explains most."""
    plain = _catalogue().get(sentence)
    if plain is not None:
        return plain.vietnamese.replace("{{", "{").replace("}}", "}"), len(sentence)
    matches = (
        (template, found)
        for template in _with_values()
        if template.longest_literal in sentence and (found := template.pattern.fullmatch(sentence))
    )
    filled = [template.filled(found, depth) for template, found in islice(matches, _MOST_MATCHES)]
    return max(filled, key=lambda one: one[1], default=None)


@dataclass(frozen=True)
class _Template:
    """A template of the code in English, and its translation."""

    english: str
    vietnamese: str

    @cached_property
    def parts(self) -> list[tuple[str, str | None, str]]:
        """Literal text, and the name and style of the value after it."""
        parsed = string.Formatter().parse(self.english)
        return [(literal, name, style or "") for literal, name, style, _ in parsed]

    @cached_property
    def longest_literal(self) -> str:
        return max((literal for literal, _, _ in self.parts), key=len)

    @cached_property
    def literals(self) -> int:
        return sum(len(literal) for literal, _, _ in self.parts)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches what the template was made into; texts side by side are one value."""
        made = ""
        after_text = False  # whether a value that may be any text came just before
        for literal, name, style in self.parts:
            made += re.escape(literal)
            if name is None or (after_text and not literal):
                continue
            made += rf"(?P<{name}>{_NUMBER if style else '.*?'})"
            after_text = not style
        return re.compile(made, re.DOTALL)

    def filled(self, found: re.Match[str], depth: int) -> tuple[str, int]:
        """The translation with the values of a match, and how many characters are translated."""
        numbers = {name for _, name, style in self.parts if style}
        values, translated_characters = {}, self.literals
        for name, value in found.groupdict().items():
            if name in numbers:
                values[name] = value.translate(_SWAPPED)
                translated_characters += len(value)
            elif " " in value:
                values[name], inside = _translated(value, depth + 1)
                translated_characters += inside
            else:
                values[name] = value
        made = "".join(
            literal + ("" if name is None else values.get(name, ""))
            for literal, name, _, _ in string.Formatter().parse(self.vietnamese)
        )
        return made, translated_characters


@cache
def _catalogue() -> Mapping[str, _Template]:
    return {template.english: template for template in _templates()}


@cache
def _with_values() -> tuple[_Template, ...]:
    """The templates with values, those with most words of their own first."""
    found = (one for one in _catalogue().values() if one.parts[0][1] is not None or one.parts[1:])
    return tuple(sorted(found, key=lambda one: -one.literals))


def _templates() -> Iterator[_Template]:
    folder = resources.files("hoiquy.messages").joinpath("locale", "vi", "sentences")
    for file in folder.iterdir():
        if file.name.endswith(".po"):
            for message in _read(file):
                yield _Template(str(message.id), str(message.string))


def _read(file: Traversable) -> "list[Message]":
    """The messages of a catalogue, except its header."""
    from babel.messages.pofile import read_po

    with file.open("rb") as content:
        return [one for one in read_po(content, locale="vi", abort_invalid=True) if one.id]
