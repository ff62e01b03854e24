"""What the service says of runs: whole ones, those that train, and damaged ones."""

import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running import Caller, serving, until

from example_run import truncate
from hoiquy.comparison import compare_runs, verdict_text
from hoiquy.runs.files import result_file
from hoiquy.runs.folder import load_run
from hoiquy.server.run_discovery import find_runs
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.system.file_lock import is_locked, locked
from trained_runs import right_about, write_trained


def rows(caller: Caller) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in caller.get("/api/runs").json()["runs"]}


def test_whole_runs(service: Caller, trained: Path) -> None:
    found = rows(service)
    assert list(found) == ["ba-lớp", "deep/gru", "lstm"]
    run, row = load_run(trained / "deep" / "gru"), found["deep/gru"]
    assert (row["status"], row["epochs_done"], row["epochs"]) == ("complete", 3, 3)
    assert row["test_accuracy"] == run.result.test_accuracy
    assert row["val_accuracy"] == run.history[-1].val_accuracy
    assert row["problem"] is None
    history = service.get("/api/runs/history?name=deep/gru").json()
    assert [record["epoch"] for record in history["history"]] == [1, 2, 3]
    assert history["history"][0]["val_loss"] == run.history[0].val_loss


@pytest.mark.parametrize("name", ["", "..", "deep", "../runs/lstm", "/etc", "lstm/", "%00", "LSTM"])
def test_names_are_looked_up_and_never_paths(service: Caller, name: str) -> None:
    answer = service.get(f"/api/runs/history?name={name}")
    assert (answer.status, answer.code) == (404, "unknown_run")


def test_a_run_that_trains_grows(runs: Path) -> None:
    folder = runs / "new"
    shutil.copytree(runs / "lstm", folder)
    for name in ("result.json", "weights.safetensors"):
        (folder / name).unlink()
    lines = (folder / "history.jsonl").read_bytes().splitlines(keepends=True)
    with serving(runs) as caller, locked(folder):
        (folder / "history.jsonl").write_bytes(lines[0])
        row = rows(caller)["new"]
        assert (row["status"], row["epochs_done"], row["epochs"]) == ("training", 1, 3)
        assert row["val_accuracy"] == json.loads(lines[0])["val_accuracy"]
        (folder / "history.jsonl").write_bytes(lines[0] + lines[1] + lines[2][:20])
        history = caller.get("/api/runs/history?name=new").json()
        assert (history["status"], len(history["history"]), history["epochs"]) == ("training", 2, 3)
        assert "new" not in {one["name"] for one in caller.get("/api/models").json()["models"]}
    with serving(runs) as caller:
        assert rows(caller)["new"]["status"] == "interrupted"


def test_looking_does_not_disturb_a_training(tmp_path: Path) -> None:
    assert not is_locked(tmp_path) and not list(tmp_path.iterdir())
    with locked(tmp_path):
        assert is_locked(tmp_path) and is_locked(tmp_path)
    assert not is_locked(tmp_path)


def test_a_damaged_run_is_told_and_the_others_are_there(runs: Path) -> None:
    truncate(runs / "lstm" / "result.json")
    with serving(runs) as caller:
        row = rows(caller)["lstm"]
        assert row["status"] == "damaged" and "result.json is damaged" in row["problem"]
        assert str(runs) not in row["problem"]
        assert rows(caller)["deep/gru"]["status"] == "complete"
        assert caller.post("/api/predict", {"text": "a", "model": "lstm"}).status == 404


def test_a_run_alone_and_an_empty_folder(runs: Path, tmp_path: Path) -> None:
    with serving(runs / "deep" / "gru") as caller:
        assert list(rows(caller)) == ["gru"]
        assert caller.predict("mango").json()["model"] == "gru"
    (tmp_path / "nothing").mkdir()
    with serving(tmp_path / "nothing", ready=False) as caller:
        assert caller.get("/health").status == 200
        assert caller.get("/ready").code == "not_ready"
        assert caller.get("/api/runs").json() == {"runs": []}
        until(lambda: caller.get("/api/models").json() == {"models": [], "loading": False})
        assert caller.predict("mango").code == "no_model"
        assert caller.get("/report").code == "nothing_to_report"


