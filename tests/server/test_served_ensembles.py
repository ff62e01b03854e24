"""An ensemble is served as a network is: it predicts, and its members are listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Caller, serving

from hoiquy.runs.ensemble import load_ensemble
from hoiquy.workflows.run import Run
from hoiquy.workflows.train import train
from own_tables import rows
from several_labels import dataset as with_several_labels
from small_ensembles import small_ensemble


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return small_ensemble(tmp_path_factory.mktemp("served") / "both" / "auto", each=12)


@pytest.fixture(scope="module")
def ensembles(run: Run) -> Iterator[Caller]:
    with serving(run.folder.parent) as caller:
        yield caller


def test_its_row_has_members_and_no_epochs(ensembles: Caller, run: Run) -> None:
    (row,) = ensembles.get("/api/runs").json()["runs"]
    assert (row["name"], row["status"], row["problem"]) == ("auto", "complete", None)
    assert (row["epochs"], row["epochs_done"]) == (None, 0)
    assert row["test_accuracy"] == run.result.test_accuracy
    assert row["members"][0]["name"] == "linear" and row["members"][0]["models"] == 1
    assert 0.5 < row["val_accuracy"] <= 1
    history = ensembles.get("/api/runs/history?name=auto").json()
    assert history["history"] == [] and history["members"] == row["members"]


def test_it_predicts_as_the_run_does(ensembles: Caller, run: Run) -> None:
    text = rows(1)[0][0]
    answer = ensembles.predict(text).json()
    assert answer["model"] == "auto"
    assert answer["answers"][0]["label"] == run.predict([text])[0]


def test_several_labels_are_served(tmp_path: Path) -> None:
    data = with_several_labels(60, 20)
    run = train(data, "auto", tmp_path / "runs" / "several", small=True)
    texts = ["mango copper word1", "word1 word2"]
    with serving(tmp_path / "runs") as caller:
        for text in texts:
            (answer,) = caller.predict(text).json()["answers"]
            assert tuple(answer["labels"]) == run.predict([text])[0]
        (row,) = caller.get("/api/runs").json()["runs"]
        assert row["val_accuracy"] == load_ensemble(run.folder, 3).held_out.accuracy
        assert "linear classifier" in caller.get("/report?lang=en").content.decode()


def test_the_report_has_its_members(ensembles: Caller) -> None:
    assert "linear classifier" in ensembles.get("/report?lang=en").content.decode()


def test_before_its_first_model_it_is_listed_and_does_not_predict(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "new"
    folder.mkdir(parents=True)
    for name in ("recipe.toml", "manifest.json"):
        (folder / name).write_bytes((run.folder / name).read_bytes())
    with serving(tmp_path / "runs", ready=False) as caller:
        (row,) = caller.get("/api/runs").json()["runs"]
        assert row["status"] == "interrupted" and row["members"] is None
        assert caller.get("/api/models").json()["models"] == []
