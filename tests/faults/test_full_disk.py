"""A full disk: one line that says what to do, nothing saved is lost, no half file stays."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from command_line import PROGRAM, call_hoiquy, only_line_of_error, program_with_limit, run_program
from hoiquy.runs.files import REPEATABLE
from hoiquy.workflows.verify import verify
from small_reviews import SMALL, write_reviews

DISK = 1000  # KiB
LONG = ("--set", "training.epochs=6", "--checkpoint-minutes", "0")

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with reviews, a recipe, and a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("disk")
    write_reviews(folder / "aclImdb", each=40)
    (folder / "small.toml").write_text(SMALL)
    result = call_hoiquy(*command(folder, folder / "whole"))
    assert result.returncode == 0, result.stderr
    return folder


def command(place: Path, out: Path) -> tuple[str | Path, ...]:
    return ("train", place / "aclImdb", "--recipe", place / "small.toml", "--out", out, *LONG)


def train(
    place: Path, out: Path, program: Sequence[str] = PROGRAM
) -> subprocess.CompletedProcess[str]:
    return run_program(program, *command(place, out), "--quiet")


def assert_goes_on(place: Path, out: Path) -> None:
    assert not list(out.rglob("*.tmp"))
    result = call_hoiquy("resume", out)
    assert result.returncode == 0, result.stderr
    for name in REPEATABLE:
        assert (out / name).read_bytes() == (place / "whole" / name).read_bytes()
    assert verify(out)[1] == []


@pytest.mark.parametrize("size", [2_000, 7_000, 20_000])
def test_files_that_cannot_grow(place: Path, tmp_path: Path, size: int) -> None:
    """With RLIMIT_FSIZE a write fails as on a full disk; it needs no rights."""
    out = tmp_path / "run"
    result = train(place, out, program_with_limit("RLIMIT_FSIZE", size))
    message = only_line_of_error(result, 1)
    assert "cannot write" in message and "File too large" in message
    assert_goes_on(place, out)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}k", "tmpfs", str(disk)]
    may_try = shutil.which("mount") is not None and os.geteuid() == 0
    if not may_try or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only who may mount can make a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("free", [4, 48])  # KiB
def test_a_disk_that_is_full(place: Path, small_disk: Path, free: int) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (DISK - free) * 1024)
    out = small_disk / "run"
    result = train(place, out)
    message = only_line_of_error(result, 1)
    assert "No space left on device" in message
    ballast.unlink()
    if (out / "recipe.toml").exists():
        assert f"hoiquy resume {out}" in message
        assert_goes_on(place, out)
