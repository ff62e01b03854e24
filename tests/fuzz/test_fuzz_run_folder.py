"""A whole run folder that comes from elsewhere: any of its files damaged, all hashes made right."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fuzz.array_files import safetensors
from fuzz.damage import any_bytes, any_json
from fuzz.examples import fuzzed
from fuzz.reading import check_verified, outcome, refusal
from fuzz.test_fuzz_recipe import ODD_LINES, ODD_TOML
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs import files as run_files
from hoiquy.runs.examples_of_run import examples_of
from hoiquy.runs.folder import Run, load_run
from hoiquy.system.checksummed_files import MANIFEST, read_manifest, write_checksummed
from hoiquy.workflows.train import train
from miniatures import miniature, random_dataset

JSON_FILES = (
    run_files.RESULT, run_files.COST, run_files.ENVIRONMENT, run_files.MISCLASSIFIED,
    run_files.DIAGNOSTICS, run_files.EXAMPLES,
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A complete run; nothing waits for the disk while it is damaged and mended."""
    with patch("os.fsync"):
        folder = tmp_path_factory.mktemp("whole") / "run"
        train(random_dataset(), miniature("bai3", "training.epochs=1"), folder)
        yield folder


@cache  # a strategy that was used before costs less
def damaged_file(name: str, content: bytes) -> SearchStrategy[bytes]:
    """Content of one of the files that is nearly right."""
    if name in JSON_FILES:
        return any_json(json.loads(content))
    if name == run_files.HISTORY:
        return st.lists(any_json(json.loads(content)), min_size=1, max_size=2).map(b"\n".join)
    if name == run_files.RECIPE:
        return st.one_of(_damaged_recipe(content.decode()), any_bytes(content))
    if name == run_files.WEIGHTS:
        length = int.from_bytes(content[:8], "little")
        header, arrays = json.loads(content[8 : 8 + length]), content[8 + length :]
        return st.one_of(
            st.builds(safetensors, any_json(header), st.just(arrays)), any_bytes(content)
        )
    return any_bytes(content)


@st.composite
def _damaged_recipe(draw: st.DrawFn, content: str) -> bytes:
    lines = content.splitlines()
    at = draw(st.integers(0, len(lines) - 1))
    key = lines[at].partition("=")[0]
    values = st.sampled_from([*ODD_TOML, "1000000", "4", "7"])
    lines[at] = draw(st.one_of(values.map(lambda odd: f"{key}= {odd}"), st.sampled_from(ODD_LINES)))
    return "\n".join(lines).encode("utf-8", "replace")


def read_everything(folder: Path) -> Run:
    run = load_run(folder)
    run.predictions(), run.weights(), run.environment(), run.cost(), run.summary()
    run.misclassified(), examples_of(run)
    for diagnostic in run.diagnostics():
        assert diagnostic.text("vi") and diagnostic.text("en")
    Predictor.from_run(run)
    return run


def check(folder: Path) -> None:
    """Read everything in a folder, one way and the other."""
    outcome(lambda: read_everything(folder))
    check_verified(folder)


@contextmanager
def replaced(folder: Path, new: dict[str, bytes]) -> Iterator[None]:
    """Files of a run with other contents and the hashes of these; afterwards as they were."""
    before = {name: (folder / name).read_bytes() for name in [*new, MANIFEST]}
    files = sorted(folder.iterdir())
    try:
        write_checksummed(folder, new)
        yield
        assert sorted(folder.iterdir()) == files
    finally:
        for name, content in before.items():
            (folder / name).write_bytes(content)


@fuzzed
@given(data=st.data())
def test_any_run_folder(data: st.DataObject, whole: Path) -> None:
    names = st.sampled_from(sorted(read_manifest(whole)))
    some = data.draw(st.lists(names, min_size=1, max_size=2, unique=True))
    new = {name: data.draw(damaged_file(name, (whole / name).read_bytes())) for name in some}
    with replaced(whole, new):
        check(whole)


@pytest.mark.parametrize("layer", [0, 2])
def test_a_recipe_that_claims_a_million_millions(layer: int, whole: Path) -> None:
    recipe = load_run(whole).recipe.with_settings([f"model.layers.{layer}.units=1000000000000"])
    with replaced(whole, run_files.recipe_file(recipe)):
        assert "expected at most" in refusal(lambda: read_everything(whole))
        check(whole)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes and links")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", [*run_files.REPEATABLE, MANIFEST])
@pytest.mark.parametrize("kind", ["pipe", "endless", "enormous"])
def test_what_is_no_file_is_not_read(kind: str, name: str, whole: Path) -> None:
    path = whole / name
    content = path.read_bytes()
    path.unlink()
    try:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "endless":
            path.symlink_to("/dev/zero")
        else:
            with path.open("wb") as file:
                file.truncate(10**12)  # takes no room on the disk
        assert str(path) in refusal(lambda: read_everything(whole))
        check(whole)
    finally:
        path.unlink()
        path.write_bytes(content)


def manifests() -> SearchStrategy[bytes]:
    good = {"sha256": {"recipe.toml": ["ab" * 32], "result.json": ["cd" * 32, "ef" * 32]}}
    return any_json(good)


@fuzzed
@given(content=manifests())
@example(content=json.dumps({"sha256": {"/dev/zero": ["ab"]}}).encode())
@example(content=json.dumps({"sha256": {"../../outside": ["ab"]}}).encode())
@example(content=json.dumps({"sha256": {"\ud800": ["ab"]}}).encode())
@example(content=json.dumps({"sha256": {"\0": ["ab"]}}).encode())
@example(content=json.dumps({"sha256": {"a\nb": ["ab"]}}).encode())
@example(content=json.dumps({"sha256": {"": ["ab"]}}).encode())
def test_any_manifest(content: bytes, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    (tmp_path / "recipe.toml").touch()
    hashes: Any = outcome(lambda: read_manifest(tmp_path))
    if isinstance(hashes, dict):
        assert all((tmp_path / name).parent == tmp_path for name in hashes)
    check(tmp_path)
