"""For every test: helper modules, marks by path, how much is tried, and the engine's defaults."""

import atexit
import gc
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# The mark of all tests in a folder, wherever it is; other tests are marked where they are written.
MARK_OF_FOLDER = {"browser": "browser", "keras": "keras", "ray": "ray"}
TESTS = Path(__file__).parent

# As in an active environment, where commands to copy name `hoiquy` without its folder.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

# Each process that a test starts would compile the package anew, where the machine forbids it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Keras reads both when it is imported: JAX whatever the machine's settings, and no file at home.
os.environ["KERAS_BACKEND"] = "jax"
os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="keras-home-")
atexit.register(shutil.rmtree, os.environ["KERAS_HOME"], ignore_errors=True)

# JAX takes longer to compile what a test runs once than to run it: compile without optimizing,
# and keep what is compiled for other tests, processes and runs.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(TESTS.parent / ".cache" / "jax"))
os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"

# Keras' variables convert themselves as NumPy 1 had it, and Keras itself does so when it saves.
KERAS_AND_NUMPY_2 = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"

# An entry that another process is writing is compiled anew.
JAX_AND_OTHER_PROCESSES = "ignore:Error (reading|writing) persistent compilation cache entry"

# A busy machine takes longer than Hypothesis allows for the first example, which may compile.
settings.register_profile("any time", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HOIQUY_EXAMPLES", "any time"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", JAX_AND_OTHER_PROCESSES)


def marks_of(path: Path) -> set[str]:
    """The marks that the folders of a test file give it."""
    if TESTS not in path.parents:
        return set()
    folders = path.relative_to(TESTS).parts[:-1]
    return {MARK_OF_FOLDER[folder] for folder in folders if folder in MARK_OF_FOLDER}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import files that `-m "not keras"` leaves out: JAX alone takes seconds."""
    left_out = set(re.findall(r"not (\w+)", config.option.markexpr))
    is_test = collection_path.name.startswith("test_")
    return True if is_test and marks_of(collection_path) & left_out else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in marks_of(item.path):
            item.add_marker(mark)
        if item.get_closest_marker("keras") or TESTS / "interop" in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(KERAS_AND_NUMPY_2))


def pytest_collection_finish() -> None:
    """Leave what the modules hold out of searches for garbage, which take long with JAX."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def default_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels and threads are chosen as they are where nobody asks for anything."""
    monkeypatch.delenv("HOIQUY_KERNELS", raising=False)
    monkeypatch.delenv("HOIQUY_THREADS", raising=False)


@pytest.fixture
def many_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut batches of networks as small as those of tests as those of large ones are cut."""
    monkeypatch.setattr("hoiquy.nn.shards._SHARD_WORK", 1e-9)
    monkeypatch.setattr("hoiquy.nn.shards._PARAMETER_WORK", 0)
