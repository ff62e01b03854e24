"""A flipped byte anywhere in a run folder: a clear error or a right recovery, nothing wrong."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hoiquy.data.dataset import Dataset
from hoiquy.errors import HoiquyError
from hoiquy.events import Event, StepFinished
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.examples_of_run import examples_of
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import Run, load_run
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import verify
from miniatures import miniature, random_dataset

PLACES = int(os.environ.get("HOIQUY_FLIPS", "3"))  # in each file; `make test-all` has more
RECIPE = miniature("bai3", "training.batch_size=32", "training.early_stopping.restore_best=true")


class Stopped(BaseException):
    pass


def stop_before_the_end(event: Event) -> None:
    if isinstance(event, StepFinished) and (event.epoch, event.step) == (2, 4):
        raise Stopped


@pytest.fixture(scope="module")
def data() -> Dataset:
    return random_dataset()


@pytest.fixture(scope="module")
def complete(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(data, RECIPE, tmp_path_factory.mktemp("complete") / "run")


@pytest.fixture(scope="module")
def interrupted(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interrupted") / "run"
    with pytest.raises(Stopped):
        train(data, RECIPE, folder, on_event=stop_before_the_end, checkpoint_seconds=0)
    return folder


def flip(path: Path, rng: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    content[rng.integers(len(content))] ^= int(rng.integers(1, 256))
    path.write_bytes(content)


def outcomes(folder: Path, place: Path, act: Callable[[Path], None]) -> dict[str, list[str]]:
    """Flip a byte of each file, PLACES times, and act; the errors by file, "" for none."""
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        rng = np.random.default_rng([len(str(name)), PLACES])
        for _ in range(PLACES):
            copy = place / "copy"
            shutil.copytree(folder, copy)
            flip(copy / name, rng)
            said = ""
            try:
                act(copy)
            except HoiquyError as error:
                said = str(error)
                assert len(said.splitlines()) == 1
            found.setdefault(str(name), []).append(said)
            shutil.rmtree(copy)
    return found


def test_a_complete_run_is_read_right_or_not_at_all(complete: Run, tmp_path: Path) -> None:
    weights, predictions = complete.weights(), complete.predictions()
    words, examples = Predictor.from_run(complete).vocabulary.words, examples_of(complete)

    def read(folder: Path) -> None:
        problems = verify(folder)[1]
        run = load_run(folder)
        assert (run.recipe, run.result, run.history) == (
            complete.recipe, complete.result, complete.history,
        )  # fmt: skip
        assert (run.environment(), run.cost(), run.summary()) == (
            complete.environment(), complete.cost(), complete.summary(),
        )  # fmt: skip
        assert (run.misclassified(), run.diagnostics()) == (
            complete.misclassified(),
            complete.diagnostics(),
        )
        assert examples_of(run) == examples
        for name, array in run.weights().items():
            np.testing.assert_array_equal(array, weights[name])
        np.testing.assert_array_equal(run.predictions().probabilities, predictions.probabilities)
        assert Predictor.from_run(run).vocabulary.words == words
        assert not problems

    found = outcomes(complete.folder, tmp_path, read)
    for name, errors in found.items():
        if name != "manifest.json":  # there, white space may change
            assert all(name in error for error in errors), name
    assert sum(map(bool, found["manifest.json"])) > PLACES / 2


def test_an_interrupted_run_goes_on_right_or_not_at_all(
    complete: Run, interrupted: Path, data: Dataset, tmp_path: Path
) -> None:
    whole = {name: (complete.folder / name).read_bytes() for name in REPEATABLE}

    def go_on(folder: Path) -> None:
        resume(folder, data=data)
        assert {name: (folder / name).read_bytes() for name in REPEATABLE} == whole
        assert verify(folder)[1] == []

    found = outcomes(interrupted, tmp_path, go_on)
    recovered = {name for name, errors in found.items() if not any(errors)}
    checkpoints = {name for name in found if name.startswith("checkpoint/")}
    assert len(checkpoints) == 4
    assert recovered >= checkpoints | {"weights.safetensors", "vocabulary.txt", "summary.txt"}
