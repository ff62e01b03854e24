"""A recipe that branches, from training to serving: interrupted, resumed, reported, served."""

import csv
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from running import Caller, serving

from branches import tables
from command_line import call_hoiquy, stop_when
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.files import REPEATABLE
from own_tables import rows

EPOCHS = 12
TEXTS = ["phim này tuyệt vời", "diễn viên dở tệ", ""]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table, a recipe, and a run of both."""
    folder = tmp_path_factory.mktemp("branches")
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows(60)])
    recipe = tables(epochs=EPOCHS, batch_size=16)
    recipe["text"] = {"tokenizer": "unicode", "num_words": 60}
    (folder / "branches.toml").write_text(tomli_w.dumps(recipe), encoding="utf-8")
    done = call_hoiquy(*_train(folder, folder / "runs" / "whole"))
    assert done.returncode == 0, done.stderr
    return folder


def _train(folder: Path, out: Path) -> list[str | Path]:
    return ["train", folder / "table.csv", "--recipe", folder / "branches.toml", "--out", out]


@pytest.fixture(scope="module")
def service(place: Path) -> Iterator[Caller]:
    with serving(place / "runs", default="whole") as caller:
        yield caller


@pytest.mark.process
def test_an_interrupted_training_ends_in_the_same_bits(place: Path, tmp_path: Path) -> None:
    run, whole = tmp_path / "run", place / "runs" / "whole"
    history = run / "history.jsonl"
    stop_when(_train(place, run), history.exists, signal.SIGINT)
    assert len(history.read_text(encoding="utf-8").splitlines()) < EPOCHS
    resumed = call_hoiquy("resume", run)
    assert resumed.returncode == 0, resumed.stderr
    for name in REPEATABLE:
        if (whole / name).exists():
            assert (run / name).read_bytes() == (whole / name).read_bytes(), name


def test_the_network_learns(place: Path) -> None:
    predictor = load_predictor(place / "runs" / "whole")
    assert not predictor.model.is_chain
    assert set(predictor.predict(TEXTS[:2])) == {"tích cực", "tiêu cực"}


def test_the_report_names_its_layers(place: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = call_hoiquy("report", place / "runs" / "whole", "--out", report, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "Conv1d(4)" in report.read_text(encoding="utf-8")


def test_the_service_answers_as_the_predictor(service: Caller, place: Path) -> None:
    answers = service.predict(*TEXTS).json()["answers"]
    expected = load_predictor(place / "runs" / "whole").predict_proba(TEXTS)
    found = np.array([one["probabilities"] for one in answers], np.float32)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_explaining_and_pretraining_do_what_they_can(place: Path, tmp_path: Path) -> None:
    run = place / "runs" / "whole"
    explained = call_hoiquy("predict", run, "--explain", TEXTS[0])
    assert explained.returncode == 0, explained.stderr
    for arguments, part in (
        (["export", run, "--to", "keras", "--out", tmp_path / "m.keras"], "chain of embedding"),
        (["pretrain", place / "table.csv", "--recipe", place / "branches.toml", "--out",
          tmp_path / "lm"], "cannot be pretrained"),
        ([*_train(place, tmp_path / "k"), "--engine", "keras"], "chain of embedding"),
    ):  # fmt: skip
        refused = call_hoiquy(*arguments)
        assert refused.returncode != 0
        assert part in refused.stderr
        assert len([x for x in refused.stderr.splitlines() if x.startswith("hoiquy:")]) == 1
