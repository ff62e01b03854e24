"""The libraries that hoiquy is measured against: versions, worker script, what each can do."""

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from hoiquy.errors import InputError
from hoiquy.recipe.validation_errors import nearest

# One release of everything that computes; what they pull in beside that is left to pip.
_NUMPY = "numpy==2.4.6"
_KERAS = "keras==3.15.1"


@dataclass(frozen=True)
class Peer:
    """One library on one backend; `kinds` are the kinds of work its worker script knows."""

    name: str  # what --against takes
    title: str  # what tables and charts show
    worker: str  # module name below hoiquy.bench.workers
    requirements: tuple[str, ...]
    kinds: frozenset[str]
    variables: dict[str, str] = field(default_factory=dict)  # its environment variables


def _tensorflow() -> str:
    """The build without GPU code where there is one: the same kernels in a third of the size."""
    small = sys.platform == "linux" and platform.machine() == "x86_64"
    return "tensorflow-cpu==2.21.0" if small else "tensorflow==2.21.0"


_ALL_KINDS = frozenset({"training", "inference", "latency", "layer"})

PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "keras-tensorflow",
            "Keras on TensorFlow",
            "keras_worker",
            (_KERAS, _tensorflow(), _NUMPY),
            _ALL_KINDS,
            {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"},
        ),
        Peer(
            "keras-jax",
            "Keras on JAX",
            "keras_worker",
            (_KERAS, "jax==0.10.2", _NUMPY),
            _ALL_KINDS,
            {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        ),
        Peer("torch", "PyTorch", "torch_worker", ("torch==2.13.0", _NUMPY), _ALL_KINDS),
        Peer(
            "onnxruntime",
            "ONNX Runtime",
            "onnxruntime_worker",
            ("onnxruntime==1.32.0", "onnx==1.23.2", _NUMPY),
            frozenset({"inference", "latency"}),
        ),
    )
}


def find_peers(names: Sequence[str]) -> list[Peer]:
    """Return the peers of these names, each once, in the order of the table; "all" means all.

    Raises InputError for a name that is not there.
    """
    for name in names:
        if name != "all" and name not in PEERS:
            known = ", ".join(PEERS)
            raise InputError(
                f"--against {name!r}{nearest(name, list(PEERS))}: expected all, or {known}"
            )
    return [peer for peer in PEERS.values() if "all" in names or peer.name in names]
