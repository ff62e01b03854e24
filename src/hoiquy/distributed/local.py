"""Workers on this machine: processes that are started for a training and end with it."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from typing import IO, Any

from hoiquy.distributed.handshake import Invitation

_MODULE = "hoiquy.distributed"
_ENDING_SECONDS = 5.0  # for a process whose connection is gone: it may be in the middle of a shard


class LocalWorkers:
    """So many processes that have been invited. Raises OSError if they cannot be started."""

    def __init__(self, invitation: Invitation, count: int) -> None:
        self._processes: list[tuple[subprocess.Popen[bytes], IO[Any]]] = []
        try:
            for _ in range(count):
                self._processes.append(_started(invitation))
        except OSError:
            self.end()
            raise

    def failure(self) -> str | None:
        """Why a process has ended, if one has."""
        for process, errors in self._processes:
            if process.poll() is not None:
                errors.seek(0)
                lines = errors.read().decode(errors="replace").strip().splitlines()
                return lines[-1] if lines else f"it ended with exit code {process.returncode}"
        return None

    def end(self) -> None:
        """See that they end, now that nobody talks with them any more."""
        for process, errors in self._processes:
            try:
                process.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            errors.close()
        self._processes = []


def _started(invitation: Invitation) -> tuple["subprocess.Popen[bytes]", IO[Any]]:
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
    # -P: a file in the current folder that is named like a module would be imported instead.
    command = [sys.executable, "-P", "-m", _MODULE]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin is not None
    with process.stdin as told:  # not in the command line, where everyone on this machine reads it
        told.write(json.dumps(asdict(invitation)).encode() + b"\n")
    return process, errors
