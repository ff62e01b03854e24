"""Both languages say the same things, with the same values in them."""

import re
import string
import tomllib
from importlib import resources

import pytest

from hoiquy.errors import InputError
from hoiquy.report.messages import catalogue, text
from hoiquy.report.number_format import LANGUAGES

KEYS = sorted(catalogue("en"))


def placeholders(template: str) -> list[tuple[str, str]]:
    """Names and styles, each as often as it occurs."""
    return sorted(
        (name, style or "")
        for _, name, style, _ in string.Formatter().parse(template)
        if name is not None
    )


def test_languages_have_the_same_keys_in_the_same_order() -> None:
    files = {
        lang: tomllib.loads(
            resources.files("hoiquy.report").joinpath(f"messages_{lang}.toml").read_text("utf-8")
        )
        for lang in LANGUAGES
    }
    order = {
        lang: [(table, *templates) for table, templates in tables.items()]
        for lang, tables in files.items()
    }
    assert order["vi"] == order["en"]


@pytest.mark.parametrize("key", KEYS)
def test_languages_have_the_same_placeholders(key: str) -> None:
    english, vietnamese = (placeholders(catalogue(lang)[key]) for lang in ("en", "vi"))
    assert english == vietnamese


@pytest.mark.parametrize("key", KEYS)
def test_every_template_can_be_filled(key: str) -> None:
    for lang in LANGUAGES:
        values = {name: 0.5 for name, _ in placeholders(catalogue(lang)[key])}
        filled = text(key, lang, **values)
        assert filled
        assert not set("{}") & set(filled)


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith("remark.")])
def test_remarks_are_sentences(key: str) -> None:
    for lang in LANGUAGES:
        template = catalogue(lang)[key]
        assert template[0].isupper() or template[0] == "{"
        assert template.endswith(".")


def test_nothing_was_left_untranslated() -> None:
    """Only what both languages write alike may be equal: numbers, and the words epoch and seed."""
    for key in KEYS:
        if catalogue("vi")[key] == catalogue("en")[key]:
            words = re.findall("[a-z]{2,}", re.sub(r"{[^}]*}", "", catalogue("en")[key].lower()))
            assert set(words) <= {"epoch", "seed"}, key


def test_missing_key_and_missing_value_are_loud() -> None:
    with pytest.raises(KeyError, match="nothing"):
        text("remark.nothing", "vi")
    with pytest.raises(KeyError, match="number"):
        text("exercise.full", "vi")


def test_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="unknown language 'fr'; known: vi, en"):
        text("exercise.full", "fr", number=3)  # type: ignore[arg-type]


def test_values_follow_the_language() -> None:
    values = {"accuracy": 0.8757}
    assert text("table.accuracy", "vi", **values) == "87,57 %"
    assert text("table.accuracy", "en", **values) == "87.57 %"
    assert text("exercise.quick", "vi", number=3) == "Bài 3 (chạy nhanh)"
