"""Checksummed files: wherever writing is cut off, each file is as it was before or after."""

from pathlib import Path

import pytest

from example_run import error_line
from hoiquy.errors import RunError
from hoiquy.system import checksummed_files as checksummed_files
from hoiquy.system.checksummed_files import read_checksummed, read_manifest, write_checksummed

OLD = {"a": b"old a", "b": b"old b"}
NEW = {"a": b"new a", "c": b"new c"}


class CutOff(BaseException):
    pass


def cut_off(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process end before its write number `at`, from 0."""
    writes = 0

    def counting(path: Path, content: bytes) -> None:
        nonlocal writes
        if writes == at:
            raise CutOff
        writes += 1
        path.write_bytes(content)

    monkeypatch.setattr(checksummed_files, "write_bytes", counting)
    monkeypatch.setattr(
        checksummed_files, "write_text", lambda path, text: counting(path, text.encode())
    )


@pytest.mark.parametrize("at", range(4))  # manifest, a, c, manifest
def test_cut_off_anywhere_files_read_as_before_or_after(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_checksummed(tmp_path, OLD)
    with monkeypatch.context() as patch:
        cut_off(at, patch)
        with pytest.raises(CutOff):
            write_checksummed(tmp_path, NEW)
    assert read_checksummed(tmp_path, "a") == (NEW if at > 1 else OLD)["a"]
    assert read_checksummed(tmp_path, "b") == OLD["b"]
    if at > 2:
        assert read_checksummed(tmp_path, "c") == NEW["c"]
    else:
        with pytest.raises(RunError):
            read_checksummed(tmp_path, "c")
    write_checksummed(tmp_path, NEW)
    assert {name: read_checksummed(tmp_path, name) for name in "abc"} == OLD | NEW


def test_afterwards_the_old_bytes_are_not_taken_any_more(tmp_path: Path) -> None:
    write_checksummed(tmp_path, OLD)
    write_checksummed(tmp_path, NEW)
    assert {len(hashes) for hashes in read_manifest(tmp_path).values()} == {1}
    (tmp_path / "a").write_bytes(OLD["a"])
    assert "damaged, or was changed" in error_line(lambda: read_checksummed(tmp_path, "a"))


def test_a_file_without_a_checksum_is_not_read(tmp_path: Path) -> None:
    write_checksummed(tmp_path, OLD)
    (tmp_path / "c").write_bytes(b"planted")
    assert str(tmp_path / "c") in error_line(lambda: read_checksummed(tmp_path, "c"))
