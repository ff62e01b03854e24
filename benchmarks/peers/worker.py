"""A worker script in a process of its own: start it, ask it, end it whatever happens."""

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hoiquy.errors import HoiquyError

_WORKERS = Path(__file__).parent / "workers"
_PATIENCE = 2.0  # seconds that a worker has to end by itself when its input closes


class WorkerError(HoiquyError):
    """A worker failed or has gone; the message names it and says why."""


class Worker:
    """One running worker; a context manager that leaves no process behind.

    command: an interpreter and a script that answers JSON lines, as `workers/serve.py` does.
    """

    def __init__(self, title: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self.title = title
        self._log = tempfile.TemporaryFile(mode="w+b")  # noqa: SIM115  closed in __exit__
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=dict(variables),
                text=True,
                encoding="utf-8",
                # Ctrl-C on the terminal is for hoiquy, which then ends its workers itself
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            raise WorkerError(f"{title} cannot be started: {error.strerror or error}") from error

    @property
    def process_id(self) -> int:
        return self._process.pid

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send one request and wait for its answer. Raises WorkerError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError(f"{self.title} has ended unexpectedly: {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.title}: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process; killed if it does not go by itself."""
        process = self._process
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(_PATIENCE)
        except BaseException as error:  # a second Ctrl-C too: the worker goes in any case
            process.kill()
            process.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
        finally:
            if process.stdout is not None:
                process.stdout.close()
            self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:  # its answer is not waited for any more
            self._process.kill()
        self.close()

    def _last_words(self) -> str:
        code = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else f"exit code {code}"


def start_worker(
    title: str, python: str | Path, script: str, threads: int, variables: Mapping[str, str]
) -> Worker:
    """Start `workers/serve.py` with the worker `script` under an interpreter."""
    command = [str(python), str(_WORKERS / "serve.py"), script, str(threads)]
    return Worker(title, command, variables)


def own_variables(threads: int) -> dict[str, str]:
    """The environment of a worker that runs under hoiquy's own interpreter."""
    return dict(os.environ) | _thread_variables(threads)


def peer_variables(threads: int, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a peer's worker: nothing of ours that would change what it imports."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return kept | {"PYTHONNOUSERSITE": "1"} | _thread_variables(threads) | dict(extra)


def _thread_variables(threads: int) -> dict[str, str]:
    names = (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
    )
    return dict.fromkeys(names, str(threads))
