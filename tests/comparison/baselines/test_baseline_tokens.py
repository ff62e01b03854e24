"""Baselines read what the networks beside them read, in any script; where they cannot, it shows."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import hoiquy
from hoiquy.comparison.baselines.saved import Baseline
from hoiquy.comparison.baselines.tokens import Tokens
from hoiquy.comparison.baselines.training import (
    NAMES,
    kept_baselines,
    train_baseline,
    train_baselines,
)
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.report.comparison_table import legend, verdict_lines
from hoiquy.text import Tokenizer
from small_reviews import SMALL

READERS = ("tfidf-logistic", "nb-svm")
CHARACTERS = Tokens(Tokenizer("nfc", "characters"))
WORDS = Tokens(Tokenizer("vietnamese", "unicode"))

CHINESE = ("房间很干净", "价格不贵", "前台服务", "离车站近", "早餐丰富", "下次再来", "网络太慢")
THAI = ("ห้องสะอาด", "ราคาแพง", "พนักงาน", "อาหารเช้า", "ใกล้สถานี", "กลับมาอีก")
VIETNAMESE = ("phòng", "giá", "nhân viên", "gần ga", "bữa sáng", "quay lại", "mạng chậm", "tầng")


def labelled(parts: Sequence[str], good: str, bad: str, between: str, form: str = "NFC") -> Dataset:
    """Texts of random parts in an order that hardly comes twice, and one that tells the class."""
    rng = np.random.default_rng(1)
    halves = []
    for _ in range(2):
        labels = rng.integers(0, 2, 150).astype(np.int32)
        texts = []
        for label in labels.tolist():
            some = list(rng.choice(parts, 12))
            some[int(rng.integers(12))] = good if label else bad
            texts.append(unicodedata.normalize(form, between.join(some)))
        halves.append(Documents(texts, labels))
    return Dataset("invented", ("bad", "good"), *halves, "invented", official_test=False)


CHINESE_SET = labelled(CHINESE, "好极了", "糟透了", "")
THAI_SET = labelled(THAI, "ดีมาก", "แย่มาก", "")
DECOMPOSED = labelled(VIETNAMESE, "thật tuyệt", "thật tệ", " ", "NFD")


def trained(name: str, dataset: Dataset, tokens: Tokens) -> Baseline:
    return train_baseline(name, dataset, tokens)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("dataset", "tokens"),
    [
        (CHINESE_SET, CHARACTERS),
        (THAI_SET, CHARACTERS),
        (DECOMPOSED, WORDS),
        (DECOMPOSED, Tokens()),
    ],
    ids=["Chinese", "Thai", "decomposed", "decomposed, own words"],
)
def test_they_learn_what_there_is(name: str, dataset: Dataset, tokens: Tokens) -> None:
    found = trained(name, dataset, tokens)
    assert found.predictions.right().mean() > 0.95
    assert found.facts.could_read


@pytest.mark.parametrize("name", READERS)
def test_texts_without_spaces_cannot_be_read_by_words(name: str) -> None:
    facts = trained(name, CHINESE_SET, Tokens()).facts
    assert not facts.could_read and facts.words_known < 0.05
    assert trained("majority", CHINESE_SET, Tokens()).facts.could_read


@pytest.mark.parametrize("name", READERS)
def test_spelling_makes_no_difference(name: str) -> None:
    composed = labelled(VIETNAMESE, "thật tuyệt", "thật tệ", " ")
    for tokens in (Tokens(), WORDS, CHARACTERS):
        one, other = (trained(name, data, tokens).predictions for data in (composed, DECOMPOSED))
        assert one.probabilities.tobytes() == other.probabilities.tobytes()


def test_tokens_are_those_of_the_network_and_counted_together() -> None:
    tokens = Tokens(
        build_tokenizer(parse_recipe(SMALL, "").with_settings(["text.tokenizer=unicode"]).text)
    )
    assert tokens.prepared("Hay quá!!!! 😍😍").split() == ["hay", "quá", "!!!", "😍", "😍"]
    assert tokens.facts(1)["words"] == "1" and tokens.facts(2)["words"] == "1-2"
    assert CHARACTERS.facts(1)["words"] == CHARACTERS.facts(2)["words"] == "1-3"
    assert Tokens().as_authors_do and not CHARACTERS.as_authors_do


def test_a_kept_baseline_that_read_other_tokens_is_trained_again(tmp_path: Path) -> None:
    train_baselines(CHINESE_SET, tmp_path)
    fingerprint = CHINESE_SET.fingerprint()
    assert len(kept_baselines([tmp_path], fingerprint)) == len(NAMES)
    assert kept_baselines([tmp_path], fingerprint, CHARACTERS) == []
    again = train_baselines(CHINESE_SET, tmp_path, tokens=CHARACTERS)
    assert [one.facts.settings.get("tokens") for one in again] == [None, *["characters"] * 2]


def small(*settings: str) -> Recipe:
    return parse_recipe(SMALL, "small").with_settings(["training.epochs=1", *settings])


def test_no_verdict_beside_what_could_not_read(tmp_path: Path) -> None:
    """Beside the lab's tokenizer; beside a network that reads characters there is one."""
    for name, tokenizer in (("words", "keras"), ("characters", "characters")):
        recipe = small(f"text.tokenizer={tokenizer}", f"name={name}")
        hoiquy.train(CHINESE_SET, recipe, tmp_path / name)
    words = hoiquy.compare(tmp_path / "words", data=CHINESE_SET)
    assert [pair.second for pair in words.pairs] == ["majority"]
    assert [one.name for one in words.unread] == list(READERS)
    assert '"could_read": false' in words.to_json()
    for lang, start in (("en", "Not compared with TF-IDF"), ("vi", "Không so sánh với")):
        sentences, _ = verdict_lines(words, lang)  # type: ignore[arg-type]
        assert len(sentences) == 3 and sentences[1].startswith(start)
        assert "characters" in sentences[1]
    assert "as in their original papers" in legend(words, "en")[-1]

    both = hoiquy.compare(tmp_path / "words", tmp_path / "characters", data=CHINESE_SET)
    assert both.unread == () and len(both.pairs) == 1 + 2 * 3
    assert both.candidate("nb-svm").accuracy > 0.95
    assert "reads characters" in legend(both, "en")[-2]
    assert legend(both, "en")[-1] == "The networks use different tokenizers: characters, keras."
