"""`python -m hoiquy` is the program itself."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.process


def run_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hoiquy", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"LANG": "C.UTF-8"},
        check=False,
    )


def test_it_runs_commands_with_their_exit_codes() -> None:
    listed = run_module("recipes", "list")
    assert listed.returncode == 0, listed.stderr
    assert "bai3" in listed.stdout
    wrong = run_module("recipes", "show", "bai33")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("hoiquy: unknown recipe 'bai33'")


def test_it_calls_itself_hoiquy() -> None:
    assert run_module("--help").stdout.startswith("Usage: hoiquy ")
