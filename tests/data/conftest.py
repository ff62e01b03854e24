"""Isolates each data test: empty cache and home, no network but 127.0.0.1."""

from pathlib import Path

import pytest
from imdb_miniature import pack_tree, write_tree


@pytest.fixture(autouse=True)
def own_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder the home, the cache and the current folder, and return it."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setenv("HOIQUY_CACHE", str(home / "cache"))
    monkeypatch.delenv("HOIQUY_IMDB", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "aclImdb")


@pytest.fixture
def archive(tree: Path, tmp_path: Path) -> Path:
    return pack_tree(tree, tmp_path / "aclImdb_v1.tar.gz")
