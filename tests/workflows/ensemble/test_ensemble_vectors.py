"""The networks of an ensemble start from word vectors, also when it is resumed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import hoiquy
from hoiquy.errors import InputError, RunError, StoppedError
from hoiquy.events import EnsembleStep, Event, VectorsRead
from hoiquy.prediction.load import load_predictor
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.files import VECTORS
from hoiquy.runs.folder import load_environment_of
from hoiquy.workflows.ensemble.plan import load_plan
from hoiquy.workflows.ensemble.retraining import member_folders
from hoiquy.workflows.train import resume
from hoiquy.workflows.verify import retrain
from own_tables import rows, write_csv
from small_ensembles import ensemble_bits, small_ensemble
from vector_files import random_vectors, text

STILL = {"training.learning_rate": 1e-12}  # the embedding stays what it began with


def vectors_of(texts: list[str], place: Path, seed: int = 0) -> Path:
    words = sorted({word for text in texts for word in text.lower().split()})
    place.write_bytes(text(random_vectors(words, 11, seed)))
    return place


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "phim.csv", rows(20))


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    return vectors_of([text for text, _ in rows(20)], tmp_path / "words.vec")


def test_every_network_starts_from_them(tmp_path: Path, table: Path, vectors: Path) -> None:
    events: list[Event] = []
    run = small_ensemble(
        tmp_path / "run", table, events.append, vectors=vectors, settings=STILL, minutes=1
    )
    notes = [event for event in events if isinstance(event, VectorsRead)]
    assert len(notes) == 2  # read once for all folds
    networks = [path for path in member_folders(run.folder) if path.name != "linear"]
    assert networks
    for folder in networks:
        network = load_predictor(folder)
        assert isinstance(network, Predictor)
        assert network.recipe.model.layers[0].model_dump()["units"] == 11
        rows_of = network.model.parameters["embedding/embeddings"]
        assert np.abs(rows_of).max() > 1  # random ones are within 0.05
        assert load_environment_of(folder)[VECTORS]["file"] == str(vectors)
    assert retrain(run.folder) == []


def test_an_interrupted_ensemble_needs_the_same_file(
    tmp_path: Path, table: Path, vectors: Path
) -> None:
    whole = small_ensemble(tmp_path / "whole", table, vectors=vectors)
    with pytest.raises(StoppedError):
        small_ensemble(tmp_path / "run", table, stop_after("linear"), vectors=vectors)
    kept = vectors.read_bytes()
    vectors_of(["none of these words"], vectors)
    with pytest.raises(RunError, match="changed since"):
        resume(tmp_path / "run", quiet=True)
    vectors.unlink()
    with pytest.raises(RunError, match="started from vectors"):
        resume(tmp_path / "run", quiet=True)
    vectors.write_bytes(kept)
    resumed = resume(tmp_path / "run", quiet=True)
    assert load_plan(resumed.folder).models == load_plan(whole.folder).models
    assert ensemble_bits(resumed.folder) == ensemble_bits(whole.folder)


def test_a_small_classifier_has_no_vectors(tmp_path: Path, table: Path, vectors: Path) -> None:
    with pytest.raises(InputError, match="small trains no network"):
        hoiquy.train(table, "auto", tmp_path / "run", vectors=vectors, small=True)
    assert not (tmp_path / "run").exists()


def stop_after(model: str) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        if isinstance(event, EnsembleStep) and event.model == model:
            raise StoppedError("stopped", 130)

    return listen
