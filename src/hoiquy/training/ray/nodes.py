"""Checks of every machine of a cluster: the same hoiquy, the same folders."""

import secrets
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from socket import gethostname
from typing import TypeVar

from hoiquy.errors import InputError
from hoiquy.system.atomic_write import make_folder, write_text

_SECONDS = 60.0  # for a node to respond

T = TypeVar("T")


def check_versions(nodes: Sequence[str]) -> None:
    """Raise InputError unless each node has the hoiquy of this process."""

    def version() -> tuple[str, str]:  # pickled by value: the node may have no hoiquy
        from importlib import metadata
        from socket import gethostname

        try:
            return gethostname(), metadata.version("hoiquy")
        except metadata.PackageNotFoundError:
            return gethostname(), ""

    mine = metadata.version("hoiquy")
    for host, other in _call_on_each(nodes, version):
        if other != mine:
            has = f"has hoiquy {other}" if other else "has no hoiquy"
            raise InputError(
                f"the node {host} {has}, this process {mine}: install the same one on each node, "
                f"for the Python that Ray was started with"
            )


def check_shared(folder: Path, nodes: Sequence[str]) -> None:
    """Make a folder, and raise InputError unless all nodes see it under the same path."""
    make_folder(folder)
    token = secrets.token_hex(16)
    path = folder.resolve() / f".{token}.shared"
    write_text(path, token)
    try:
        contents = _call_on_each(nodes, _read, path)
    finally:
        path.unlink(missing_ok=True)
    for host, content in contents:
        if content != token:
            raise InputError(
                f"the node {host} does not see {folder.resolve()}: --out has to be on a disk that "
                f"all nodes share, under the same path"
            )


def check_seen(paths: Sequence[Path], nodes: Sequence[str]) -> None:
    """Raise InputError unless all nodes see these paths."""
    for host, missing in _call_on_each(nodes, _missing, [path.resolve() for path in paths]):
        if missing:
            raise InputError(
                f"the node {host} does not see {missing[0]}: it has to be on a disk that all nodes "
                f"share, under the same path"
            )


def _missing(paths: list[Path]) -> tuple[str, list[Path]]:
    return gethostname(), [path for path in paths if not path.exists()]


def _read(path: Path) -> tuple[str, str]:
    """The name of this machine, and the file's content; "" if it cannot be read."""
    try:
        return gethostname(), path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return gethostname(), ""


def _call_on_each(nodes: Sequence[str], function: Callable[..., T], *arguments: object) -> list[T]:
    """Call the function on each node. Raises InputError if one fails or does not respond."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    remote = ray.remote(function)
    results = [
        remote.options(
            num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)
        ).remote(*arguments)
        for node in nodes
    ]
    try:
        return list(ray.get(results, timeout=_SECONDS))
    except Exception as error:  # it has died, has no room or cannot unpickle the call
        raise InputError(f"a node of this Ray does not work: {first_lines(error)}") from error


def first_lines(error: BaseException) -> str:
    """The first lines of an error of Ray, which may have pages."""
    lines = [line.strip() for line in str(error.__cause__ or error).splitlines() if line.strip()]
    return " ".join(lines[:4]) if lines else type(error).__name__
