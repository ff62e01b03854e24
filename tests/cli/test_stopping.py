"""Ctrl-C names the command to continue with, and exits as shells expect."""

import signal
from pathlib import Path

import pytest

from hoiquy.cli.main import _run, cli
from hoiquy.cli.stopping import exit_code_of, resumable
from hoiquy.errors import StoppedError
from hoiquy.system.signals import Interruption, with_resume_hint


@pytest.mark.parametrize(
    ("has_recipe", "error"),
    [(False, "rerun the same command"), (True, "resume with: hoiquy resume .*run")],
)
def test_only_a_started_run_can_be_resumed(has_recipe: bool, error: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    if has_recipe:
        (run / "recipe.toml").touch()
    with pytest.raises(StoppedError, match=error) as stop, resumable(run):
        raise KeyboardInterrupt
    assert stop.value.exit_code == 130


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_exit_code_is_that_of_the_signal(number: signal.Signals, code: int) -> None:
    with Interruption() as interruption:
        signal.raise_signal(number)
    with pytest.raises(StoppedError) as stop, with_resume_hint("hoiquy resume"):
        raise StoppedError("stopped", interruption.exit_code)
    assert stop.value.exit_code == exit_code_of(stop.value) == code
    assert exit_code_of(KeyboardInterrupt()) == 130


def test_ctrl_c_in_any_command_exits_with_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", stop)
    assert _run(["data", "list"]) == 130
    assert capsys.readouterr().err == "hoiquy: stopped by Ctrl-C\n"