def test_until_the_folder_is_read_its_models_are_loading(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = threading.Event()
    monkeypatch.setattr("hoiquy.server.service.finish_compiling", compiled.wait)
    with serving(runs, ready=False) as caller:
        assert caller.get("/api/models").json() == {"models": [], "loading": True}
        assert caller.predict("mango").code == "no_model"
        compiled.set()
        until(lambda: not caller.get("/api/models").json()["loading"])
        assert caller.get("/api/models").json()["models"] != []


def test_a_model_that_was_never_tested_answers_and_is_told_apart(runs: Path) -> None:
    folder = runs / "deep" / "gru"
    result = replace(load_run(folder).result, status="untested", test_accuracy=None)
    write_checksummed(folder, result_file(result))
    with serving(runs) as caller:
        row = rows(caller)["deep/gru"]
        assert (row["status"], row["test_accuracy"], row["test_interval"]) == (
            "untested",
            None,
            None,
        )
        assert caller.post("/api/predict", {"text": "a", "model": "deep/gru"}).status == 200
        answer = caller.get("/api/compare?a=lstm&b=deep/gru")
        assert (answer.status, answer.code) == (409, "not_comparable")


def test_links_that_lead_in_circles_end(runs: Path) -> None:
    (runs / "deep" / "round").symlink_to(runs, target_is_directory=True)
    assert {"lstm", "deep/gru"} <= find_runs(runs).keys()


def test_two_runs_are_compared_as_compare_does(service: Caller, trained: Path) -> None:
    compared = compare_runs([load_run(trained / "lstm"), load_run(trained / "deep" / "gru")])
    pair = compared.pairs[0]
    for lang in ("vi", "en"):
        found = service.get(f"/api/compare?a=lstm&b=deep/gru&lang={lang}").json()
        assert f"{found['sentence']} {found['scope']}" == verdict_text(pair, compared, lang)
        assert found["verdict"] == pair.verdict and found["p_value"] == pair.p_value
        assert (found["first"]["run"], found["second"]["run"]) == ("lstm", "deep/gru")
        assert found["first"]["accuracy"] == compared.candidates[0].accuracy


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("a=lstm&b=ba-l%E1%BB%9Bp", 409, "other_data"),
        ("a=lstm&b=lstm", 409, "same_run"),
        ("a=lstm", 422, "missing_parameter"),
        ("a=lstm&b=deep/gru&b=x", 404, "unknown_run"),
        ("a=lstm&b=none", 404, "unknown_run"),
        ("a=lstm&b=deep/gru&lang=fr", 422, "unexpected_parameter"),
    ],
)
def test_what_cannot_be_compared(service: Caller, query: str, status: int, code: str) -> None:
    answer = service.get(f"/api/compare?{query}")
    assert (answer.status, answer.code) == (status, code)


def test_two_seeds_of_a_recipe_are_one_network(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_trained(tmp_path / f"seed{seed}", right_about(40, [seed]), seed=seed)
    with serving(tmp_path, ready=False) as caller:
        assert caller.get("/api/compare?a=seed1&b=seed2").code == "same_network"


def test_the_report_is_built_again_when_a_run_changes(runs: Path) -> None:
    with serving(runs) as caller:
        first = caller.get("/report?lang=vi")
        assert first.status == 200 and b"small-gru" in first.content
        assert "sha256-" in first.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in first.headers["content-security-policy"]
        shutil.rmtree(runs / "deep")
        second = caller.get("/report?lang=vi")
        assert second.status == 200 and b"small-gru" not in second.content


def test_a_name_that_is_no_utf8_can_be_sent_and_asked_for(runs: Path) -> None:
    shutil.move(runs / "lstm", Path(os.fsdecode(os.fsencode(runs) + b"/l\xffm")))
    with serving(runs) as caller:
        assert "l\ufffdm" in rows(caller)
        assert caller.post("/api/predict", {"text": "a", "model": "l\ufffdm"}).status == 200


def test_serving_writes_nothing(runs: Path) -> None:
    def files() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in sorted(runs.rglob("*"))}

    before = files()
    with serving(runs) as caller:
        for path in ("/api/models", "/api/runs", "/api/compare?a=lstm&b=deep/gru", "/report"):
            assert caller.get(path).status == 200
        assert caller.predict("mango").status == 200
    assert files() == before
