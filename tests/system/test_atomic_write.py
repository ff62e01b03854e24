"""Atomic writes: full disks, Ctrl-C, missing folders."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from example_run import error_line, files_in
from hoiquy.errors import HoiquyError
from hoiquy.system.atomic_write import (
    atomic_folder,
    atomic_path,
    make_folder,
    write_bytes,
    write_text,
)


def test_write_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "một\r\n")
    write_text(path, "hai\n")
    assert path.read_bytes() == b"hai\n"
    assert files_in(tmp_path) == ["file.txt"]


def test_files_get_the_rights_that_the_umask_says(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_bytes(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


FULL_DISK = """
import resource, sys
from pathlib import Path
from hoiquy.errors import HoiquyError
from hoiquy.system.atomic_write import write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    write_bytes(Path(sys.argv[1]) / "weights.safetensors", b"x" * 400_000)
except HoiquyError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX stand in for a full disk")
def test_full_disk_leaves_the_old_file_and_no_temporary(tmp_path: Path) -> None:
    write_bytes(tmp_path / "weights.safetensors", b"old weights")
    before = (tmp_path / "weights.safetensors").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(f"cannot write {tmp_path / 'weights.safetensors'}: ")
    assert len(done.stdout.splitlines()) == 1
    assert files_in(tmp_path) == ["weights.safetensors"]
    assert (tmp_path / "weights.safetensors").read_bytes() == before


def test_interruption_leaves_the_old_file_and_no_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    write_text(tmp_path / "file.txt", "old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "file.txt", "new")
    assert files_in(tmp_path) == ["file.txt"]
    assert (tmp_path / "file.txt").read_text(encoding="utf-8") == "old"


def test_missing_folder(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "file.txt"
    message = error_line(lambda: write_text(path, ""), HoiquyError)
    assert message == (
        f"cannot write {path}: the folder {path.parent} does not exist; create it, or choose "
        "another one"
    )


@pytest.mark.skipif(os.name != "posix", reason="needs pipes with names")
def test_a_pipe_is_written_into_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "một\n")
        assert os.read(handle, 100) == "một\n".encode()
    finally:
        os.close(handle)
    assert pipe.is_fifo()
    assert files_in(tmp_path) == ["pipe"]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux's open files")
def test_an_open_file_is_written_into_and_not_replaced(tmp_path: Path) -> None:
    with (tmp_path / "output").open("w", encoding="utf-8") as file:
        write_text(Path(f"/proc/self/fd/{file.fileno()}"), "một\n")
        assert os.fstat(file.fileno()).st_size == len("một\n".encode())
    assert files_in(tmp_path) == ["output"]


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_in_a_folder_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept", encoding="utf-8")
    (tmp_path / "file").symlink_to(tmp_path / "elsewhere")
    write_text(tmp_path / "file", "new")
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == "kept"
    assert not (tmp_path / "file").is_symlink()


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs the device /dev/full")
def test_a_device_that_fails_is_one_line() -> None:
    message = error_line(lambda: write_text(Path("/dev/full"), "text"), HoiquyError)
    assert message == f"cannot write /dev/full: {os.strerror(errno.ENOSPC)}"
    assert Path("/dev/full").is_char_device()


def test_folder_in_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    message = error_line(lambda: make_folder(tmp_path / "file" / "figures"), HoiquyError)
    assert message == f"cannot make the folder {tmp_path / 'file' / 'figures'}: Not a directory"


def test_a_folder_in_the_way_is_reported_before_writing(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "file"
    (folder / "something").mkdir(parents=True)
    file.touch()
    for place, written in (
        (folder, atomic_path),
        (folder, atomic_folder),
        (file, atomic_folder),
    ):
        with pytest.raises(HoiquyError, match=f"cannot write {place}: "), written(place):
            pytest.fail("hours of work would be lost")
    assert sorted(tmp_path.iterdir()) == [file, folder]
