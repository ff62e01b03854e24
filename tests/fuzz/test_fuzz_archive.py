"""Archives in the layout of aclImdb that come from anywhere."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fuzz.archives import (
    HONEST,
    gzip_of_bytes,
    odd_tars,
    tar_of,
    tars_with_a_damaged_header,
)
from fuzz.damage import any_bytes, damaged
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.data import Dataset, load_dataset

TAR = tar_of(HONEST)
FILE = gzip_of_bytes(TAR)
archives = st.one_of(
    odd_tars().map(gzip_of_bytes),
    odd_tars().map(gzip_of_bytes),
    tars_with_a_damaged_header().map(gzip_of_bytes),
    any_bytes(TAR).map(gzip_of_bytes),
    damaged(FILE),
    any_bytes(FILE),
)


def read(content: bytes, folder: Path) -> object:
    """Load an archive that lies alone in a folder; nothing may lie beside it afterwards."""
    path = folder / "aclImdb_v1.tar.gz"
    path.write_bytes(content)
    loaded = outcome(lambda: load_dataset(path))
    assert list(folder.iterdir()) == [path]
    if isinstance(loaded, Dataset):
        assert loaded.fingerprint()
        assert not loaded.official_test
    return loaded


@fuzzed
@given(content=archives)
def test_any_archive(content: bytes, tmp_path: Path) -> None:
    read(content, tmp_path)


def test_an_honest_archive_is_read(tmp_path: Path) -> None:
    loaded = read(FILE, tmp_path)
    assert isinstance(loaded, Dataset)
    assert len(loaded.train) == len(loaded.test) == 4
