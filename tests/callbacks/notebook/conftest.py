"""A small data set in the official layout."""

from pathlib import Path

import pytest

from small_reviews import write_reviews


@pytest.fixture(scope="session")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("reviews") / "aclImdb", each=40)
