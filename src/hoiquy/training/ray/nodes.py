"""What holds on every machine of a cluster: the same hoiquy, the same folder."""

import secrets
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from socket import gethostname
from typing import TypeVar

from hoiquy.errors import InputError
from hoiquy.system.atomic_write import make_folder, write_text

_SECONDS = 60.0  # for a node to answer

T = TypeVar("T")


def check_versions(nodes: Sequence[str]) -> None:
    """Raise InputError unless each node has the hoiquy that this process has."""

    def version() -> tuple[str, str]:  # sent as it is: it needs no hoiquy there
        from importlib import metadata
        from socket import gethostname

        try:
            return gethostname(), metadata.version("hoiquy")
        except metadata.PackageNotFoundError:
            return gethostname(), ""

    mine = metadata.version("hoiquy")
    for host, there in _ask_each(nodes, version):
        if there != mine:
            has = f"has hoiquy {there}" if there else "has no hoiquy"
            raise InputError(
                f"the node {host} {has}, this process {mine}: install the same one on each node, "
                f"for the Python that Ray was started with"
            )


def check_shared(folder: Path, nodes: Sequence[str]) -> None:
    """Raise InputError unless all nodes see this folder, which is made, under the same path."""
    make_folder(folder)
    token = secrets.token_hex(16)
    path = folder.resolve() / f".{token}.shared"
    write_text(path, token)
    try:
        answers = _ask_each(nodes, _read, path)
    finally:
        path.unlink(missing_ok=True)
    for host, content in answers:
        if content != token:
            raise InputError(
                f"the node {host} does not see {folder.resolve()}: --out has to be on a disk that "
                f"all nodes share, under the same path"
            )


def check_seen(paths: Sequence[Path], nodes: Sequence[str]) -> None:
    """Raise InputError unless all nodes see these, under the same paths."""
    for host, missing in _ask_each(nodes, _missing, [path.resolve() for path in paths]):
        if missing:
            raise InputError(
                f"the node {host} does not see {missing[0]}: it has to be on a disk that all nodes "
                f"share, under the same path"
            )


def _missing(paths: list[Path]) -> tuple[str, list[Path]]:
    return gethostname(), [path for path in paths if not path.exists()]


def _read(path: Path) -> tuple[str, str]:
    """The name of this machine, and what the file holds for it; "" where it is not."""
    try:
        return gethostname(), path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return gethostname(), ""


def _ask_each(nodes: Sequence[str], function: Callable[..., T], *arguments: object) -> list[T]:
    """What the function returns on each node. Raises InputError where one gives no answer."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    asked = ray.remote(function)
    answers = [
        asked.options(
            num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)
        ).remote(*arguments)
        for node in nodes
    ]
    try:
        return list(ray.get(answers, timeout=_SECONDS))
    except Exception as error:  # it has died, it has no room, it cannot read what is sent
        raise InputError(f"a node of this Ray does not work: {first_lines(error)}") from error


def first_lines(error: BaseException) -> str:
    """What a person needs of an error of Ray's, which may be pages."""
    lines = [line.strip() for line in str(error.__cause__ or error).splitlines() if line.strip()]
    return " ".join(lines[:4]) if lines else type(error).__name__
