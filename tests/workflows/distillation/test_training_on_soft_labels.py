"""A training on soft-labelled documents besides the labelled ones."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from example_run import error_line
from hoiquy.callbacks.doctor import Doctor
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import InputError, RecipeError, RunError
from hoiquy.events import Event, StepFinished
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import load_run
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.system.json_files import as_json
from hoiquy.text import Vocabulary
from hoiquy.training.class_weights import class_weights
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared, SoftLabelledDocuments
from hoiquy.training.loop import fit
from hoiquy.training.time_budget import TimeBudget, fitting_recipe
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.distillation.pseudo_label import pseudo_label
from hoiquy.workflows.distillation.soft_labels import SoftLabels, dump_soft_labels
from hoiquy.workflows.plan import PlannedRun, run_plan
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.transfer import Transfer
from hoiquy.workflows.verify import retrain, verify
from miniatures import miniature
from soft_label_reviews import labelled, reviews, small, teacher, unlabelled

STEPS = 5  # an epoch: 99 labelled and 70 soft-labelled documents in batches of 40


@pytest.fixture(scope="module")
def soft_labels(tmp_path_factory: pytest.TempPathFactory) -> SoftLabels:
    place = tmp_path_factory.mktemp("soft_labels")
    run = teacher(place / "t0")
    return pseudo_label([unlabelled()], [run, "nb-svm"], place / "soft_labels", data=labelled())


def soft_documents(count: int = 70) -> SoftLabelledDocuments:
    of_pos = np.random.default_rng(5).random(count).astype(np.float32)
    return SoftLabelledDocuments(unlabelled(count), np.column_stack([1 - of_pos, of_pos]))


def tokens(prepared: Prepared, row: int) -> list[int]:
    return [int(n) for n in prepared.train.indices(np.array([row]))[0]]


def test_soft_labelled_documents_follow_the_labelled_ones() -> None:
    recipe, data, soft_labelled = small(), labelled(), soft_documents()
    prepared, plain = prepare(recipe, data, soft_labelled=soft_labelled), prepare(recipe, data)
    assert (len(prepared.train), prepared.soft_labelled) == (99 + 70, 70)
    every = Vocabulary.build([*data.train.texts, *soft_labelled.texts], 60)
    assert prepared.vocabulary.words == every.words
    targets = prepared.train.targets(np.arange(169))
    np.testing.assert_array_equal(targets[:99], plain.train.targets(np.arange(99)))
    np.testing.assert_array_equal(targets[99:], soft_labelled.probabilities)
    np.testing.assert_array_equal(prepared.train.labels, targets.argmax(axis=1))
    for row, text in (
        (0, data.train.texts[0]),
        (98, data.train.texts[98]),
        (168, soft_labelled.texts[69]),
    ):
        assert tokens(prepared, row)[-3:] == every.encode(text)[-3:].tolist()
    part = prepared.train.part(97, 103)
    np.testing.assert_array_equal(part.targets(np.arange(6)), targets[97:103])
    assert len(prepared.validation) == 11 and prepared.validation.soft is None
    assert prepared.test.soft is None


def test_without_soft_labelled_documents_it_is_as_before() -> None:
    recipe = small()
    left = prepare(recipe, labelled(), soft_labelled=soft_documents()).labelled()
    plain = prepare(recipe, labelled())
    assert plain.labelled() is plain
    assert (len(left.train), left.soft_labelled) == (99, 0)
    np.testing.assert_array_equal(left.train.labels, plain.train.labels)
    np.testing.assert_array_equal(left.train.lengths, plain.train.lengths)


def test_a_vocabulary_that_is_there_already_is_kept() -> None:
    known = prepare(small(), labelled()).vocabulary
    found = prepare(small(), labelled(), vocabulary=known, soft_labelled=soft_documents())
    assert found.vocabulary is known and len(found.train) == 169


def test_class_weights_are_those_of_the_labelled_documents() -> None:
    recipe, one_sided = (
        small("training.class_weight=balanced"),
        np.tile(np.float32([1, 0]), (70, 1)),
    )
    soft_labelled = SoftLabelledDocuments(unlabelled(), one_sided)
    prepared, plain = (
        prepare(recipe, labelled(), soft_labelled=soft_labelled),
        prepare(recipe, labelled()),
    )
    weights, wanted = class_weights(recipe, prepared), class_weights(recipe, plain)
    assert weights is not None and wanted is not None
    np.testing.assert_array_equal(weights, wanted)


def test_certain_teachers_give_the_very_bits_of_labels() -> None:
    """One-hot probabilities are what a label is."""
    texts, labels = reviews(70, seed=7)
    data = replace(labelled(), validation=Documents(*reviews(15, seed=8)))
    both = Documents(
        [*data.train.texts, *texts], np.concatenate([data.train.labels, labels]).astype(np.int32)
    )
    soft_labelled = SoftLabelledDocuments(texts, np.eye(2, dtype=np.float32)[labels])
    recipe = small()
    one = fit(recipe, prepare(recipe, data, soft_labelled=soft_labelled))
    other = fit(recipe, prepare(recipe, replace(data, train=both)))
    assert one.history == other.history
    for name, array in one.parameters.items():
        np.testing.assert_array_equal(array, other.parameters[name])


def test_the_run_records_its_soft_labels(soft_labels: SoftLabels, tmp_path: Path) -> None:
    with patch.object(Doctor, "examining", wraps=Doctor.examining) as examining:
        run = train(labelled(), small(), tmp_path / "student", soft_labels=soft_labels.folder)
    examined = examining.call_args.args[2]
    assert (len(examined.train), examined.soft_labelled) == (99, 0)
    result = run.result
    assert (result.train_documents, result.soft_labelled_documents) == (99, 70)
    assert (result.validation_documents, result.test_documents) == (11, 20)
    assert run.environment()["soft_labels"] == {
        "folder": str(soft_labels.folder),
        "soft_labels_sha256": soft_labels.soft_labels_sha256(),
    }
    assert verify(run.folder)[1] == []
    plain = train(labelled(), small(), tmp_path / "plain")
    assert "soft_labels" not in plain.environment() and plain.result.soft_labelled_documents == 0
    assert plain.weights().keys() == run.weights().keys()


def test_training_again_finds_a_result_that_was_changed(tmp_path: Path) -> None:
    run = train(labelled(), small("training.epochs=1"), tmp_path / "run")
    result = json.loads((run.folder / "result.json").read_bytes())
    write_checksummed(run.folder, {"result.json": as_json(result | {"seed": 9})})
    assert retrain(run.folder, labelled()) == ["result.json"]


def bits(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPEATABLE}


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def stop_at(step: int) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        if isinstance(event, StepFinished) and (event.epoch - 1) * STEPS + event.step == step:
            raise Stopped

    return listen


def test_stopped_anywhere_and_on_any_threads_it_ends_in_the_same_bits(
    soft_labels: SoftLabels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The soft labels are needed again, and must be unchanged."""
    place = tmp_path / "soft_labels"
    shutil.copytree(soft_labels.folder, place)
    monkeypatch.setenv("HOIQUY_THREADS", "1")
    whole = bits(train(labelled(), small(), tmp_path / "whole", soft_labels=place).folder)
    monkeypatch.setenv("HOIQUY_THREADS", "2")
    for step in (1, 4, STEPS, STEPS + 1, 2 * STEPS - 1):
        folder = tmp_path / str(step)
        with pytest.raises(Stopped):
            train(
                labelled(), small(), folder, soft_labels=place, on_event=stop_at(step),
                checkpoint_seconds=0,
            )  # fmt: skip
        assert bool(checkpoint_numbers(folder)) == (step > 1)
        if step == 4:
            place.rename(tmp_path / "moved")
            line = error_line(lambda: resume(tmp_path / "4", data=labelled()))
            assert (
                "was started from soft labels: there are no soft labels" in line
                and "put it back" in line
            )
            (tmp_path / "moved").rename(place)
        assert bits(resume(folder, data=labelled()).folder) == whole


