"""A connection to Ray: a local one, started for one command, or a cluster that is there."""

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
_KNOCK_SECONDS, _ANSWER_SECONDS = 5.0, 20.0
_FOLDER_BYTES = 20
_START = "start one there with: ray start --head"
_TOKEN = secrets.token_hex(32)  # of the local ones; Ray keeps the first that a process has
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else Ray warns that this will change
    # Ray would tell of workers that died, which are started again, on standard output.
    "RAY_DEDUP_LOGS_SKIP_REGEX": "(?s).*",
}


@dataclass(frozen=True)
class Spread:
    """The wish to have Ray do something, several parts at once.

    where: as of `ray_session`. workers: parts at once; None: as many as there are processors.
    """

    where: str
    workers: int | None = None

    @classmethod
    def from_options(cls, where: str | None, workers: int | None) -> "Spread | None":
        """None without `where`.

        Raises what `ray_session` would raise, as far as that shows before a data set is read, and
        InputError for workers of nobody.
        """
        if where is None:
            if workers is not None:
                raise InputError(
                    f"{workers} workers are Ray's: say where it is as well, ray='auto'"
                )
            return None
        if workers is not None and workers < 1:
            raise InputError(f"{workers} workers: expected 1 or more")
        check_installed()
        check_reachable(where)
        return cls(where, workers)


@dataclass(frozen=True)
class Session:
    """A Ray that this process is connected to.

    cpus: of all nodes together. nodes: their Ray ids.
    """

    cpus: int
    nodes: tuple[str, ...]


@contextmanager
def ray_session(where: str, cpus: int | None = None) -> Iterator[Session]:
    """Be connected to Ray: where is "auto", for a local one, or HOST:PORT of a cluster's head.

    A local one has `cpus` processors, by default as many as `default_threads`; it ends with the
    context, and leaves no file behind. If this process is connected already, that Ray is taken
    whatever `where` says, and stays.

    Raises MissingExtraError without Ray, InputError for an address that is none, that nobody
    answers at within seconds, or whose nodes have another Python, Ray or hoiquy.
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
        there = int(ray.cluster_resources().get("CPU", 0))
        if there == 0:
            raise InputError(f"the Ray at {where} has no processors: add a node that has some")
        yield Session(there, _nodes())


def check_installed() -> None:
    """Raise MissingExtraError, which says what to install, unless Ray is there."""
    if getattr(find_spec("ray"), "origin", None) is None:  # a folder of that name has none
        raise MissingExtraError("--ray needs Ray: pip install 'hoiquy[ray]'")


def check_reachable(where: str) -> None:
    """Raise InputError unless somebody listens at the address."""
    if where == LOCAL:
        return
    split = re.fullmatch(r"\[?([^/\[\]]+)\]?:(\d{1,5})", where, re.ASCII)
    if split is None:
        raise InputError(
            f"--ray {where!r}: expected auto, or HOST:PORT of a cluster's head, such as "
            f"127.0.0.1:6379"
        )
    try:
        socket.create_connection((split[1], int(split[2])), _KNOCK_SECONDS).close()
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"no Ray can be reached at {where}: {reason}; {_START}") from error


@contextmanager
def _local(cpus: int) -> Iterator[None]:
    """A Ray of this process's own, closed to other users of the machine by a token."""
    import ray

    known = any(f"RAY_AUTH_{what}" in os.environ for what in ("MODE", "TOKEN", "TOKEN_PATH"))
    with ExitStack() as held:
        held.enter_context(_environment({} if known else {"RAY_AUTH_TOKEN": _TOKEN}))
        # sockets are in it, whose paths have to be short
        folder = held.enter_context(
            tempfile.TemporaryDirectory(
                prefix="hoiquy-", dir=_short_folder(), ignore_cleanup_errors=True
            )
        )
        held.callback(ray.shutdown)
        try:
            ray.init(
                "local", num_cpus=cpus, include_dashboard=False, log_to_driver=False,
                logging_level=logging.CRITICAL, _temp_dir=folder,
            )  # fmt: skip
        except Exception as error:  # whatever its processes die of
            reason = first_lines(error)
            raise HoiquyError(
                f"Ray cannot be started here: {reason}; on a busy machine, try again"
            ) from error
        yield


def _short_folder() -> str | None:
    """Where Ray's sockets go: their paths may have 103 bytes (macOS), of which Ray takes 80."""
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
    """Raise InputError unless a Ray answers there soon; by itself it would try for minutes."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"what listens at {address} does not answer as Ray does, within "
            f"{_ANSWER_SECONDS:.0f} s; {_START}"
        ) from error
    if "InvalidAuthToken" in asked.stderr:
        raise InputError(
            f"the Ray at {address} refuses this process's token: set RAY_AUTH_MODE=token, and "
            f"RAY_AUTH_TOKEN_PATH=FILE unless the token is in ~/.ray/auth_token"
        )
    if asked.returncode:
        lines = asked.stderr.strip().splitlines() or ["not healthy"]
        raise InputError(f"cannot join the Ray at {address}: {lines[-1]}")


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Have these set, where the user did not; Ray's processes inherit them.

    What Ray adds itself, such as RAY_AUTH_MODE for a local one, is taken away again.
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
    """Ray takes SIGTERM for itself, and prints pages when it comes."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        _set_handler(before)


def _set_handler(handler: Any) -> None:
    """What SIGTERM does; other threads than the main one cannot say it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)
