"""Texts to try a model on: of its own data, with labels; of IMDB, invented reviews."""

import json
from pathlib import Path

import pytest
from running import serving

from hoiquy.runs.files import MISCLASSIFIED
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.run import Run
from own_tables import TELLING
from page_runs import write_page_run
from small_ensembles import small_ensemble


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return small_ensemble(tmp_path_factory.mktemp("examples") / "both" / "auto", each=12)


def test_each_class_of_a_run_has_an_example_that_it_predicts(run: Run) -> None:
    with serving(run.folder.parent) as caller:
        found = caller.get("/api/examples?model=auto").json()["examples"]
        correct = [one for one in found if one["correct"]]
        assert [one["labels"][0] for one in correct] == list(run.result.classes)
        assert set(run.result.classes) == set(TELLING)
        for one in correct:
            answer = caller.predict(one["text"]).json()["answers"][0]
            assert [answer["label"]] == one["labels"]
        assert caller.get("/api/examples?model=none").code == "unknown_run"


def test_imdb_has_invented_reviews_and_other_data_their_errors(tmp_path: Path) -> None:
    imdb = write_page_run(tmp_path / "imdb", "bai3", documents=60)
    own = write_page_run(tmp_path / "own", "bai5", documents=60)
    damaged = write_page_run(tmp_path / "damaged", "bai4", documents=60)
    for run in (own, damaged):
        _change(run.folder / "result.json", data="reviews.csv")
    (damaged.folder / MISCLASSIFIED).write_text("{")
    with serving(tmp_path, ready=False) as caller:
        reviews = caller.get("/api/examples?model=imdb").json()["examples"]
        assert len(reviews) == 3
        assert all(one["labels"] is None and one["correct"] is None for one in reviews)
        (error,) = caller.get("/api/examples?model=own").json()["examples"]
        assert error["correct"] is False and error["labels"][0] in ("neg", "pos")
        assert caller.get("/api/examples?model=damaged").json()["examples"] == []
    assert imdb.result.data == "imdb"


def _change(path: Path, **values: object) -> None:
    content = json.loads(path.read_text("utf-8")) | values
    write_checksummed(path.parent, {path.name: json.dumps(content).encode()})
