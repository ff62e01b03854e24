"""The program as users run it: called in this process, or started as another one.

A new process takes one to two seconds to import everything. Start one only for what needs it:
signals, limits of memory, caches that a process reads once.
"""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from click.testing import CliRunner

from hoiquy.cli.main import main

_MAIN = "from hoiquy.cli.main import main; main()"
PROGRAM = [sys.executable, "-c", _MAIN]
_TERMINAL = {"LANG": "C.UTF-8", "COLUMNS": "200"}


def program_with_limit(kind: str, size: int) -> list[str]:
    """The program under a limit of `resource`, such as "RLIMIT_AS", in bytes.

    It limits itself: a `preexec_fn` would run in a fork of this process, which has threads.
    """
    limit = f"resource.setrlimit(resource.{kind}, ({size}, resource.RLIM_INFINITY))"
    return program_after(f"import resource; {limit}")


def program_after(statements: str) -> list[str]:
    """The program in a process that has run some statements before."""
    return [sys.executable, "-c", f"{statements}; {_MAIN}"]


def call_hoiquy(
    *arguments: str | Path, given: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run hoiquy in this process, `given` on its standard input; the result is `run_hoiquy`'s."""
    words = list(map(str, arguments))
    command = click.Command("hoiquy", callback=lambda: main(words))
    stdin = io.BufferedReader(io.BytesIO(given))
    ended = CliRunner().invoke(command, [], input=stdin, env=_TERMINAL | variables)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return subprocess.CompletedProcess(words, ended.exit_code, ended.stdout, ended.stderr)


def run_hoiquy(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run hoiquy to its end in another process, with environment variables added."""
    return run_program(PROGRAM, *arguments, **variables)


def run_program(
    program: Sequence[str], *arguments: str | Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Do as `run_hoiquy` with a program such as `program_with_limit` gives."""
    return subprocess.run(
        [*program, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | _TERMINAL | variables,
        check=False,
    )


def stop_when(
    arguments: Sequence[str | Path], ready: Callable[[], bool], *signals: int
) -> tuple[int, str]:
    """Start hoiquy, send signals one after the other once it is ready; exit code and stderr."""
    process = subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | _TERMINAL,
    )
    deadline = time.monotonic() + 240
    while not ready() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    for number in signals:
        process.send_signal(number)
        time.sleep(0.02)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def only_line_of_error(result: subprocess.CompletedProcess[str], exit_code: int) -> str:
    """The one line on stderr; fails unless it is one, and the exit code is as expected."""
    assert result.returncode == exit_code, result.stderr
    lines = [line for line in result.stderr.splitlines() if not line.startswith("reading")]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("hoiquy: ")
    return lines[0]
