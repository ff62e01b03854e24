"""English lines of the program are translated: each has its Vietnamese, and finds it."""

import re
import string
from pathlib import Path

import pytest
from sentences_in_source import SOURCE, reasons_in, said_in, source_files, templates_in

from hoiquy.messages import sentences
from hoiquy.messages.sentences import translated
from hoiquy.recipe.recipe import load_recipe, recipe_names

CATALOGUE = sentences._catalogue()
# Only programs meet their errors: arrays of wrong shapes, estimators, Keras code, HTTP requests.
FOR_PROGRAMS = ("keras", "nn", "estimator", "server", "__init__.py")
# Made of parts that are translated one by one.
COMPOSED = {"{error} in {column}", "--log mlflow={place}: {error}"}
SETTING = re.compile(r"\w+ = (\{\w+\}|true)")  # the same in both languages
WORDS_OF_OTHERS = {"click.po", "recipes.po"}  # of click, of TOML files; the system's errors below
OF_THE_SYSTEM = {
    "Address already in use", "File exists", "File name too long", "Is a directory",
    "Name or service not known",
    "No space left on device", "No such file or directory", "Not a directory",
    "Permission denied", "Read-only file system",
}  # fmt: skip


def values_of(template: str) -> dict[str, str]:
    """A value for each name of a template, as the code formats it."""
    names = [(name, style) for _, name, style, _ in string.Formatter().parse(template) if name]
    made = {}
    for at, (name, style) in enumerate(names):
        number = "1,234" if style == "," else f"{at}.5" + "%" * (style or "").endswith("%")
        made[name] = number if style else f"'v{at}'"
    return made


def filled(template: str, values: dict[str, str]) -> str:
    return "".join(
        literal + ("" if name is None else values[name])
        for literal, name, _, _ in string.Formatter().parse(template)
    )


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_all_errors_and_notes_have_a_translation() -> None:
    starting = SOURCE / "server" / "process.py"  # `hoiquy serve` prints its errors
    said = set().union(*map(said_in, [*source_files(*FOR_PROGRAMS), starting]))
    missing = said - CATALOGUE.keys() - COMPOSED
    assert [one for one in sorted(missing) if not SETTING.fullmatch(one)] == []


def test_all_that_keras_code_prints_has_a_translation() -> None:
    folder = SOURCE / "keras"
    said = set().union(*(said_in(path, raised=False) for path in folder.rglob("*.py")))
    said |= set().union(*(said_in(path) for path in (folder / "runner").glob("*.py")))
    said |= set().union(*map(reasons_in, folder.rglob("*.py")))
    assert sorted(said - CATALOGUE.keys()) == []


def test_all_descriptions_of_recipes_have_a_translation() -> None:
    untranslated = [name for name in recipe_names() if not _is_found(load_recipe(name).description)]
    assert untranslated == []


def _is_found(sentence: str) -> bool:
    return sentences._as_whole(sentence, 0) is not None


def test_each_line_finds_its_own_translation_with_its_values() -> None:
    wrong = {}
    for english, template in CATALOGUE.items():
        values = values_of(english)
        localised = {
            name: value.translate(sentences._SWAPPED) if value[0].isdigit() else value
            for name, value in values.items()
        }
        assert names_in(template.vietnamese) <= names_in(english), english
        found = translated(filled(english, values), "vi")
        if found != filled(template.vietnamese, localised):
            wrong[english] = found
    assert wrong == {}


def test_translations_keep_all_values() -> None:
    lost = {e: names_in(e) - names_in(t.vietnamese) for e, t in CATALOGUE.items()}
    plurals = {"headers"}  # header or headers
    assert {english: names for english, names in lost.items() if names - plurals} == {}


def test_the_catalogue_has_no_sentence_that_the_program_has_not() -> None:
    in_source = set().union(*(templates_in(path) for path in source_files()))
    patterns = [sentences._Template(one, "").pattern for one in in_source if names_in(one)]
    stale = [
        english
        for english, file in _files().items()
        if english not in in_source | OF_THE_SYSTEM
        and file not in WORDS_OF_OTHERS
        and not any(pattern.fullmatch(english) for pattern in patterns)
    ]
    assert stale == []


def test_clauses_that_have_brackets_and_in_are_translated_side_by_side() -> None:
    spelling = "labels that differ only in spelling are one class ('1', '1.0')"
    untested = "no test documents of the class 'b' (3 for training)"
    clauses = ["66 for training and 14 held out by a fixed rule", spelling, "7 bad rows left out"]
    for line in ("; ".join([*clauses, untested]), "; ".join([untested, *clauses])):
        expected = "; ".join(translated(clause, "vi") for clause in line.split("; "))
        assert translated(line, "vi") == expected
        assert not re.search("held|differ|left|documents", expected)


@pytest.mark.parametrize("part", ["line 1: ", "a in b; ", "x: y (z), ", "'x' = ", "skipped: a. "])
def test_lines_of_many_parts_end(part: str) -> None:
    assert len(translated(part * 600, "vi")) > 1000


def _files() -> dict[str, str]:
    """The file of each sentence; each is in one file only."""
    folder = Path(sentences.__file__).parent / "locale" / "vi" / "sentences"
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        for message in sentences._read(path):
            assert str(message.id) not in found
            found[str(message.id)] = path.name
    return found
