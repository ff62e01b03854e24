"""A worker script in its own process: start it, send requests, end it."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from hoiquy.errors import HoiquyError

_SERVE = Path(__file__).parent / "workers" / "serve.py"
_THREAD_VARIABLES = (
    "HOIQUY_BENCH_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)


class Worker:
    """A running worker; a context manager that ends its process.

    Args:
        title: The library's name for error messages.
        python: Interpreter of the library's environment.
        script: Module in workers/.
        variables: Its environment variables.
    """

    def __init__(
        self, title: str, python: str | Path, script: str, variables: Mapping[str, str]
    ) -> None:
        self.title = title
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed in __exit__
        self.process = subprocess.Popen(
            [python, _SERVE, script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=dict(variables),
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the benchmark, which ends its workers
        )

    def ask(self, limit: float | None = None, **request: Any) -> dict[str, Any]:
        """Send one request and wait for its answer; `limit` seconds at most, then end the process.

        Raises HoiquyError if the worker fails.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        line = ""
        late = threading.Event()
        timer = threading.Timer(limit or 0, lambda: (late.set(), self.process.kill()))
        if limit is not None:
            timer.start()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        timer.cancel()
        if not line and late.is_set():
            raise HoiquyError(f"{self.title} took more than {limit:.0f} seconds to {request['do']}")
        if not line:
            raise HoiquyError(f"{self.title} ended unexpectedly: {self._last_line()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise HoiquyError(f"{self.title}: {answer['error']}")
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        with contextlib.suppress(BrokenPipeError), self.process:
            pass  # closes the pipes and waits for the end
        self._log.close()

    def _last_line(self) -> str:
        code = self.process.wait()
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else f"exit code {code}"


def own_variables(threads: int) -> dict[str, str]:
    """The environment of hoiquy's worker."""
    return dict(os.environ) | dict.fromkeys(_THREAD_VARIABLES, str(threads))


def peer_variables(threads: int, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a peer's worker, without variables that change what it imports."""
    own = own_variables(threads).items()
    kept = {key: value for key, value in own if not key.startswith("PYTHON")}
    return kept | {"PYTHONNOUSERSITE": "1"} | dict(extra)
