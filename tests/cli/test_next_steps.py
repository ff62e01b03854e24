"""What is printed on how to go further."""

from pathlib import Path

import pytest

from hoiquy.cli import finished
from hoiquy.cli.finished import show_next_steps
from hoiquy.cli.first_commands import show_first_commands


@pytest.mark.parametrize("installed", [True, False])
def test_what_serving_needs_is_said_where_it_is_missing(
    installed: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finished, "can_serve", lambda: installed)
    show_next_steps(tmp_path / "run", "en")
    show_first_commands()
    printed = capsys.readouterr()
    assert ("hoiquy[serve]" in printed.err) is not installed
    assert ("hoiquy[serve]" in printed.out) is not installed
