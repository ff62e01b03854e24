"""Folders in the layout of aclImdb with files that are no reviews."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.imdb_miniature import write_tree
from fuzz.examples import fuzzed
from fuzz.reading import outcome, refusal
from hoiquy.data import Dataset, load_dataset

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes and links")

PLACES = ["train/pos", "train/neg", "test/pos", "test/neg", "train", "test", "train/unsup", "."]
NAMES = [
    "new.txt", "0_7.txt", "a\nb.txt", "\u2028.txt", "\x1b[2J.txt", "\udcff.txt", ".txt",
    "._0_7.txt", "x.txt.gz", "no suffix", "x" * 251 + ".txt", "pos", "neg", "train", "aclImdb",
]  # fmt: skip


def put_folder(path: Path) -> None:
    path.mkdir()


def put_nothing(path: Path) -> None:
    """Take away what is there."""


def put_pipe(path: Path) -> None:
    os.mkfifo(path)


def put_enormous(path: Path) -> None:
    """A file of 10^12 bytes, which takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(10**12)


def link_to(target: str) -> Callable[[Path], None]:
    def put_link(path: Path) -> None:
        path.symlink_to(target)

    return put_link


def put_bytes(content: bytes) -> Callable[[Path], None]:
    def put_file(path: Path) -> None:
        path.write_bytes(content)

    return put_file


KINDS: list[Callable[[Path], None]] = [
    put_folder,
    put_nothing,
    put_pipe,
    put_enormous,
    *map(link_to, ["/dev/zero", "/etc/hostname", "nowhere", "0_7.txt", "..", ".", "new.txt"]),
]
changes = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from(NAMES),
    st.one_of(
        st.sampled_from(KINDS),
        st.binary(max_size=20).map(lambda b: lambda path: path.write_bytes(b)),
    ),
)


def put(root: Path, place: str, name: str, kind: Callable[[Path], None]) -> None:
    """Change one file of a tree, unless an earlier change took its folder away."""
    path = root / place / name
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    if path.parent.is_dir():
        kind(path)


@fuzzed
@given(some=st.lists(changes, min_size=1, max_size=4))
def test_any_folder(
    some: list[tuple[str, str, Callable[[Path], None]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("folder") / "aclImdb"
    write_tree(root, each=1)
    for place, name, kind in some:
        put(root, place, name, kind)
    before = sorted(root.rglob("*"))
    loaded = outcome(lambda: load_dataset(root))
    assert sorted(root.rglob("*")) == before
    if isinstance(loaded, Dataset):
        assert loaded.fingerprint()
    shutil.rmtree(root.parent)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", [put_pipe, put_enormous, put_folder, link_to("/dev/zero")])
def test_what_is_no_review_is_named_and_not_read(
    kind: Callable[[Path], None], tmp_path: Path
) -> None:
    root = write_tree(tmp_path / "aclImdb")
    put(root, "train/pos", "0\n7.txt", kind)
    assert "train/pos/0\\n7.txt" in refusal(lambda: load_dataset(root)).replace(os.sep, "/")
