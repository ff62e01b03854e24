"""Workers on this machine: processes that are started for a training and end with it."""

import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

from hoiquy.distributed.handshake import Invitation
from hoiquy.system.subprocesses import Process, module_command, start_process

_MODULE = "hoiquy.distributed"
ENDING_SECONDS = 5.0  # for a process whose connection is gone: it may be in the middle of a shard


class LocalWorkers:
    """So many processes that have been invited. Raises OSError if they cannot be started."""

    def __init__(self, invitation: Invitation, count: int) -> None:
        self.processes: list[Process] = []
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        try:
            for _ in range(count):
                self.processes.append(_invited(self.command(), invitation, self._errors))
        except OSError:
            self.end()
            raise

    def command(self) -> list[str]:
        """What is run for the next one."""
        return module_command(_MODULE)

    def failure(self) -> str | None:
        """Why a process has ended, if one has."""
        codes = [code for process in self.processes if (code := process.poll()) is not None]
        if not codes:
            return None
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with exit code {codes[0]}"

    def end(self) -> None:
        """See that they end, now that nobody talks with them any more."""
        deadline = time.monotonic() + ENDING_SECONDS
        for process in self.processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._errors.close()


def _invited(command: Sequence[str], invitation: Invitation, errors: IO[Any]) -> Process:
    process = start_process(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        # Out of reach of a terminal's Ctrl-C, which would end a process that has just begun: the
        # first one does its step to the end, and needs this one for it.
        process_group=0,
    )
    assert process.stdin is not None
    with process.stdin as told:  # not in the command line, where everyone on this machine reads it
        told.write(json.dumps(asdict(invitation)).encode() + b"\n")
    return process
