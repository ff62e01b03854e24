"""Failed trainings: histories written by hand, and bags of words of splits."""

from dataclasses import replace

import numpy as np
import pytest
from planted import documents, names, recipe, reviews, with_random_labels
from test_during_training import FALLING, history, setting

from hoiquy.callbacks.doctor.bag_of_words import bag_of_words_accuracy
from hoiquy.callbacks.doctor.before_training import IMBALANCED, diagnostics_before, evenness
from hoiquy.callbacks.doctor.doctor import Doctor
from hoiquy.callbacks.doctor.during_training import Setting
from hoiquy.callbacks.doctor.failed_training import FEWEST_DOCUMENTS, Validated, failure
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.events import ignore
from hoiquy.messages import LANGUAGES
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.training.encoding.prepare import prepare

BANK = Validated(documents=1000, bag_of_words=0.85)  # 77 intents
OF_BANK = Setting(load_recipe("auto"), train_majority=0.019, val_majority=0.019)


def found(
    accuracy: float, val_accuracy: float, chosen: Setting = OF_BANK,
    validated: Validated = BANK, others: tuple[Diagnostic, ...] = (),
) -> tuple[str, str | None] | None:  # fmt: skip
    records = [
        replace(record, accuracy=accuracy, val_accuracy=val_accuracy)
        for record in history(FALLING, FALLING)
    ]
    failed = failure(chosen, records, validated, others)
    for lang in LANGUAGES:
        assert failed is None or "None" not in failed.text(lang)
    return None if failed is None else (failed.key, failed.setting)


def of_bank(*changes: str) -> Setting:
    return replace(OF_BANK, recipe=OF_BANK.recipe.with_settings(changes))


def test_many_classes_hardly_learnt() -> None:
    """As 77 intents of bank customers after eight epochs: above the largest class, and useless."""
    key = "below_bag_of_words_from_few_steps"
    assert found(0.05, 0.046) == (key, "training.epochs=18")
    slow = of_bank("training.learning_rate=5e-5")
    assert found(0.05, 0.046, slow) == (key, "training.learning_rate=0.0005")


def test_the_line_is_that_of_the_cause() -> None:
    fast = of_bank("training.learning_rate=0.1")
    key = "below_bag_of_words_from_large_steps"
    assert found(0.3, 0.3, fast) == (key, "training.learning_rate=0.01")
    jumped = Diagnostic("loss_jumps", setting="training.learning_rate=0.0002")
    assert found(0.3, 0.3, others=(jumped,)) == (key, "training.learning_rate=0.0002")
    padding = Diagnostic("padding_forgotten_right", setting='data.padding="left"')
    other = "below_bag_of_words_from_other"
    assert found(0.3, 0.3, others=(padding,)) == (other, 'data.padding="left"')
    by_heart = "below_bag_of_words_by_heart"
    assert found(0.99, 0.6, of_bank("model.wide=false")) == (by_heart, "model.wide=true")
    wide = of_bank("model.wide=true")
    assert found(0.99, 0.6, wide) == (by_heart, "model.layers.2.units=32")
    wide = of_bank("model.wide=true", "training.early_stopping.restore_best=false")
    assert str(found(0.99, 0.6, wide)).count("early_stopping={") == 1


@pytest.mark.parametrize(("validation", "fails"), [(0.76, False), (0.70, True), (0.9, False)])
def test_only_far_below_is_told(validation: float, fails: bool) -> None:
    assert (found(0.8, validation) is not None) == fails


def test_few_documents_prove_nothing() -> None:
    few = Validated(FEWEST_DOCUMENTS - 1, 0.95)
    assert found(0.6, 0.5, setting(), few) is None
    assert found(0.6, 0.5, setting(), Validated(FEWEST_DOCUMENTS, 0.95)) is not None
    assert found(0.6, 0.5, setting(), Validated(1000, None)) == (
        "chance_unexplained", "training.epochs=20",
    )  # fmt: skip


def test_the_majority_share_within_the_interval_is_no_success() -> None:
    unequal = Setting(load_recipe("auto"), train_majority=0.66, val_majority=0.66)
    validated = Validated(500, 0.72)
    assert found(0.72, 0.674, unequal, validated) == ("chance_unexplained", "training.epochs=12")
    key, line = found(0.95, 0.674, unequal, validated) or ("", "")
    assert key == "chance_by_heart" and line == "model.layers.2.units=32"
    assert found(0.75, 0.72, unequal, validated) is None
    weighted = unequal.recipe.with_settings(["training.class_weight=balanced"])
    assert found(0.5, 0.5, replace(unequal, recipe=weighted), validated) is None


