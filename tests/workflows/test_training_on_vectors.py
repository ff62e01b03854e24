"""A training whose embedding begins with word vectors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from example_run import error_line
from hoiquy.errors import DataError, HoiquyError, InputError, RecipeError, RunError
from hoiquy.events import Event, StepFinished, VectorsRead
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import REPEATABLE
from hoiquy.system.checksummed_files import sha256
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.state import TrainingState
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.distillation.pseudo_label import pseudo_label
from hoiquy.workflows.encode import encode
from hoiquy.workflows.plan import PlannedRun, run_plan
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.transfer import Transfer
from hoiquy.workflows.verify import retrain, verify
from hoiquy.workflows.word_vectors import VectorStart, running_share
from miniatures import WORDS, miniature
from soft_label_reviews import labelled, small, teacher, unlabelled
from vector_files import FastTextModel, binary, random_vectors, text

KNOWN = [*WORDS[15:40], "bo", "of-another-text"]
VECTORS = random_vectors(KNOWN, 7)
STEPS = 3  # an epoch: 99 documents in batches of 40


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    place = tmp_path / "words.vec"
    place.write_bytes(text(VECTORS))
    return place


def begun(recipe: Recipe, place: Path | None) -> tuple[Recipe, Prepared, Model]:
    """The model before its first step."""
    transfer = Transfer.load(None, None, place)
    recipe = transfer.adapted(recipe)
    prepared = transfer.prepare(recipe, labelled())
    model = TrainingState.initial(recipe, prepared).model
    transfer.initialise(recipe, model, prepared)
    return recipe, prepared, model


@pytest.mark.parametrize("name", ["bai3", "bai5", "fast", "strong"])
def test_the_embedding_begins_with_the_vectors(name: str, vectors: Path) -> None:
    recipe = miniature(name, "text.num_words=60")
    recipe, prepared, model = begun(recipe, vectors)
    assert recipe.model.layers[0].model_dump()["units"] == 7
    plain = begun(recipe, None)[2].parameters
    rows, before = model.parameters["embedding/embeddings"], plain["embedding/embeddings"]
    assert prepared.vectors is not None
    found = np.zeros(len(rows), bool)
    for index, word in enumerate(prepared.vocabulary.known_words, 4):
        if word in VECTORS:
            found[index] = True
            assert np.array_equal(rows[index], VECTORS[word])
    assert 10 < found.sum() < len(KNOWN)
    np.testing.assert_allclose(rows[~found] / before[~found], (rows / before)[0, 0], rtol=1e-5)
    norms = np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(norms[~found].mean(), norms[found].mean(), rtol=1e-5)
    for key in plain.keys() - {"embedding/embeddings"}:
        assert np.array_equal(model.parameters[key], plain[key])


def test_rows_of_zeros_stay_zeros(vectors: Path) -> None:
    model = begun(small("model.layers.0.initial_limit=0"), vectors)[2]
    rows = model.parameters["embedding/embeddings"]
    assert 0 < (~rows.any(axis=1)).sum() < len(rows)
    assert np.isfinite(rows).all()


def test_the_share_counts_a_word_as_often_as_it_occurs(vectors: Path) -> None:
    _, prepared, _ = begun(small("text.num_words=20"), vectors)
    texts = labelled().train.texts[:99]  # without the validation documents
    running = [word for line in texts for word in line.split()]
    known = prepared.vocabulary.known_words
    assert len(known) == 16
    expected = sum(word in VECTORS and word in known for word in running) / len(running)
    assert prepared.vectors is not None
    assert running_share(prepared, prepared.vectors.listed) == pytest.approx(expected)


def test_it_is_reported_and_recorded(vectors: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    run = train(labelled(), small(), tmp_path / "run", vectors=vectors, on_event=events.append)
    lines = [event.line for event in events if isinstance(event, VectorsRead)]
    recorded = run.environment()["vectors"]
    share = recorded.pop("running_words_found")
    found = recorded.pop("found")
    assert lines == [
        "words.vec: word2vec text, 7 numbers a word, which are the units of the embedding",
        f"words.vec: {found} of 56 words found ({share:.1%} of the running words)",
    ]
    assert recorded == {
        "file": str(vectors.resolve()), "sha256": sha256(vectors.read_bytes()),
        "format": "word2vec text", "dimension": 7, "words": 56, "from_ngrams": 0,
    }  # fmt: skip
    assert run.recipe.model.layers[0].model_dump()["units"] == 7
    assert verify(run.folder).problems == []
    assert run.predict(["bo ba"])
    plain = train(labelled(), small(), tmp_path / "plain")
    assert "vectors" not in plain.environment()


def test_ngrams_give_vectors_to_the_other_words(tmp_path: Path) -> None:
    place = tmp_path / "model.bin"
    model = FastTextModel(["bo", "pe"], dimension=7)
    place.write_bytes(model.content())
    events: list[Event] = []
    run = train(
        labelled(), small("training.epochs=1"), tmp_path / "run", vectors=place,
        on_event=events.append,
    )  # fmt: skip
    line = [event.line for event in events if isinstance(event, VectorsRead)][-1]
    assert line.startswith("model.bin: 2 of 56 words found (")
    assert line.endswith("; 54 more from their character n-grams")
    assert run.environment()["vectors"]["from_ngrams"] == 54
    _, prepared, start = begun(small(), place)
    rows = start.parameters["embedding/embeddings"]
    for index, word in enumerate(prepared.vocabulary.known_words, 4):
        assert np.array_equal(rows[index], model.vector(word))


def test_the_single_network_auto_keeps_the_dimension_at_any_size(vectors: Path) -> None:
    transfer = Transfer.load(None, None, vectors)
    for budget in (None, TimeBudget(6.0)):
        choice = RecipeChoice("auto", {"training.epochs": 1}, budget, transfer)
        recipe, prepared = choice.encoded(labelled())
        assert recipe.model.layers[0].model_dump()["units"] == 7
        assert prepared.vectors is not None


def bits(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPEATABLE}


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def stop_at(step: int) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        if isinstance(event, StepFinished) and (event.epoch - 1) * STEPS + event.step == step:
            raise Stopped

    return listen


def stopped(vectors: Path, folder: Path, step: int) -> Path:
    with pytest.raises(Stopped):
        train(
            labelled(), small(), folder, vectors=vectors, on_event=stop_at(step),
            checkpoint_seconds=0,
        )  # fmt: skip
    assert bool(checkpoint_numbers(folder)) == (step > 1)
    return folder


def test_stopped_anywhere_it_ends_in_the_same_bits(vectors: Path, tmp_path: Path) -> None:
    whole = bits(train(labelled(), small(), tmp_path / "whole", vectors=vectors).folder)
    for step in (1, 2, STEPS, STEPS + 1):
        folder = stopped(vectors, tmp_path / str(step), step)
        if step > 1:  # with a checkpoint, the file is not needed
            vectors.rename(tmp_path / "moved")
        assert bits(resume(folder, data=labelled()).folder) == whole
        if step > 1:
            (tmp_path / "moved").rename(vectors)


def test_before_the_first_checkpoint_the_same_file_is_needed(vectors: Path, tmp_path: Path) -> None:
    folder = stopped(vectors, tmp_path / "run", 1)
    content = vectors.read_bytes()
    vectors.write_bytes(content + b"\n")
    line = error_line(lambda: resume(folder, data=labelled()))
    assert "was started from vectors" in line and "changed since: sha256" in line
    vectors.unlink()
    line = error_line(lambda: resume(folder, data=labelled()))
    assert "no such file" in line and "put it back" in line
    vectors.write_bytes(content)
    assert resume(folder, data=labelled()).result.status == "complete"


def test_training_again_needs_the_same_file(vectors: Path, tmp_path: Path) -> None:
    run = train(labelled(), small(), tmp_path / "run", vectors=vectors)
    assert retrain(run.folder, labelled()) == []
    vectors.write_bytes(text(random_vectors(KNOWN, 7, seed=1)))
    line = error_line(lambda: retrain(run.folder, labelled()))
    assert "changed since: sha256" in line and "put it back, or train again" in line
    vectors.unlink()
    assert "no such file" in error_line(lambda: retrain(run.folder, labelled()))
    assert verify(run.folder).problems == []  # which does not need it


def test_a_plan_does_not_resume_without_the_vectors(vectors: Path, tmp_path: Path) -> None:
    adapted = Transfer.load(None, None, vectors).adapted(small())
    folder = stopped(vectors, tmp_path / "run", 2)
    line = error_line(lambda: run_plan([PlannedRun(adapted, folder)], labelled()))
    assert line == f"{folder} began with word vectors: resume with hoiquy resume {folder}"


def test_a_token_store_can_have_vectors(vectors: Path, tmp_path: Path) -> None:
    encode(labelled(), small(), tmp_path / "store")
    run = train(tmp_path / "store", small(), tmp_path / "run", vectors=vectors)
    recorded = run.environment()["vectors"]
    plain = train(labelled(), small(), tmp_path / "plain", vectors=vectors)
    assert recorded == plain.environment()["vectors"]
    assert retrain(run.folder) == []
    one, other = run.weights(), plain.weights()
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_soft_labels_can_be_combined_with_vectors(vectors: Path, tmp_path: Path) -> None:
    teachers = [teacher(tmp_path / "teacher"), "nb-svm"]
    soft = pseudo_label([unlabelled()], teachers, tmp_path / "soft", data=labelled()).folder
    run = train(labelled(), small(), tmp_path / "run", vectors=vectors, soft_labels=soft)
    assert {"vectors", "soft_labels"} < run.environment().keys()
    assert run.result.soft_labelled_documents == 70
    assert retrain(run.folder, labelled()) == []


@pytest.mark.parametrize(
    ("recipe", "problem"),
    [
        (miniature("bai1"), "bai1: word vectors need an embedding as the first layer"),
        (miniature("bai2"), "but it is simple_rnn: choose another recipe, such as fast"),
    ],
)
def test_recipes_without_an_embedding_are_refused(
    recipe: Recipe, problem: str, vectors: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    line = error_line(lambda: train(labelled(), recipe, out, vectors=vectors), RecipeError)
    assert problem in line
    assert not out.exists()


def refused(tmp_path: Path, kind: type[HoiquyError], **options: Any) -> str:
    return error_line(lambda: train(labelled(), small(), tmp_path / "run", **options), kind)


def test_other_engines_and_starts_are_refused(vectors: Path, tmp_path: Path) -> None:
    line = refused(tmp_path, InputError, vectors=vectors, engine="keras")
    assert line == "vectors needs hoiquy's own engine; engine is 'keras'"
    line = refused(tmp_path, InputError, vectors=vectors, language_model=tmp_path / "lm")
    assert "both set the first weights of the embedding: pass one of them" in line


def test_files_that_do_not_help_are_refused(vectors: Path, tmp_path: Path) -> None:
    vectors.write_bytes(binary(random_vectors(["of", "another", "language"], 7)))
    line = refused(tmp_path, DataError, vectors=vectors)
    assert "none of the 56 words of the training texts are in it, such as 'bo'" in line
    vectors.write_bytes(b"bo 1 2\npe nan 1\n")
    assert "line 2: 'nan'" in refused(tmp_path, DataError, vectors=vectors)
    assert "no such file" in refused(tmp_path, DataError, vectors=tmp_path / "none")


@pytest.mark.parametrize("recorded", [{"file": 3}, [], {"file": "x", "sha256": "0"}])
def test_a_damaged_record_is_refused(recorded: Any, tmp_path: Path) -> None:
    with pytest.raises(RunError):
        VectorStart.recorded(tmp_path, {"vectors": recorded})
