"""Three small runs to serve: two recipes on the same data, and one of three classes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Caller, serving

import hoiquy
from hoiquy.recipe.recipe import parse_recipe
from own_tables import VIETNAMESE, rows
from small_reviews import SMALL, write_reviews

GRU = SMALL.replace('"lstm"', '"gru"').replace('name = "small"', 'name = "small-gru"')


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed: `runs` is a copy."""
    place = tmp_path_factory.mktemp("served")
    data = write_reviews(place / "aclImdb", each=40)
    root = place / "runs"
    hoiquy.train(data, parse_recipe(SMALL, "small"), root / "lstm")
    hoiquy.train(data, parse_recipe(GRU, "gru"), root / "deep" / "gru")
    hoiquy.train(rows(20), parse_recipe(VIETNAMESE, "vi"), root / "ba-lớp")
    return root


@pytest.fixture
def runs(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "runs")


@pytest.fixture(scope="module")
def service(trained: Path) -> Iterator[Caller]:
    with serving(trained, default="lstm") as caller:
        yield caller
