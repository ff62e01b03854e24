"""Both languages say the same things, with the same values in them."""

import re
import string
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po

import hoiquy.messages
from hoiquy.errors import InputError
from hoiquy.messages import LANGUAGES, catalogue, text
from hoiquy.messages.number_format import Lang

LOCALE = Path(hoiquy.messages.__file__).parent / "locale"
DOMAINS = sorted(path.name for path in (LOCALE / "en").rglob("*.po"))
LOANWORDS = {
    "accuracy", "engine", "epoch", "holm", "loss", "macro", "micro", "nb", "precision", "recall",
    "seed", "svm", "validation",
}  # fmt: skip


def placeholders(template: str) -> list[tuple[str, str]]:
    """Names and styles, each as often as it occurs."""
    return sorted(
        (name, style or "")
        for _, name, style, _ in string.Formatter().parse(template)
        if name is not None
    )


def messages(lang: str, domain: str) -> list[Message]:
    path = LOCALE / lang / "LC_MESSAGES" / domain
    with path.open("rb") as content:
        return [message for message in read_po(content, locale=lang) if message.id]


def test_both_languages_have_the_same_files() -> None:
    files = {
        lang: sorted(p.name for p in (LOCALE / lang / "LC_MESSAGES").glob("*.po"))
        for lang in LANGUAGES
    }
    assert files["vi"] == files["en"] == DOMAINS


@pytest.mark.parametrize("domain", DOMAINS)
def test_languages_have_the_same_keys_in_the_same_order(domain: str) -> None:
    keys = {lang: [message.id for message in messages(lang, domain)] for lang in LANGUAGES}
    assert keys["vi"] == keys["en"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_missing_unsure_or_given_twice(lang: str) -> None:
    found = [message for domain in DOMAINS for message in messages(lang, domain)]
    assert all(message.string and not message.fuzzy for message in found)
    assert len({message.id for message in found}) == len(found)
    for domain in DOMAINS:  # read_po keeps the last of two equal keys and says nothing
        text = (LOCALE / lang / "LC_MESSAGES" / domain).read_text("utf-8")
        assert text.count("\nmsgid ") == len(messages(lang, domain)) + 1  # and the header


def test_languages_have_the_same_placeholders() -> None:
    english, vietnamese = (
        {key: placeholders(template) for key, template in catalogue(lang).items()}
        for lang in ("en", "vi")
    )
    assert english == vietnamese


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_template_can_be_filled(lang: Lang) -> None:
    for key, template in catalogue(lang).items():
        filled = text(key, lang, **{name: 0.5 for name, _ in placeholders(template)})
        assert filled, key
        assert not set("{}") & set(filled), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_remarks_are_sentences(lang: Lang) -> None:
    for key, template in catalogue(lang).items():
        if key.startswith(("remark.", "diagnostic.")):
            assert template[0].isupper() or template[0] == "{", key
            assert template.endswith("."), key


def test_nothing_was_left_untranslated() -> None:
    """Only numbers and the field's loanwords may be equal."""
    for key in catalogue("en"):
        if catalogue("vi")[key] == catalogue("en")[key]:
            words = re.findall("[a-z]{2,}", re.sub(r"{[^}]*}", "", catalogue("en")[key].lower()))
            assert set(words) <= LOANWORDS, key


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
    assert text("table.accuracy", "vi", **values) == "87,57%"
    assert text("table.accuracy", "en", **values) == "87.57%"
    assert text("exercise.quick", "vi", number=3) == "Bài 3 (chạy nhanh)"
