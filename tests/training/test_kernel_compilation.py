"""The process that compiles: it ends with its parent, and training works without it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hoiquy.events import Event, Preparing
from hoiquy.nn.kernels.select import processor_is_supported
from hoiquy.training import kernel_compilation as compilation
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.kernel_compilation import _Compilation
from hoiquy.training.loop import fit
from miniatures import miniature, prepared

pytestmark = pytest.mark.skipif(
    not processor_is_supported(), reason="this processor has no fused multiply-add vectors"
)
PARENT = """
import sys, time
from hoiquy.training import kernel_compilation as compilation
compilation.start_compiling()
print(compilation._compilation._process.pid, flush=True)
time.sleep(300)
"""


def runs(pid: int) -> bool:
    """True while the process computes; one that has ended may wait for its exit code to be read."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux does")
@pytest.mark.parametrize(
    ("when", "sign"),
    [
        ("starting", signal.SIGTERM),
        ("compiling", signal.SIGKILL),
        pytest.param("starting", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("starting", signal.SIGKILL, marks=pytest.mark.slow),
        pytest.param("compiling", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("compiling", signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
@pytest.mark.process
def test_the_process_ends_with_its_parent(when: str, sign: int, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env=os.environ | {"HOIQUY_CACHE": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        while when == "compiling" and not list(tmp_path.glob("kernels/*/*.o")):
            assert runs(child)
            time.sleep(0.05)
        parent.send_signal(sign)
    while runs(child):  # for ever, if it is not told to end: the test's own limit notices
        time.sleep(0.05)
    assert not list(tmp_path.glob("kernels/*"))


@pytest.fixture
def must_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compiled, as far as training knows."""
    monkeypatch.setattr(compilation, "must_compile", lambda dtype: True)
    monkeypatch.setattr(compilation, "_compilation", _Compilation())


@pytest.mark.parametrize("broken", ["module", "program"])
def test_without_the_process_training_compiles_for_itself(
    broken: str, must_compile: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if broken == "module":
        monkeypatch.setattr(compilation, "MODULE", "hoiquy.nothing")
    else:
        monkeypatch.setattr(sys, "executable", "/nothing")
    told: list[Event] = []
    recipe = miniature("bai3", "training.epochs=1")
    data = prepared(recipe)
    for _ in range(2):
        fit(recipe, data, FitCallbacks(told.append))
    assert [event for event in told if isinstance(event, Preparing)] == [Preparing("kernels")] * 2


def test_plain_kernels_need_no_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    monkeypatch.setattr(compilation, "_compilation", _Compilation())
    monkeypatch.setattr(subprocess, "Popen", None)
    told: list[Event] = []
    compilation.start_compiling(told.append)
    compilation.finish_compiling(told.append)
    assert not told


def test_a_processor_that_must_do_without_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from hoiquy.nn.kernels import select

    for module in (select, compilation):
        monkeypatch.setattr(module, "processor_is_supported", lambda: False)
    heard: list[Event] = []
    compilation.finish_compiling(heard.append)
    assert heard == [Preparing("plain kernels")]
    monkeypatch.setenv("HOIQUY_KERNELS", "fast")
    heard.clear()
    compilation.finish_compiling(heard.append)
    assert Preparing("plain kernels") not in heard
