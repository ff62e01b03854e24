"""The libraries that hoiquy is compared with, and a virtual environment for each."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path

from hoiquy.errors import HoiquyError
from hoiquy.system.cache_dir import cache_root

# Whatever computes is pinned; pip chooses the versions of the other dependencies.
NUMPY = "numpy==2.4.6"
_KERAS = "keras==3.15.1"


@dataclass(frozen=True)
class Peer:
    """One library on one backend."""

    name: str  # as on the command line
    title: str  # as in tables and charts
    worker: str  # script in workers/
    requirements: tuple[str, ...]
    trains: bool = True  # False: inference only
    variables: dict[str, str] = field(default_factory=dict)  # environment of its process
    environment: str = ""  # name of the folder of its packages, "" for its own name
    is_checked: bool = True  # False: does other work, without outputs to compare


def _tensorflow() -> str:
    """The wheel without GPU code where there is one: the same kernels in a third of the size."""
    small = sys.platform == "linux" and platform.machine() == "x86_64"
    return "tensorflow-cpu==2.21.0" if small else "tensorflow==2.21.0"


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "keras-tensorflow",
            "Keras on TensorFlow",
            "keras_worker",
            (_KERAS, _tensorflow(), NUMPY),
            variables={"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"},
        ),
        Peer(
            "keras-jax",
            "Keras on JAX",
            "keras_worker",
            (_KERAS, "jax==0.10.2", NUMPY),
            variables={"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        ),
        Peer("torch", "PyTorch", "torch_worker", ("torch==2.13.0", NUMPY)),
        Peer(
            "onnxruntime",
            "ONNX Runtime",
            "onnxruntime_worker",
            ("onnxruntime==1.32.0", NUMPY),
            trains=False,
        ),
    )
}


def environment_folder(peer: Peer) -> Path:
    """The folder of the peer's environment; other requirements or Python give another one."""
    wanted = "\n".join([*peer.requirements, f"python {sys.version_info[:2]}"])
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:10]
    return cache_root() / "peers" / f"{peer.environment or peer.name}-{digest}"


def ensure_environment(peer: Peer) -> Path:
    """Return the interpreter of the peer's environment; install it unless it is complete.

    Raises HoiquyError if pip fails, whose own messages are on standard error.
    """
    folder = environment_folder(peer)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    complete = folder / ".complete"  # written last: an interrupted installation starts again
    if complete.is_file():
        return python
    print(f"Installing {', '.join(peer.requirements)} into {folder}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, symlinks=os.name != "nt")
    # `make install` leaves pip out of hoiquy's environment: use that of the Python below it.
    pip = [getattr(sys, "_base_executable", sys.executable), "-m", "pip"]
    install = ["install", "--quiet", "--disable-pip-version-check", *peer.requirements]
    if subprocess.run([*pip, "--python", python, *install], check=False).returncode:
        raise HoiquyError(
            f"{peer.title} cannot be installed (see pip's message above); run again, or name the "
            "other libraries with --against"
        )
    complete.touch()
    return python
