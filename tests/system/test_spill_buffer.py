"""Bytes are read as they were written, from memory or from an unnamed file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.errors import WriteError
from hoiquy.system import spill_buffer
from hoiquy.system.spill_buffer import SpillBuffer


@given(st.lists(st.binary(max_size=20)), st.integers(0, 100))
def test_what_is_written_is_read(parts: list[bytes], memory: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill_buffer, "MEMORY_BYTES", memory)
        buffer = SpillBuffer()
        for part in parts:
            buffer.write(part)
        content = buffer.finish()
    assert bytes(content) == b"".join(parts)
    assert content.readonly


def test_many_bytes_lie_in_a_file_of_the_cache_that_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill_buffer, "MEMORY_BYTES", 10)
    monkeypatch.setenv("HOIQUY_CACHE", str(tmp_path / "cache"))
    buffer = SpillBuffer()
    buffer.write(b"x" * 10)
    assert not (tmp_path / "cache").exists()
    buffer.write(b"y")
    content = buffer.finish()
    assert bytes(content) == b"x" * 10 + b"y"
    assert list((tmp_path / "cache").iterdir()) == []
    if Path("/proc/self/maps").exists():
        assert f"{tmp_path}/cache/" in Path("/proc/self/maps").read_text()


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(spill_buffer, "MEMORY_BYTES", 0)
    monkeypatch.setenv("HOIQUY_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(WriteError, match=r"HOIQUY_CACHE") as raised:
        SpillBuffer().write(b"x")
    assert str(tmp_path / "file" / "cache") in str(raised.value)