def change_soft_labels(place: Path) -> None:
    documents = SoftLabelStart.load(place).documents
    other = replace(documents, probabilities=documents.probabilities[::-1].copy())
    write_checksummed(place, {"soft_labels.parquet": dump_soft_labels(other, ["neg", "pos"])})


def test_training_again_needs_the_same_soft_labels(soft_labels: SoftLabels, tmp_path: Path) -> None:
    data, place = labelled(), tmp_path / "soft_labels"
    shutil.copytree(soft_labels.folder, place)
    run = train(data, small(), tmp_path / "run", soft_labels=place)
    assert retrain(run.folder, data) == []
    change_soft_labels(place)
    for act in (lambda: retrain(run.folder, data), lambda: go_on(run.folder, tmp_path / "on")):
        line = error_line(act)
        assert "changed since: sha256" in line and "put it back, or train again" in line


def go_on(done: Path, copy: Path) -> None:
    shutil.copytree(done, copy)
    result = json.loads((copy / "result.json").read_bytes()) | {"status": "interrupted"}
    write_checksummed(copy, {"result.json": json.dumps(result).encode()})
    resume(copy, data=labelled())


def other_classes(data: Dataset) -> Dataset:
    return replace(data, classes=("bad", "good"))


def other_texts(data: Dataset) -> Dataset:
    return labelled(seed=2)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (other_classes, "have the classes neg, pos, but invented has bad, good: make some with"),
        (other_texts, r"were trained on other data, invented \([0-9a-f]{12}\), not on invented \("),
    ],
)
def test_soft_labels_of_other_data_are_refused(
    change: Callable[[Dataset], Dataset], problem: str, soft_labels: SoftLabels, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=problem):
        train(change(labelled()), small(), tmp_path / "run", soft_labels=soft_labels.folder)
    run = train(
        labelled(), small(), tmp_path / "run", soft_labels=soft_labels.folder
    )  # the same --out does
    assert run.result.soft_labelled_documents == 70


