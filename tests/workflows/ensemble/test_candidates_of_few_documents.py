"""Networks of an ensemble take enough steps where documents are few."""

import pytest

from hoiquy.recipe.recipe import load_recipe
from hoiquy.workflows.ensemble.candidates import DataSize, networks_of

FEW = [(5, 150), (60, 50), (300, 9), (480, 5), (9999, 5)]


@pytest.mark.parametrize(("documents", "epochs"), FEW)
def test_few_documents_have_more_epochs(documents: int, epochs: int) -> None:
    base = load_recipe("auto").with_settings({"training.batch_size": 16})
    found = {one.name: one.recipe for one in networks_of(base, DataSize(documents, 2, 900), {})}
    assert found["gru"].training.epochs == found["convolution"].training.epochs == epochs
    assert found["ngrams"].training.epochs == max(base.training.epochs, epochs)


def test_settings_count() -> None:
    settings = {"training.epochs": 3}
    found = networks_of(load_recipe("auto"), DataSize(60, 2, 900), settings)
    assert {one.recipe.training.epochs for one in found} == {3}
