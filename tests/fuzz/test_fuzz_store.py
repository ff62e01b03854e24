"""A token store from elsewhere: any of its files damaged, all hashes made right."""

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.damage import any_bytes, any_json
from fuzz.examples import fuzzed
from fuzz.reading import check_verified, outcome
from fuzz.test_fuzz_run_folder import replaced
from hoiquy.data.duplicates import duplicated_rows
from hoiquy.data.stored_dataset import load_store
from hoiquy.data.token_store import STORE
from hoiquy.events import ignore
from hoiquy.system.checksummed_files import read_manifest
from hoiquy.training.encoding.prepare import prepare
from hoiquy.workflows.encode import encode
from miniatures import miniature, random_dataset

RECIPE = miniature("fast", "text.ngram_min_count=2")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store; nothing waits for the disk while it is damaged and mended."""
    with patch("os.fsync"):
        folder = tmp_path_factory.mktemp("whole") / "store"
        encode(random_dataset(), RECIPE, folder, on_event=ignore)
        yield folder


def read_all(folder: Path) -> None:
    dataset = load_store(folder)
    duplicated_rows(dataset), dataset.fingerprint(), list(dataset.test.texts)
    prepared = prepare(RECIPE, dataset)
    for split in (prepared.train, prepared.validation, prepared.test):
        rows = split.labels.argsort()[:5]
        split.indices(rows), split.targets(rows), split.lengths, split.words


@fuzzed
@given(data=st.data())
def test_any_store(data: st.DataObject, whole: Path) -> None:
    names = st.sampled_from(sorted(read_manifest(whole)))
    new = {}
    for name in data.draw(st.lists(names | st.just(STORE), min_size=1, max_size=2, unique=True)):
        content = (whole / name).read_bytes()
        new[name] = data.draw(
            any_json(json.loads(content)) if name == STORE else any_bytes(content)
        )
    with replaced(whole, new):
        outcome(lambda: read_all(whole))
        check_verified(whole)
