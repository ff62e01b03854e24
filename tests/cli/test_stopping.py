"""Ctrl-C names a command that works."""

from pathlib import Path

import pytest

from hoiquy.cli.stopping import resumable
from hoiquy.errors import StoppedError


@pytest.mark.parametrize(
    ("begun", "said"), [(False, "begin anew with the same command"), (True, "hoiquy resume .*run")]
)
def test_only_a_run_that_has_begun_is_to_be_resumed(begun: bool, said: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    if begun:
        (run / "recipe.toml").touch()
    with pytest.raises(StoppedError, match=said), resumable(run):
        raise KeyboardInterrupt
