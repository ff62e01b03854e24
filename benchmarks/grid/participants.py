"""Who takes part in the grid, and why somebody does not."""

import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from peers.libraries import PEERS, Peer, ensure_environment
from peers.results import HOIQUY

_KERAS = "grid_keras_worker"
OWN = Peer(HOIQUY, HOIQUY, _KERAS, (), variables={"HOIQUY_BENCH_KERAS": "hoiquy"})
GRID_PEERS = {
    peer.name: peer
    for peer in (
        replace(PEERS["keras-tensorflow"], worker=_KERAS),
        replace(PEERS["keras-jax"], worker=_KERAS),
        replace(PEERS["torch"], worker="grid_torch_worker"),
        replace(
            PEERS["torch"],
            name="torch-compile",
            title="PyTorch compiled",
            worker="grid_torch_worker",
            variables={"HOIQUY_BENCH_COMPILE": "1"},
            environment="torch",
        ),
    )
}
_COMPILERS = ("c++", "g++", "clang++")


def missing(peer: Peer) -> str:
    """Why this peer cannot take part on this machine, or ""."""
    if peer.name == "torch-compile" and not any(map(shutil.which, _COMPILERS)):
        return f"no C++ compiler on the path ({', '.join(_COMPILERS)})"
    return ""


def gather(names: Iterable[str]) -> tuple[list[Peer], dict[str, Path], dict[str, str]]:
    """Return hoiquy and the peers of these names, all interpreters, and why others are left out.

    Installs what is missing. Names that only other parts of the benchmark know are ignored.
    """
    chosen = [GRID_PEERS[name] for name in dict.fromkeys(names) if name in GRID_PEERS]
    left_out = {peer.name: reason for peer in chosen if (reason := missing(peer))}
    peers = [peer for peer in chosen if peer.name not in left_out]
    pythons = {peer.name: ensure_environment(peer) for peer in peers}
    return [OWN, *peers], {HOIQUY: Path(sys.executable), **pythons}, left_out