def test_what_the_training_showed_itself_is_the_failure() -> None:
    at = {"epochs": 3, "train": 0.02, "validation": 0.02, "majority": 0.019}
    chance = Diagnostic("chance_from_gradients", at)
    assert found(0.02, 0.02, others=(chance,)) == ("chance_from_gradients", None)
    unexplained = Diagnostic("chance_unexplained", at)
    key, _ = found(0.02, 0.02, others=(unexplained,)) or ("", "")
    assert key == "below_bag_of_words_from_few_steps"  # the words do tell the classes apart


def many_classes(documents_of: list[int]) -> Dataset:
    """A word tells the class, among ten others."""
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(len(documents_of)), documents_of).astype(np.int32)
    texts = [
        " ".join([*(f"w{number}" for number in rng.integers(0, 50, 10)), f"class{label}"])
        for label in labels
    ]  # in the order of their classes, as many files are
    part = Documents(texts, labels)
    classes = tuple(f"c{number}" for number in range(len(documents_of)))
    return Dataset("many", classes, part, part, "", official_test=False, validation=part)


def test_a_bag_of_words_tells_classes_apart_that_words_tell_apart() -> None:
    prepared = prepare(recipe(), many_classes([40] * 30))
    assert bag_of_words_accuracy(prepared.train, prepared.validation) == 1
    healthy = prepare(recipe(), reviews())
    assert bag_of_words_accuracy(healthy.train, healthy.validation) == 1
    without = prepare(recipe(), names())
    accuracy = bag_of_words_accuracy(without.train, without.validation)
    assert accuracy is not None and 0.3 < accuracy < 0.7


def test_where_there_is_nothing_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    one_class = documents(30, 1, positive=1.0)
    data = replace(reviews(), train=one_class, validation=documents(30, 2))
    prepared = prepare(recipe(), data)
    assert bag_of_words_accuracy(prepared.train, prepared.validation) is None
    healthy = prepare(recipe(), reviews())
    assert bag_of_words_accuracy(healthy.train, healthy.validation.part(0, 0)) is None
    for limit in ("_DOCUMENTS", "_TOKENS", "_WEIGHTS"):
        with monkeypatch.context() as limited:
            limited.setattr(f"hoiquy.callbacks.doctor.bag_of_words.{limit}", 60)
            accuracy = bag_of_words_accuracy(healthy.train, healthy.validation)
            assert accuracy is not None and accuracy >= 0.5


@pytest.mark.parametrize(
    ("counts", "is_unbalanced"),
    [
        ([80, 20], True),
        ([79, 21], False),
        ([187, *[130] * 75, 35], False),  # bank intents: the largest class has 1.9%
        ([7400, *[400] * 17], True),  # surnames: 51% are of one language
        ([48, 48, 4], True),
        ([50, 50, 0], True),
        ([1092, 2218, 1624, 2322, 1288], False),
    ],
)
def test_imbalance_is_relative_to_the_number_of_classes(
    counts: list[int], is_unbalanced: bool
) -> None:
    assert (evenness(np.array(counts)) <= IMBALANCED + 1e-9) == is_unbalanced


def keys_before(data: Dataset, *settings: str) -> set[str]:
    chosen = recipe(*settings)
    return {one.key for one in diagnostics_before(chosen, data, prepare(chosen, data))}


def test_texts_without_words_are_seen_before_the_first_epoch() -> None:
    assert "texts_without_words" in keys_before(names())
    assert "texts_without_words" in keys_before(names(words=3))
    assert "texts_without_words" not in keys_before(names(), "text.tokenizer=characters")
    assert "texts_without_words" not in keys_before(reviews())
    # whose words are unknown only because few of them are kept
    assert "texts_without_words" not in keys_before(reviews(), "text.num_words=5")
    one_word = reviews()
    short = Documents([text.split()[0] for text in one_word.train.texts], one_word.train.labels)
    assert "texts_without_words" not in keys_before(replace(one_word, train=short))


@pytest.mark.parametrize(("right", "told"), [(0.5, True), (0.9, False)])
def test_the_test_documents_overrule_chance_level_on_fewer(right: float, told: bool) -> None:
    """So that a report does not call a model good and at chance level."""
    dataset = with_random_labels(reviews())
    chosen = recipe()
    doctor = Doctor.examining(chosen, dataset, prepare(chosen, dataset), ignore)
    doctor.history = [
        replace(record, accuracy=0.5, val_accuracy=0.5) for record in history(FALLING, FALLING)
    ]
    labels = dataset.test.labels
    is_right = np.arange(len(labels)) < right * len(labels)
    probabilities = np.full((len(labels), 2), 0.2, dtype=np.float32)
    probabilities[np.arange(len(labels)), np.where(is_right, labels, 1 - labels)] = 0.8
    found = doctor.diagnostics(labels, probabilities)
    assert any(one.key.startswith("chance_") for one in found) == told
