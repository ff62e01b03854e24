"""Run a command, measured, within a limit; end it and its children on Ctrl-C."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hoiquy.errors import HoiquyError

BENCHMARKS = Path(__file__).parents[1]  # where `python -m judge.…` finds its module
_MEASURED = Path(__file__).parent / "measured.py"


@dataclass(frozen=True)
class Usage:
    """What a command took."""

    seconds: float
    processor_seconds: float  # of all its threads and processes
    peak_bytes: int  # resident memory of its largest process


def run_measured(
    command: Sequence[str | Path],
    title: str,
    limit: float,
    variables: Mapping[str, str],
    folder: Path | None = None,
) -> Usage:
    """Run a command to its end.

    Args:
        command: The program and its arguments.
        title: Its name in error messages.
        limit: Seconds after which it is killed.
        variables: Its whole environment.
        folder: Its working directory; None for this process's.

    Raises:
        HoiquyError: It fails, with its last line of output, or takes longer than the limit.
    """
    if not hasattr(os, "wait4"):
        raise HoiquyError("the time and memory of a process are measured on Linux and macOS only")
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryFile() as log:
        report = Path(place, "report.json")
        process = subprocess.Popen(
            [sys.executable, _MEASURED, report, *command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(variables),
            cwd=folder, start_new_session=True,  # a group that can be killed as a whole
        )  # fmt: skip
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            raise HoiquyError(f"{title} took more than {limit:.0f} seconds") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code:
            log.seek(0)
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
            raise HoiquyError(f"{title} failed: {lines[-1] if lines else f'exit code {code}'}")
        return Usage(**json.loads(report.read_text(encoding="utf-8")))
