"""A connection to Ray: a local one, started for one command, or an existing cluster."""

import logging
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hoiquy.errors import HoiquyError, InputError, MissingExtraError
from hoiquy.nn.shards import default_threads
from hoiquy.training.ray.nodes import check_versions, first_lines

LOCAL = "auto"
_CONNECT_SECONDS, _RESPONSE_SECONDS = 5.0, 20.0
_FOLDER_BYTES = 20
_START = "start one there with: ray start --head"
_TOKEN = secrets.token_hex(32)  # of local sessions; Ray keeps the first one of a process
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else Ray warns that this will change
    # Ray would report workers that died, which are started again, on standard output.
    "RAY_DEDUP_LOGS_SKIP_REGEX": "(?s).*",
}


@dataclass(frozen=True)
class Spread:
    """How work is spread over Ray."""

    where: str  # as in `ray_session`
    workers: int | None = None  # tasks at once; by default one per processor

    @classmethod
    def from_options(cls, where: str | None, workers: int | None) -> "Spread | None":
        """Validate options before a data set is read; None without `where`.

        Raises InputError for workers without `where`, and as `ray_session`.
        """
        if where is None:
            if workers is not None:
                raise InputError(f"{workers} workers need Ray: add ray='auto'")
            return None
        if workers is not None and workers < 1:
            raise InputError(f"{workers} workers: expected 1 or more")
        check_installed()
        check_reachable(where)
        return cls(where, workers)


@dataclass(frozen=True)
class Session:
    """A Ray that this process is connected to."""

    cpus: int  # of all nodes together
    nodes: tuple[str, ...]  # their Ray ids


@contextmanager
def ray_session(where: str, cpus: int | None = None) -> Iterator[Session]:
    """Connect to Ray at `where`: "auto" for a local one, or HOST:PORT of a cluster's head.

    A local one has `cpus` processors, by default `default_threads`; it ends with the context and
    leaves no files. If this process is connected already, that connection is used and kept.

    Raises MissingExtraError without Ray, InputError for an invalid or unreachable address, or one
    whose nodes have another Python, Ray or hoiquy.
    """
    with ExitStack() as held:
        held.enter_context(_environment(_QUIET))  # Ray reads some of it when it is imported
        check_installed()
        import ray

        if not ray.is_initialized():
            held.enter_context(_same_handler_after())
            local = where == LOCAL
            held.enter_context(_local(cpus or default_threads()) if local else _joined(where))
            _set_handler(lambda number, frame: sys.exit(128 + number))
        available = int(ray.cluster_resources().get("CPU", 0))
        if available == 0:
            raise InputError(f"the Ray at {where} has no processors: add a node that has some")
        yield Session(available, _nodes())


def check_installed() -> None:
    """Raise MissingExtraError unless Ray is installed."""
    if getattr(find_spec("ray"), "origin", None) is None:  # a mere folder "ray" has no origin
        raise MissingExtraError("--ray needs Ray: pip install 'hoiquy[ray]'")


def check_reachable(where: str) -> None:
    """Raise InputError unless the address accepts connections."""
    if where == LOCAL:
        return
    split = re.fullmatch(r"\[?([^/\[\]]+)\]?:(\d{1,5})", where, re.ASCII)
    if split is None:
        raise InputError(
            f"--ray {where!r}: expected auto, or HOST:PORT of a cluster's head, such as "
            f"127.0.0.1:6379"
        )
    try:
        socket.create_connection((split[1], int(split[2])), _CONNECT_SECONDS).close()
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"no Ray can be reached at {where}: {reason}; {_START}") from error


@contextmanager
def _local(cpus: int) -> Iterator[None]:
    """Start a local Ray with a token, so that other users of the machine cannot connect."""
    import ray

    known = any(f"RAY_AUTH_{what}" in os.environ for what in ("MODE", "TOKEN", "TOKEN_PATH"))
    with ExitStack() as held:
        held.enter_context(_environment({} if known else {"RAY_AUTH_TOKEN": _TOKEN}))
        temporary = tempfile.TemporaryDirectory(
            prefix="hoiquy-", dir=_short_folder(), ignore_cleanup_errors=True
        )
        folder = held.enter_context(temporary)
        held.callback(ray.shutdown)
        try:
            ray.init(
                "local", num_cpus=cpus, include_dashboard=False, log_to_driver=False,
                logging_level=logging.CRITICAL, _temp_dir=folder,
            )  # fmt: skip
        except Exception as error:  # its processes may fail in any way
            raise HoiquyError(
                f"Ray cannot be started here: {first_lines(error)}; on a busy machine, try again"
            ) from error
        yield


def _short_folder() -> str | None:
    """The folder of Ray's sockets: paths have at most 103 bytes (macOS), of which Ray takes 80."""
    too_long = len(os.fsencode(tempfile.gettempdir())) > _FOLDER_BYTES
    return "/tmp" if too_long and Path("/tmp").is_dir() else None


@contextmanager
def _joined(address: str) -> Iterator[None]:
    import ray

    check_reachable(address)
    _check_answers(address)
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:
        raise InputError(f"cannot join the Ray at {address}: {first_lines(error)}") from error
    try:
        check_versions(_nodes())
        yield
    finally:
        ray.shutdown()


def _nodes() -> tuple[str, ...]:
    import ray

    return tuple(node["NodeID"] for node in ray.nodes() if node["Alive"])


def _check_answers(address: str) -> None:
    """Raise InputError unless Ray responds soon; `ray.init` would retry for minutes."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    try:
        check = subprocess.run(
            command, capture_output=True, text=True, timeout=_RESPONSE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"the server at {address} does not respond as Ray within {_RESPONSE_SECONDS:.0f} s; "
            f"{_START}"
        ) from error
    if "InvalidAuthToken" in check.stderr:
        raise InputError(
            f"the Ray at {address} refuses this process's token: set RAY_AUTH_MODE=token, and "
            f"RAY_AUTH_TOKEN_PATH=FILE unless the token is in ~/.ray/auth_token"
        )
    if check.returncode:
        lines = check.stderr.strip().splitlines() or ["not healthy"]
        raise InputError(f"cannot join the Ray at {address}: {lines[-1]}")


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables that the user has not set; Ray's processes inherit them.

    Afterwards all new RAY_ variables are removed, including those that Ray sets.
    """
    before = set(os.environ)
    os.environ.update({name: value for name, value in variables.items() if name not in before})
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("RAY_")]:
            if name not in before:
                del os.environ[name]


@contextmanager
def _same_handler_after() -> Iterator[None]:
    """Restore the SIGTERM handler, which Ray replaces."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        _set_handler(before)


def _set_handler(handler: Any) -> None:
    """Set the SIGTERM handler; only the main thread can."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)
