"""The networks of an ensemble depend on the size of the data."""

import pytest

from hoiquy.recipe.recipe import load_recipe
from hoiquy.workflows.ensemble.candidates import networks_of
from hoiquy.workflows.ensemble.data_size import DataSize

FEW = [(5, 150), (60, 50), (300, 9), (480, 5), (9999, 5)]
LONG = DataSize(25_000, 2, 32_000_000)
AUTO = load_recipe("auto")


@pytest.mark.parametrize(("documents", "epochs"), FEW)
def test_few_documents_have_more_epochs(documents: int, epochs: int) -> None:
    base = AUTO.with_settings({"training.batch_size": 16})
    found = {one.name: one.recipe for one in networks_of(base, DataSize(documents, 2, 900), {})}
    assert found["gru"].training.epochs == found["convolution"].training.epochs == epochs
    assert found["ngrams"].training.epochs == max(base.training.epochs, epochs)


def test_settings_count() -> None:
    settings = {"training.epochs": 3}
    found = networks_of(AUTO, DataSize(60, 2, 900), settings)
    assert {one.recipe.training.epochs for one in found} == {3}


def test_many_words_are_read_by_the_network_with_ngrams_alone() -> None:
    [first] = networks_of(AUTO, LONG, {})
    strong = load_recipe("strong")
    assert first.name == "ngrams"
    assert not first.further
    assert first.recipe.data.max_length == strong.data.max_length
    assert first.recipe.text.tokenizer == strong.text.tokenizer
    assert first.recipe.text.ngrams == strong.text.ngrams
    assert first.recipe.training.adversarial_epsilon == strong.training.adversarial_epsilon
    assert first.recipe.training.epochs == 3


def test_few_words_are_read_by_all_networks() -> None:
    found = networks_of(AUTO, DataSize(5000, 2, 500_000), {})
    assert [one.name for one in found if not one.further] == ["gru", "convolution", "ngrams"]
    assert found[2].recipe.training.adversarial_epsilon == AUTO.training.adversarial_epsilon


def test_characters_are_not_taken_for_words() -> None:
    characters = AUTO.with_settings({"text.tokenizer": "characters"})
    found = networks_of(characters, LONG, {})
    assert [one.name for one in found if not one.further] == ["lstm", "gru", "ngrams"]
    assert found[2].recipe.text.tokenizer == "characters"


@pytest.mark.parametrize("classes", [2, 20, 100])
def test_more_classes_leave_fewer_ngrams(classes: int) -> None:
    """Each n-gram has a vector and a weight for each class, and five networks are stored."""
    size = DataSize(5000, classes, 10_000_000)
    recipe = networks_of(AUTO, size, {})[0].recipe
    units = recipe.model_dump()["model"]["layers"][0]["units"]
    assert units < 64
    stored = 10_000_000 / 6 / recipe.text.ngram_min_count * (units + classes)
    assert stored < 9_000_000


def test_settings_come_after_the_size() -> None:
    changed = networks_of(AUTO, LONG, {"text.tokenizer": "unicode", "training.epochs": 9})
    assert {one.recipe.text.tokenizer for one in changed} == {"unicode"}
    assert {one.recipe.training.epochs for one in changed} == {9}
