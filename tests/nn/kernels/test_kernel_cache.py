"""The folder of compiled kernels: complete or absent, read by all, written by one."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import hoiquy
from hoiquy.nn.kernels.fast import cache, compile_all, compiled, object_code
from hoiquy.nn.kernels.fast.abi import Kernel
from hoiquy.nn.kernels.fast.cache import (
    MANIFEST,
    CacheBuilder,
    cache_folder,
    is_complete,
    usable_folder,
)
from hoiquy.nn.kernels.fast.jit import entries
from hoiquy.nn.kernels.fast.lanes import LANES

FILES = {"run_forward.o": b"machine code" * 100, "run_backward.o": b"code" * 100}


@pytest.fixture(autouse=True)
def no_folder_is_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "usable_folder", usable_folder.__wrapped__)
    monkeypatch.setenv("HOIQUY_CACHE", str(tmp_path))


def fill(destination: Path, files: dict[str, bytes] = FILES) -> None:
    builder = CacheBuilder(destination)
    for name, data in files.items():
        (builder.folder / name).write_bytes(data)
    builder.finish()


def test_a_folder_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    destination = tmp_path / "kernels" / "name"
    builder = CacheBuilder(destination)
    (builder.folder / "some").write_bytes(b"half")
    assert not is_complete(destination) and not destination.exists()
    builder.finish()
    assert is_complete(destination)
    assert [path.name for path in destination.parent.iterdir()] == ["name"]


def test_what_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    builder = CacheBuilder(tmp_path / "kernels" / "name")
    (builder.folder / "some").write_bytes(b"half")
    builder.abandon()
    assert not list((tmp_path / "kernels").iterdir())


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
@pytest.mark.parametrize("damage", ["empty", "half", "gone", "changed"])
def test_every_damage_is_seen_and_mended(name: str, damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "kernels" / "name"
    fill(folder)
    data = (folder / name).read_bytes()
    if damage == "gone":
        (folder / name).unlink()
    else:
        half = data[: len(data) // 2]
        (folder / name).write_bytes({"empty": b"", "half": half}.get(damage, half + b"?"))
    assert not is_complete(folder)
    fill(folder)
    assert is_complete(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["name"]


@pytest.mark.parametrize("manifest", ["{}", "[]", "null", '"text"', '{"../name": 1}', "\xff"])
def test_a_strange_manifest_is_not_whole(manifest: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(manifest, encoding="latin-1")
    assert not is_complete(tmp_path)


def test_the_first_to_finish_stays(tmp_path: Path) -> None:
    folder = tmp_path / "kernels" / "name"
    late = CacheBuilder(folder)
    fill(folder)
    before = (folder / "run_forward.o").stat().st_ino
    (late.folder / "run_forward.o").write_bytes(b"other code")
    late.finish()
    assert (folder / "run_forward.o").stat().st_ino == before
    assert not late.folder.exists()


@pytest.mark.parametrize("damaged", [False, True])
def test_many_finish_at_once(damaged: bool, tmp_path: Path) -> None:
    """One of the folders remains, complete, and no process fails."""
    folder = tmp_path / "kernels" / "name"
    if damaged:
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text('{"lstm": "0"}')
    start = threading.Barrier(8)
    errors: list[Exception] = []

    def run() -> None:
        try:
            start.wait(30)
            fill(folder)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert is_complete(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["name"]


def test_what_a_killed_process_left_is_removed_some_day(tmp_path: Path) -> None:
    folder = tmp_path / "kernels" / "name"
    old, fresh = CacheBuilder(folder).folder, CacheBuilder(folder).folder
    os.utime(old, (0, 0))
    CacheBuilder(folder).abandon()
    assert fresh.exists() and not old.exists()


def test_the_name_does_not_hold_where_hoiquy_lies(tmp_path: Path) -> None:
    """So that another environment with the same hoiquy finds what is compiled."""
    assert cache_folder().parent == tmp_path / "kernels"
    script = "from hoiquy.nn.kernels.fast.cache import cache_folder; print(cache_folder().name)"
    copy = tmp_path / "elsewhere"
    shutil.copytree(Path(hoiquy.__file__).parent, copy / "hoiquy")
    fresh = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(copy)},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert fresh.stdout.strip() == cache_folder().name


def test_a_whole_folder_need_not_be_writable(monkeypatch: pytest.MonkeyPatch) -> None:
    fill(cache_folder())

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError

    monkeypatch.setattr(cache.tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(cache.tempfile, "TemporaryDirectory", refuse)
    assert cache.usable_folder() == cache_folder()


ADAM = """
import sys, numpy as np
from hoiquy.nn.kernels.fast.adam import adam_update
from hoiquy.nn.kernels.fast.cache import usable_folder
arrays = [np.ones(8, np.float32) for _ in range(4)]
adam_update(*arrays, 0.5, 0.9, 0.999, 1e-7)
assert abs(arrays[0][0] - 0.5) < 1e-3, arrays[0]
print(usable_folder(), "numba" in sys.modules)
"""


def run_adam(home: Path | str, **environment: str) -> list[str]:
    """The folder of kernels, and whether Adam was compiled."""
    fresh = subprocess.run(
        [sys.executable, "-W", "error", "-c", ADAM],
        env=os.environ | {"HOIQUY_CACHE": str(home)} | environment,
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return fresh.stdout.split()


def test_where_nothing_can_be_kept_a_private_folder_serves_and_goes(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder, compiles = run_adam(tmp_path / "file" / "cache")  # no folder can be made below a file
    assert compiles == "True"
    assert not folder.startswith(str(tmp_path)) and not Path(folder).parent.exists()


def test_a_process_that_uses_kernels_writes_nothing(tmp_path: Path) -> None:
    folder, compiles = run_adam(tmp_path)
    assert Path(folder).parent == tmp_path / "kernels" and compiles == "True"
    assert not list((tmp_path / "kernels").iterdir())


ADAM_FILE = object_code.file_name(compiled.adam_update.name)


@pytest.fixture(scope="module")
def adam_code() -> bytes:
    kernel = compiled.adam_update
    return object_code.compile_kernel(kernel.name, kernel.parameters)


def test_what_is_compiled_is_loaded_without_numba(tmp_path: Path, adam_code: bytes) -> None:
    fill(cache_folder(), {ADAM_FILE: adam_code})
    assert run_adam(tmp_path) == [str(cache_folder()), "False"]


@pytest.mark.parametrize("damage", ["half", "changed", "gone", "manifest"])
def test_a_damaged_file_is_compiled_again(damage: str, tmp_path: Path, adam_code: bytes) -> None:
    fill(cache_folder(), {ADAM_FILE: adam_code})
    file = cache_folder() / (MANIFEST if damage == "manifest" else ADAM_FILE)
    if damage == "gone":
        file.unlink()
    elif damage == "changed":
        file.write_bytes(adam_code[:-1] + bytes([adam_code[-1] ^ 1]))
    else:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert run_adam(tmp_path) == [str(cache_folder()), "True"]


def test_another_processor_has_another_folder(tmp_path: Path, adam_code: bytes) -> None:
    """Numba compiles for the processor that these settings name."""
    fill(cache_folder(), {ADAM_FILE: adam_code})
    for setting in ({"NUMBA_CPU_NAME": "generic"}, {"HOIQUY_LANES": "16"}):
        if setting.get("HOIQUY_LANES") == str(LANES):
            setting = {"HOIQUY_LANES": "8"}
        folder, compiles = run_adam(tmp_path, **setting)
        assert folder != str(cache_folder()) and compiles == "True"


def test_every_kernel_that_python_calls_is_compiled_beforehand() -> None:
    kernels = [value for value in vars(compiled).values() if isinstance(value, Kernel)]
    assert set(kernels) == set(compiled.KERNELS)
    assert [kernel.name for kernel in compiled.KERNELS] == [
        name for kernel in compiled.KERNELS for name, value in vars(compiled).items()
        if value is kernel
    ]  # fmt: skip
    assert {kernel.name for kernel in kernels} == entries.FUNCTIONS.keys()


def test_shares_are_all_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_all, "compile_kernel", lambda name, parameters: name.encode())
    for share in range(3):
        compile_all.compile_share(tmp_path, share, 3)
    files = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert files == {f"{kernel.name}.o": kernel.name for kernel in compiled.KERNELS}


@pytest.mark.parametrize("broken", ["nothing.at.all", "hoiquy.errors"])
def test_what_other_processes_do_not_compile_is_compiled_here(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_all, "compile_kernel", lambda name, parameters: name.encode())
    monkeypatch.setattr(compile_all, "_MODULE", broken)  # the second ends well, without a file
    monkeypatch.setattr(compile_all, "available_processors", lambda: 3)
    compile_all.compile_all(tmp_path / "kernels" / "name")
    assert is_complete(tmp_path / "kernels" / "name")
    assert len(list((tmp_path / "kernels" / "name").glob("*.o"))) == len(compiled.KERNELS)


def test_an_error_ends_the_other_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = compile_all._start_worker

    def watched(*arguments: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments))
        return started[-1]

    def full_disk(name: str, parameters: object) -> bytes:
        raise OSError("no space left on device")

    monkeypatch.setattr(compile_all, "_start_worker", watched)
    monkeypatch.setattr(compile_all, "available_processors", lambda: 3)
    monkeypatch.setattr(compile_all, "compile_kernel", full_disk)
    with pytest.raises(OSError, match="no space"):
        compile_all.compile_all(tmp_path / "kernels" / "name")
    assert [worker.poll() is None for worker in started] == [False, False]
    assert not list((tmp_path / "kernels").iterdir())
