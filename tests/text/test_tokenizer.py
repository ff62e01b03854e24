"""Normalization and tokenizers: one spelling for one meaning; other texts stay as typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.errors import DataError, MissingExtraError
from hoiquy.text import Subwords, Tokenizer, Vocabulary
from hoiquy.text import segmentation as segmentation_module
from hoiquy.text.vietnamese import normalize_vietnamese

VIETNAMESE = Tokenizer("vietnamese", "unicode")
LETTERS = st.text(
    alphabet="aăâeêioôơuưyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵđqgnthÐ AOUYĐ"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hòa hóa hỏa hõa họa", "hoà hoá hoả hoã hoạ"),
        ("khòe khóe khỏe khõe khọe", "khoè khoé khoẻ khoẽ khoẹ"),
        ("thùy thúy thủy thũy thụy", "thuỳ thuý thuỷ thuỹ thuỵ"),
        ("HÒA Hòa KHỎE ÚY Úy", "HOÀ Hoà KHOẺ UÝ Uý"),
        ("hòan tóan ngóai", "hoàn toán ngoái"),
        ("Ðẹp ðó Ɖi ɖi", "Đẹp đó Đi đi"),
    ],
)
def test_vietnamese_has_one_spelling(old: str, new: str) -> None:
    assert normalize_vietnamese(old) == new
    assert normalize_vietnamese(new) == new


@pytest.mark.parametrize(
    "text",
    ["quý quỳ quỷ Quý", "của mùa lúa giúp hoài thuở khuya", "ko hok đc :)) =)) <3 đíu"],
)
def test_correct_spelling_stays(text: str) -> None:
    assert normalize_vietnamese(text) == text


@given(LETTERS)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = VIETNAMESE.normalized(text)
    assert VIETNAMESE.normalized(once) == once
    assert len(once) == len(unicodedata.normalize("NFC", text))


@given(LETTERS)
def test_decomposed_texts_have_the_same_words(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert VIETNAMESE.words(unicodedata.normalize(form, text)) == VIETNAMESE.words(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's WELL-made, isn’t it?", "it's well made isn’t it ?"),
        ("hay quá!!! :)) =)) ^^ <3 :-( xD 10/10", "hay quá !!! :)) =)) ^^ <3 :-( xd 10 10"),
        ("😍👍🏽 👨‍👩‍👧", "😍 👍🏽 👨‍👩‍👧"),
        ("hay:)) chán=(( yêu<3 vui^^ :v :D :P @@", "hay :)) chán =(( yêu <3 vui ^^ :v :d :p @@"),
        ("ko dc k :)) hok =.= T_T tuyệt😀", "ko dc k :)) hok =.= t_t tuyệt 😀"),
        ("việt nam 🇻🇳🇻🇳", "việt nam 🇻🇳 🇻🇳"),
        ("10:30 2<3 http://a.vn vai:(Lan) x3 8d", "10 30 2 3 http a vn vai lan x3 8d"),
        ("我爱你 हिन्दी học_sinh", "我 爱 你 हिन्दी học_sinh"),
        ("a\xa0b\u2028c\r\nd", "a b c d"),
        (" \n… ", ""),
    ],
)
def test_words_of_any_language(text: str, words: str) -> None:
    assert Tokenizer("nfc", "unicode").words(text) == words.split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dull, (really) dull... Why?! 7.5/10", "dull , ( really ) dull ... why ?! 7 . 5 10"),
        ("hay quá :)) phim “hay”; không…", "hay quá :)) phim “ hay ” ; không …"),
        ("我爱你。好，看！", "我 爱 你 。 好 ， 看"),
    ],
)
def test_punctuation_is_words_where_it_is_wanted(text: str, words: str) -> None:
    assert Tokenizer("nfc", "unicode+punctuation").words(text) == words.split()
    plain = Tokenizer("nfc", "unicode").words(text)
    assert plain == [word for word in words.split() if not set(word) <= set(",()….“”;。，")]


def test_characters() -> None:
    assert Tokenizer("nfc", "characters").words("Hay  quá") == [
        "h",
        "a",
        "y",
        "▁",
        "q",
        "u",
        "á",
        "▁",
    ]


@given(st.text())
def test_no_word_holds_a_space_or_is_empty(text: str) -> None:
    for tokenizer in ("unicode", "unicode+punctuation", "characters"):
        words = Tokenizer("nfc", tokenizer).words(text)
        assert all(word and " " not in word for word in words)


TEXTS = ["phim này hay lắm", "phim kia dở quá", "không hay chút nào", "hay tuyệt vời"] * 20


def test_subword_training_is_deterministic() -> None:
    pytest.importorskip("sentencepiece", reason="the extra hoiquy[subword] is not installed")
    first, second = (Subwords.train(TEXTS, 60) for _ in range(2))
    assert first.model == second.model
    rules = Tokenizer("nfc", "subword", subwords=first)
    assert "".join(rules.words("Phim hay tuyệt")).replace("▁", " ").strip() == "phim hay tuyệt"
    with pytest.raises(DataError, match="not a SentencePiece model"):
        Subwords(b"nothing").cut("phim")


@pytest.mark.parametrize("tokenizer", ["unicode", "unicode+punctuation", "characters"])
def test_vocabulary_and_single_texts_agree(tokenizer: str) -> None:
    rules = Tokenizer("vietnamese", tokenizer)  # type: ignore[arg-type]
    vocabulary = Vocabulary.build(TEXTS, None, rules)
    for number, text in enumerate(TEXTS[:4]):
        encoded = vocabulary.encode_all(TEXTS)
        document = encoded.indices[encoded.starts[number] : encoded.starts[number + 1]]
        assert document.tolist() == vocabulary.encode(text).tolist()
        assert document.min() >= 1


def test_segmentation_joins_the_syllables_of_a_word() -> None:
    pytest.importorskip("pyvi", reason="the extra hoiquy[pyvi] is not installed")
    words = Tokenizer("vietnamese", "unicode", "pyvi").words("học sinh thích phim hòa bình")
    assert "học_sinh" in words
    assert "hoà_bình" in words


def test_a_missing_segmenter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "underthesea", None)
    segmentation_module.segmenter.cache_clear()
    with pytest.raises(MissingExtraError, match="pip install underthesea"):
        Tokenizer("vietnamese", "unicode", "underthesea").words("học sinh")
