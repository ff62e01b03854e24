"""The program as users run it: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from hoiquy.cli.main import main; main()"]


def run_hoiquy(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run hoiquy to its end, with environment variables added."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"LANG": "C.UTF-8", "COLUMNS": "200"} | variables,
        check=False,
    )


def only_line_of_error(result: subprocess.CompletedProcess[str], exit_code: int) -> str:
    """The one line on stderr; fails unless it is one, and the exit code is as expected."""
    assert result.returncode == exit_code, result.stderr
    lines = [line for line in result.stderr.splitlines() if not line.startswith("reading")]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("hoiquy: ")
    return lines[0]
