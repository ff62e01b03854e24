"""`hoiquy search` as people run it, also killed in the middle."""

import json
import signal
from pathlib import Path

import pytest

from command_line import stop_when
from hoiquy.cli.main import main
from hoiquy.runs.files import REPEATABLE
from hoiquy.workflows.search.results import BEST, FACTS
from searches import KEY, data, tiny

SPACE = f"""
recipe = "tiny.toml"
[sampler]
seed = 2
[pruner]
type = "none"
[space]
"{KEY}" = {{ low = 1e-3, high = 0.05, log = true }}
"""
COMMAND = ["search", "reviews.csv", "--space", "space.toml", "--trials", "2", "--lang", "en"]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    documents = data().train
    lines = [f"{text},{at}" for text, at in zip(documents.texts, documents.labels, strict=True)]
    Path("reviews.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    Path("tiny.toml").write_text(tiny("training.epochs=3").to_toml(), encoding="utf-8")
    Path("space.toml").write_text(SPACE, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main([*COMMAND, *arguments])
    return int(str(stop.value.code))


def test_the_command(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--seeds", "1", "--out", "out") == 0
    said = capsys.readouterr()
    assert "trial 1 of 2: training.learning_rate = 0.0" in said.err
    assert "trial 2: validation accuracy" in said.err and "best so far" in said.err
    assert "2 trials finished, 0 pruned" in said.out
    assert "With fresh seeds" in said.out and "best recipe: out/best.toml" in said.out
    assert run("--seeds", "0", "--out", "out", "--json", "--quiet") == 0  # nothing is done again
    said = capsys.readouterr()
    assert json.loads(said.out)["best"] == json.loads(Path("out", FACTS).read_text())["best"]
    assert said.err == ""
    assert run("--seeds", "0", "--out", "out", "--recipe", "fast") == 2
    lines = capsys.readouterr().err.splitlines()
    assert "started with another recipe" in lines[-1] and "choose another --out" in lines[-1]
    Path("space.toml").write_text(SPACE.replace("learning_rate", "learning_rte"), encoding="utf-8")
    assert run("--out", "new") == 2
    lines = capsys.readouterr().err.splitlines()
    assert (
        len(lines) == 1 and "space.toml" in lines[0] and "did you mean 'learning_rate'" in lines[0]
    )
    assert not Path("new").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
@pytest.mark.process
def test_a_search_that_is_ended_from_outside_goes_on(
    number: int, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the very files of one that nobody ended."""
    Path("tiny.toml").write_text(tiny("training.epochs=12").to_toml(), encoding="utf-8")
    assert run("--seeds", "0", "--out", "whole", "--quiet") == 0
    half_done = Path("out/trials/0002/history.jsonl")
    code, errors = stop_when([*COMMAND, "--seeds", "0", "--out", "out"], half_done.exists, number)
    if number == signal.SIGTERM:
        assert code == 143 and errors.splitlines()[-1].endswith("--seeds 0 --out out")
    else:
        assert code == -signal.SIGKILL
    capsys.readouterr()
    assert run("--seeds", "0", "--out", "out", "--quiet") == 0
    assert Path("out", BEST).read_bytes() == Path("whole", BEST).read_bytes()
    files = [path for path in Path("whole").glob("trials/*/*") if path.name in REPEATABLE]
    assert len(files) == 12
    for path in files:
        assert Path("out", *path.parts[1:]).read_bytes() == path.read_bytes(), path
