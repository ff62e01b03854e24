"""Ctrl-C names the command to continue with."""

from pathlib import Path

import pytest

from hoiquy.cli.stopping import resumable
from hoiquy.errors import StoppedError


@pytest.mark.parametrize(
    ("has_recipe", "error"),
    [(False, "rerun the same command"), (True, "resume with: hoiquy resume .*run")],
)
def test_only_a_started_run_can_be_resumed(has_recipe: bool, error: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    if has_recipe:
        (run / "recipe.toml").touch()
    with pytest.raises(StoppedError, match=error), resumable(run):
        raise KeyboardInterrupt
