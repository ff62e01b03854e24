"""What teachers say of texts is kept whole or not at all, the same on any number of threads."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq
import pytest

from example_run import error_line
from hoiquy.comparison.baselines.nb_svm import NbSvm
from hoiquy.comparison.baselines.tokens import Tokens
from hoiquy.comparison.collection import run_folders
from hoiquy.data.dataset import Documents
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import Event
from hoiquy.nn.losses import log_probabilities
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.folder import load_run
from hoiquy.server.run_discovery import find_runs
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.training.stacking import combined
from hoiquy.workflows.distillation.pseudo_label import pseudo_label
from hoiquy.workflows.distillation.soft_labels import SoftLabels, dump_soft_labels, load_soft_labels
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import verify
from soft_label_reviews import CLASSES, labelled, reviews, small, teacher, unlabelled


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return teacher(tmp_path_factory.mktemp("teacher") / "t0").folder


@pytest.fixture(scope="module")
def soft_labels(run: Path, tmp_path_factory: pytest.TempPathFactory) -> SoftLabels:
    out = tmp_path_factory.mktemp("soft_labels") / "soft_labels"
    return pseudo_label([unlabelled()], [run, "nb-svm"], out, data=labelled())


def test_the_probabilities_are_those_of_the_weighted_teachers(
    soft_labels: SoftLabels, run: Path
) -> None:
    """NB-SVM has learnt from the 99 documents that the run has learnt from."""
    data, texts = labelled(), unlabelled()
    svm = NbSvm(2, Tokens())
    svm.fit(data.train.texts[:99], data.train.labels[:99])
    answers = [load_predictor(run).predict_proba(texts), svm.probabilities(texts)]
    weights = [one.weight for one in soft_labels.facts.teachers]
    assert min(weights) >= 0 and max(weights) > 0.1
    plain = combined([log_probabilities(one) for one in answers], weights)
    documents = soft_labels.documents()
    found = documents.probabilities
    np.testing.assert_allclose(found.mean(axis=0), plain.mean(axis=0), atol=1e-5)
    unsure = int(found.max(axis=1).argmin())
    cubes = plain**3 * (found / plain**3)[unsure]  # a factor for each class
    np.testing.assert_allclose(found, cubes / cubes.sum(axis=1, keepdims=True), atol=1e-5)
    assert soft_labels.facts.sharpness == 3
    assert list(documents.texts) == texts
    labels = reviews(70, seed=7)[1]
    assert (documents.probabilities.argmax(axis=1) == labels).mean() > 0.6


def test_a_sharpness_of_one_keeps_the_teachers_probabilities(run: Path, tmp_path: Path) -> None:
    soft_labels = pseudo_label(
        [unlabelled()], [run], tmp_path / "l", data=labelled(), sharpness=1.0
    )
    answers = log_probabilities(load_predictor(run).predict_proba(unlabelled()))
    plain = combined([answers], [soft_labels.facts.teachers[0].weight]).astype(np.float32)
    np.testing.assert_array_equal(soft_labels.documents().probabilities, plain)


@pytest.mark.parametrize("sharpness", [0.0, -1.0, float("nan"), float("inf")])
def test_a_sharpness_that_is_none_is_refused_at_once(run: Path, sharpness: float) -> None:
    with pytest.raises(InputError, match=r"sharpness = .*above 0"):
        pseudo_label([unlabelled()], [run], run / "l", data=labelled(), sharpness=sharpness)


def test_nb_svm_learns_from_confident_soft_labels_of_the_first_run(
    soft_labels: SoftLabels, tmp_path: Path
) -> None:
    sure = 0.5 + 0.23 * (np.arange(70) % 3)  # 0.5, 0.73, 0.96
    new = dump_soft_labels(
        SoftLabelledDocuments(unlabelled(), np.column_stack([sure, 1 - sure])), CLASSES
    )
    shutil.copytree(soft_labels.folder, tmp_path / "soft_labels")
    write_checksummed(tmp_path / "soft_labels", {"soft_labels.parquet": new})
    recipe = small("training.epochs=1")
    student = train(labelled(), recipe, tmp_path / "t1", soft_labels=tmp_path / "soft_labels")
    texts = ["bo pe", "pe", "bo bo an"]
    found = pseudo_label(
        [texts], [student, "nb-svm"], tmp_path / "second", data=labelled(), sharpness=1.0
    )

    train_part, svm = labelled().train, NbSvm(2, Tokens())
    chosen = [text for text, p in zip(unlabelled(), sure, strict=True) if p > 0.9]
    assert len(chosen) == 23
    labels = np.append(train_part.labels[:99], np.zeros(23, np.int32))
    svm.fit([*train_part.texts[:99], *chosen], labels)
    answers = [load_predictor(student.folder).predict_proba(texts), svm.probabilities(texts)]
    weights = [one.weight for one in found.facts.teachers]
    wanted = combined([log_probabilities(one) for one in answers], weights).astype(np.float32)
    np.testing.assert_array_equal(found.documents().probabilities, wanted)
    assert weights[1] > 0.1

    shutil.rmtree(tmp_path / "soft_labels")  # only NB-SVM needs it
    pseudo_label([texts], [student], tmp_path / "third", data=labelled())
    with pytest.raises(RunError, match="put it back"):
        pseudo_label([texts], [student, "nb-svm"], tmp_path / "fourth", data=labelled())


def test_the_folder_says_where_it_comes_from(soft_labels: SoftLabels, run: Path) -> None:
    facts = json.loads((soft_labels.folder / "soft_labels.json").read_bytes())
    assert (facts["kind"], facts["classes"], facts["data"]) == (
        "soft_labels",
        ["neg", "pos"],
        "invented",
    )
    assert facts["data_fingerprint"] == labelled().fingerprint()
    counts = (facts["validation_documents"], facts["documents"], facts["left_out"])
    assert counts == (11, 70, 0)
    network, svm = facts["teachers"]
    assert (network["name"], svm["name"]) == (str(run), "nb-svm")
    assert network["settings"] is None and svm["weights_sha256"] is None
    measured = load_run(run).history[-1].val_accuracy
    assert network["validation"]["accuracy"] == pytest.approx(measured)
    assert facts["together"]["loss"] <= network["validation"]["loss"]
    assert facts["together"]["loss"] <= svm["validation"]["loss"]
    assert sorted(path.name for path in soft_labels.folder.iterdir()) == [
        "cost.json", "manifest.json", "soft_labels.json", "soft_labels.parquet",
    ]  # fmt: skip
    cost = soft_labels.cost()
    assert cost.seconds > 0 and cost.processor_seconds > 0 and cost.peak_memory_bytes > 10**7
    assert load_soft_labels(soft_labels.folder) == soft_labels
    table = pq.read_table(soft_labels.folder / "soft_labels.parquet")
    assert table.column_names == ["text", "probability_neg", "probability_pos"]
    assert verify(soft_labels.folder) == (
        ["cost.json", "soft_labels.json", "soft_labels.parquet"],
        [],
    )


@pytest.mark.parametrize("threads", ["1", "3"])
def test_any_number_of_threads_gives_the_same_bytes(
    threads: str,
    soft_labels: SoftLabels,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOIQUY_THREADS", threads)
    again = pseudo_label([unlabelled()], [run, "nb-svm"], tmp_path / "again", data=labelled())
    for name in ("soft_labels.parquet", "soft_labels.json"):
        assert (again.folder / name).read_bytes() == (soft_labels.folder / name).read_bytes()


def test_labelled_documents_never_come_in(run: Path, tmp_path: Path) -> None:
    """Documents of all parts, also with other white space; no empty text, and none twice."""
    data = labelled()
    known = [data.train.texts[0], f" {data.train.texts[-1]}\n", data.test.texts[3]]
    told: list[Event] = []
    texts = [*known, "", " \n", *unlabelled(5), *unlabelled(5)]
    found = pseudo_label(
        [texts, data], [run], tmp_path / "soft_labels", data=data, on_event=told.append
    )
    assert list(found.documents().texts) == unlabelled(5)
    assert found.facts.left_out == 3 + 110
    assert "texts left out, as documents of invented: 113" in str(told)
    with pytest.raises(DataError, match="no text without a label"):
        pseudo_label(data, [run], tmp_path / "none", data=data)
    assert not (tmp_path / "none").exists()


def test_validation_documents_of_their_own_never_come_in(tmp_path: Path) -> None:
    data = replace(labelled(), validation=Documents(*reviews(12, seed=55)))
    run = teacher(tmp_path / "t0", data=data)
    assert data.validation is not None
    texts = [*data.validation.texts, *unlabelled(3)]
    found = pseudo_label([texts], [run], tmp_path / "soft_labels", data=data)
    assert list(found.documents().texts) == unlabelled(3)
    assert (found.facts.validation_documents, found.facts.left_out) == (12, 12)


def test_a_text_that_no_file_can_hold_is_kept_without_its_halves_of_characters(
    run: Path, tmp_path: Path
) -> None:
    found = pseudo_label(
        [["bo \ud800 tre", "phim “hay” 🎬"]], [run], tmp_path / "soft_labels", data=labelled()
    )
    assert list(found.documents().texts) == ["bo ? tre", "phim “hay” 🎬"]


def test_many_documents_go_in_groups(soft_labels: SoftLabels) -> None:
    documents = soft_labels.documents()
    with patch("hoiquy.workflows.distillation.soft_labels._AT_ONCE", 16):
        content = dump_soft_labels(documents, soft_labels.facts.classes)
        (soft_labels.folder.parent / "groups.parquet").write_bytes(content)
    again = pq.read_table(soft_labels.folder.parent / "groups.parquet")
    assert again.column("text").to_pylist() == list(documents.texts)


def other_recipe(place: Path) -> Path:
    return teacher(place, "data.validation_fraction=0.2").folder


def other_data(place: Path) -> Path:
    return teacher(place, data=labelled(seed=2)).folder


def other_classes(place: Path) -> Path:
    return teacher(place, data=replace(labelled(), classes=("bad", "good"))).folder


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (other_recipe, r"other has validation documents, 22, but .*t0 has 11: teachers must"),
        (other_data, r"other has the data [0-9a-f]{12}, but .*t0 has [0-9a-f]{12}: teachers"),
        (other_classes, r"other has the classes bad, good, but .*t0 has neg, pos: teachers"),
    ],
)
def test_runs_that_do_not_go_together_are_refused(
    make: Callable[[Path], Path], problem: str, run: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=problem):
        pseudo_label(
            [unlabelled()], [run, make(tmp_path / "other")], tmp_path / "out", data=labelled()
        )
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_a_teacher_is_refused(
    run: Path, soft_labels: SoftLabels, tmp_path: Path
) -> None:
    def refused(*named: str | Path, data: Any = None, texts: Any = ("a b",)) -> str:
        return error_line(lambda: pseudo_label([list(texts)], named, tmp_path / "out", data=data))

    with pytest.raises(InputError, match=r"at least one is needed.*--with RUN"):
        pseudo_label([["a"]], ["nb-svm"], tmp_path / "out")
    for twice in ([run, "nb-svm", "nb-svm"], [run, str(run)]):
        with pytest.raises(InputError, match="named twice"):
            pseudo_label([["a"]], twice, tmp_path / "out")
    with pytest.raises(InputError, match="no texts to train on"):
        pseudo_label([], [run], tmp_path / "out")
    assert "there is no run folder" in refused(Path("nb-svm"))
    assert "there is no run folder" in refused("./nb-svm")
    assert "has soft labels, not a run" in refused(soft_labels.folder)
    assert "is not the data that" in refused(run, data=labelled(seed=3))
    with pytest.raises(DataError, match=r"'nowhere.csv' is not a data set.* pass --data PATH"):
        pseudo_label([["a"]], [run], tmp_path / "out", data="nowhere.csv")
    assert not (tmp_path / "out").exists()  # the same --out does for the next try
    assert "is not empty" in error_line(lambda: pseudo_label([["a"]], [run], run))


def test_an_unfinished_run_is_refused(run: Path, tmp_path: Path) -> None:
    result = json.loads((run / "result.json").read_bytes()) | {"status": "interrupted"}
    shutil.copytree(run, tmp_path / "t0")
    write_checksummed(tmp_path / "t0", {"result.json": json.dumps(result).encode()})
    line = error_line(lambda: pseudo_label([["a"]], [tmp_path / "t0"], tmp_path / "out"))
    assert "is not complete; finish it first: hoiquy resume" in line


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("at", ["manifest.json", "soft_labels.parquet", "soft_labels.json"])
def test_stopped_or_out_of_space_it_leaves_nothing(
    at: str, error: Any, run: Path, tmp_path: Path
) -> None:
    def failing(path: Path, target: Path) -> Path:
        if target.name == at:
            raise error
        return replace_path(path, target)

    replace_path = Path.replace
    with patch.object(Path, "replace", failing), pytest.raises(BaseException, match=r".*"):
        pseudo_label([unlabelled(4)], [run], tmp_path / "out", data=labelled())
    assert not (tmp_path / "out").exists()


def test_what_a_killed_process_left_is_not_in_the_way(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        patch("hoiquy.workflows.distillation.pseudo_label.remove_unfinished", lambda folder: None),
        patch("hoiquy.workflows.distillation.soft_labels.SOFT_LABELS", "no/such/folder"),
        pytest.raises(Exception, match="no/such"),
    ):
        pseudo_label([unlabelled(4)], [run], out, data=labelled())
    assert (out / "soft_labels.parquet").exists()
    found = pseudo_label([unlabelled(5)], [run], out, data=labelled())
    assert len(found.documents()) == 5
    assert verify(out) == (["cost.json", "soft_labels.json", "soft_labels.parquet"], [])


def test_other_commands_say_what_it_is_and_pass_it_over(
    soft_labels: SoftLabels, tmp_path: Path
) -> None:
    for wrong in (load_run, run_folders, resume, load_predictor):
        with pytest.raises(RunError, match=r"has soft labels, not a run: .* --soft-labels"):
            wrong(soft_labels.folder)
    with pytest.raises(RunError, match="is not a language model"):
        train(labelled(), "auto", tmp_path / "run", language_model=soft_labels.folder)
    with pytest.raises(RunError, match=r"is not empty: choose another --out$"):
        train(labelled(), small(), soft_labels.folder)
    shutil.copytree(soft_labels.folder, tmp_path / "runs" / "soft_labels")
    (tmp_path / "runs" / "mine").mkdir()
    (tmp_path / "runs" / "mine" / "recipe.toml").write_text("")
    assert run_folders(tmp_path / "runs") == [tmp_path / "runs" / "mine"]
    assert list(find_runs(tmp_path / "runs")) == ["mine"]


def test_damage_is_noticed(soft_labels: SoftLabels, tmp_path: Path) -> None:
    for number, name in enumerate(("soft_labels.parquet", "soft_labels.json")):
        place = tmp_path / str(number)
        shutil.copytree(soft_labels.folder, place)
        content = bytearray((place / name).read_bytes())
        content[len(content) // 2] ^= 1
        (place / name).write_bytes(content)
        assert f"{place / name} is damaged" in verify(place)[1][0]
        (place / name).unlink()
        with pytest.raises(RunError, match=f"holds no {name}|has no soft labels"):
            train(labelled(), small(), tmp_path / "run", soft_labels=place)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda p: p[:-1], "69 documents, but soft_labels.json has 70"),
        (lambda p: p * 2, "do not add up to 1"),
        (lambda p: p * np.float32(np.nan), "do not add up to 1"),
        (lambda p: p - 1, "do not add up to 1"),
    ],
)
def test_wrong_numbers_under_right_hashes_are_noticed(
    change: Callable[[Any], Any], problem: str, soft_labels: SoftLabels, tmp_path: Path
) -> None:
    place, documents = tmp_path / "soft_labels", soft_labels.documents()
    shutil.copytree(soft_labels.folder, place)
    changed = change(documents.probabilities)
    new = replace(documents, texts=list(documents.texts)[: len(changed)], probabilities=changed)
    write_checksummed(
        place, {"soft_labels.parquet": dump_soft_labels(new, soft_labels.facts.classes)}
    )
    assert problem in verify(place)[1][0]
    assert problem in error_line(
        lambda: train(labelled(), small(), tmp_path / "run", soft_labels=place)
    )
