"""Who takes part in the grid, and why a library does not."""

import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from grid.cell import Cell
from hoiquy.errors import HoiquyError
from peers.libraries import NUMPY, PEERS, Peer, ensure_environment
from peers.native import COMPILERS, build_library
from peers.results import HOIQUY

_KERAS, _TORCH, _COMPILED = "grid_keras_worker", "grid_torch_worker", "torch-compile"
UNROLLED, LIBXSMM, SGEMM = "torch-unrolled", "libxsmm", "sgemm"
UNROLLED_LENGTH = 50  # longer sequences take minutes to compile


def _compiled(name: str, title: str, how: str) -> Peer:
    """PyTorch with `torch.compile`, in PyTorch's environment."""
    variables = {"HOIQUY_BENCH_COMPILE": how}
    return replace(
        PEERS["torch"], name=name, title=title, worker=_TORCH, variables=variables,
        environment="torch",
    )  # fmt: skip


OWN = Peer(HOIQUY, HOIQUY, _KERAS, (), variables={"HOIQUY_BENCH_KERAS": "hoiquy"})
GRID_PEERS = {
    peer.name: peer
    for peer in (
        replace(PEERS["keras-tensorflow"], worker=_KERAS),
        replace(PEERS["keras-jax"], worker=_KERAS),
        replace(PEERS["torch"], worker=_TORCH),
        _compiled(_COMPILED, "PyTorch compiled", "default"),
        _compiled(UNROLLED, "PyTorch unrolled", "unrolled"),
    )
}
OWN_LAYER = Peer(HOIQUY, HOIQUY, "hoiquy_layer_worker", ())
SGEMM_PEER = Peer(SGEMM, SGEMM, "sgemm_worker", (), is_checked=False)
LAYER_PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "onednn",
            "oneDNN",
            "native_layer_worker",
            ("onednn-cpu-gomp==2023.2.0", "onednn-devel-cpu-gomp==2023.2.0", NUMPY),
        ),
        Peer(LIBXSMM, "LIBXSMM", "native_layer_worker", (NUMPY,)),
    )
}
DEFAULT_PEERS = [name for name in (*GRID_PEERS, *LAYER_PEERS) if name != UNROLLED]


@dataclass
class Participants:
    """Participants, hoiquy first, with their interpreters, and reasons of those left out."""

    peers: list[Peer]
    pythons: dict[str, Path]
    left_out: dict[str, str] = field(default_factory=dict)


def gather(own: Iterable[Peer], known: Mapping[str, Peer], names: Iterable[str]) -> Participants:
    """Hoiquy's own workers and the known peers of these names; installs what is missing."""
    participants = Participants([*own], {})
    participants.pythons = {peer.name: Path(sys.executable) for peer in participants.peers}
    for peer in [known[name] for name in dict.fromkeys(names) if name in known]:
        try:
            participants.pythons[peer.name], ready = _ready(peer)
            participants.peers.append(ready)
        except HoiquyError as error:
            participants.left_out[peer.name] = str(error)
    return participants


def fits(peer: Peer, cell: Cell) -> bool:
    """Whether a peer can be measured in this cell."""
    if peer.name == UNROLLED:
        return cell.length <= UNROLLED_LENGTH
    return peer.name != LIBXSMM or cell.kind == "LSTM"


def _ready(peer: Peer) -> tuple[Path, Peer]:
    """The interpreter, and the peer with its native library built. Raises HoiquyError."""
    if peer.name in (_COMPILED, UNROLLED) and not any(map(shutil.which, COMPILERS)):
        raise HoiquyError(f"no C++ compiler on the path ({', '.join(COMPILERS)})")
    python = ensure_environment(peer)
    if peer.name not in LAYER_PEERS:
        return python, peer
    library = str(build_library(peer.name, python.parents[1]))
    variables = {"HOIQUY_BENCH_LIBRARY": library, "HOIQUY_BENCH_NAME": peer.title}
    return python, replace(peer, variables=variables)