@pytest.mark.parametrize("fraction", ["0.2", "0.5", "0.013"])
def test_other_validation_documents_are_refused_with_the_value_to_set(
    fraction: str, soft_labels: SoftLabels, tmp_path: Path
) -> None:
    recipe = small(f"data.validation_fraction={fraction}")
    with pytest.raises(RecipeError, match=r"11: set data.validation_fraction=0.1$") as caught:
        train(labelled(), recipe, tmp_path / "run", soft_labels=soft_labels.folder)
    setting = str(caught.value).rpartition("set ")[2]
    train(
        labelled(),
        recipe.with_settings([setting]),
        tmp_path / "run",
        soft_labels=soft_labels.folder,
    )


def test_what_are_no_soft_labels_is_refused(soft_labels: SoftLabels, tmp_path: Path) -> None:
    def refused(**said: Any) -> str:
        return error_line(lambda: train(labelled(), small(), tmp_path / "run", **said))

    assert "there are no soft labels" in refused(soft_labels=tmp_path / "none")
    assert "has no soft labels: expected a folder of hoiquy pseudo-label" in refused(
        soft_labels=tmp_path
    )
    with pytest.raises(InputError, match="soft_labels needs hoiquy's own engine"):
        train(labelled(), small(), tmp_path / "run", engine="keras", soft_labels=soft_labels.folder)
    assert not (tmp_path / "run").exists()


def test_a_run_whose_environment_is_damaged_says_so(tmp_path: Path) -> None:
    for facts in ({}, [], {"folder": "there"}, 3):
        with pytest.raises(RunError, match="its environment names no soft labels"):
            SoftLabelStart.of_run(tmp_path, {"soft_labels": facts})
    assert SoftLabelStart.of_run(tmp_path, {}) is None


def test_a_plan_is_not_continued_without_the_soft_labels(
    soft_labels: SoftLabels, tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        train(
            labelled(), small(), tmp_path / "run", soft_labels=soft_labels.folder,
            on_event=stop_at(4), checkpoint_seconds=0,
        )  # fmt: skip
    plan = [PlannedRun(small(), tmp_path / "run")]
    line = error_line(lambda: run_plan(plan, labelled()))
    assert "is trained on soft labels as well: resume with hoiquy resume" in line


def test_a_limit_of_time_does_not_validate_on_other_documents(soft_labels: SoftLabels) -> None:
    choice = RecipeChoice(
        "auto", {"data.validation_fraction": 0.3}, TimeBudget(600),
        Transfer.load(None, soft_labels.folder),
    )  # fmt: skip
    with pytest.raises(RecipeError, match=r"set data\.validation_fraction=0\.1$"):
        choice.encoded(labelled())


def test_a_limit_of_time_counts_the_soft_labelled_documents(soft_labels: SoftLabels) -> None:
    soft_labelled, budget = soft_documents(), TimeBudget(600)
    transfer = Transfer.load(None, soft_labels.folder)
    recipe, prepared = RecipeChoice(small(), (), budget, transfer).encoded(labelled())
    assert (prepared.soft_labelled, len(prepared.train)) == (70, 169)
    _, prepared = fitting_recipe(
        [recipe], prepare(recipe, labelled(), soft_labelled=soft_labelled), budget
    )
    assert (prepared.soft_labelled, len(prepared.train)) == (70, 169)


def test_ngrams_and_adversaries_learn_from_soft_labels_too(tmp_path: Path) -> None:
    """An n-gram of the soft-labelled texts alone is known, and the run can be read."""
    run = teacher(tmp_path / "t0")
    texts = [f"{text} vixo lupi" for text in unlabelled()]
    soft_labels = pseudo_label([texts], [run], tmp_path / "soft_labels", data=labelled())
    recipe = miniature(
        "strong", "training.epochs=1", "text.ngram_min_count=2", "data.validation_fraction=0.1"
    )
    student = train(labelled(), recipe, tmp_path / "student", soft_labels=soft_labels.folder)
    assert "vixo lupi" in (student.folder / "ngrams.txt").read_text()
    assert verify(student.folder)[1] == []


def test_a_student_may_be_a_teacher(soft_labels: SoftLabels, tmp_path: Path) -> None:
    student = train(labelled(), small(), tmp_path / "student", soft_labels=soft_labels.folder)
    again = pseudo_label([unlabelled()], [student], tmp_path / "second", data=labelled())
    assert len(again.documents()) == 70
    assert load_run(student.folder).result.soft_labelled_documents == 70
