"""A language model's folder from elsewhere: any of its files damaged, all hashes made right."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.examples import fuzzed
from fuzz.reading import check_verified, outcome
from fuzz.test_fuzz_run_folder import damaged_file, replaced
from hoiquy.runs import files as run_files
from hoiquy.system.checksummed_files import read_manifest
from hoiquy.training.model_building import build_model
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.pretraining.pretrain import pretrain
from miniatures import WORDS, miniature

TEXTS = [" ".join(WORDS[at : at + 9]) for at in range(40)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A complete language model; nothing waits for the disk while it is damaged and mended."""
    with patch("os.fsync"):
        folder = tmp_path_factory.mktemp("whole") / "lm"
        recipe = miniature("bai3", "model.layers.0.mask_zero=true", "pretraining.candidates=5")
        pretrain([TEXTS], recipe, folder)
        yield folder


def begin_with(folder: Path) -> None:
    start = LanguageModelStart.load(folder)
    words, recipe = len(start.vocabulary.words), start.recipe
    start.check_fits(recipe)
    start.put_into(recipe, build_model(recipe, vocabulary_size=words, classes=2, seed=1))


@fuzzed
@given(data=st.data())
def test_any_language_model(data: st.DataObject, whole: Path) -> None:
    names = st.sampled_from(sorted(set(read_manifest(whole)) - {run_files.ENVIRONMENT}))
    some = data.draw(st.lists(names, min_size=1, max_size=2, unique=True))
    new = {name: data.draw(damaged_file(name, (whole / name).read_bytes())) for name in some}
    with replaced(whole, new):
        outcome(lambda: begin_with(whole))
        check_verified(whole)


@fuzzed
@given(data=st.data())
def test_any_environment_of_a_run(data: st.DataObject, whole: Path, tmp_path: Path) -> None:
    content = b'{"language_model": {"folder": "there", "weights_sha256": "ab"}}'
    environment = data.draw(damaged_file(run_files.ENVIRONMENT, content))

    def recorded() -> Path | None:
        facts = run_files.parse_environment(environment, "environment.json")
        return LanguageModelStart.recorded(tmp_path, facts)

    outcome(recorded)
