"""What this process may still take, read from what Linux shows; here, from invented files."""

import subprocess
import sys
from pathlib import Path

import pytest

from hoiquy.system import available_memory as memory_available
from hoiquy.system.available_memory import address_space_left, available_memory

GB = 10**9
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux shows it in files")


def machine(folder: Path, free_kb: int = 16_000_000, swap_kb: int = 0, group: str = "") -> Path:
    """A folder as /proc; `group` is the content of self/cgroup."""
    (folder / "proc" / "self").mkdir(parents=True)
    (folder / "proc" / "meminfo").write_text(
        f"MemTotal:       32000000 kB\nMemFree:          123456 kB\n"
        f"MemAvailable:   {free_kb} kB\nSwapFree:       {swap_kb} kB\nHugePages_Total:       0\n"
    )
    (folder / "proc" / "self" / "cgroup").write_text(group)
    (folder / "proc" / "self" / "status").write_text("Name:\thoiquy\nVmSize:\t 2000000 kB\n")
    return folder


def control_group(folder: Path, **files: object) -> None:
    """Files of a control group; __ stands for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def free(folder: Path) -> int | None:
    return available_memory(folder / "proc", folder / "cgroups")


def test_the_machines_free_memory_and_swap(tmp_path: Path) -> None:
    assert free(machine(tmp_path / "a")) == 16_000_000 * 1024
    assert free(machine(tmp_path / "b", swap_kb=1000)) == 16_001_000 * 1024


def test_a_control_group(tmp_path: Path) -> None:
    machine(tmp_path, group="0::/\n")
    stat = "anon 5\ninactive_file 300000000\nactive_file 200000000"
    root = tmp_path / "cgroups"
    control_group(root, memory__max=4 * GB, memory__current=2 * GB, memory__stat=stat)
    assert free(tmp_path) == 2 * GB + 500_000_000  # pages of files give way
    control_group(root, memory__max="max")
    assert free(tmp_path) == 16_000_000 * 1024


def test_swap_counts_as_far_as_the_group_may_use_it(tmp_path: Path) -> None:
    machine(tmp_path, swap_kb=1_000_000, group="0::/\n")
    root = tmp_path / "cgroups"
    control_group(root, memory__max=4 * GB, memory__current=2 * GB)
    assert free(tmp_path) == 2 * GB + 1_024_000_000
    control_group(root, memory__swap__max=GB, memory__swap__current=GB // 2)
    assert free(tmp_path) == 2 * GB + GB // 2
    control_group(root, memory__swap__max=0, memory__swap__current=0)
    assert free(tmp_path) == 2 * GB


def test_the_tightest_of_all_groups_above_counts(tmp_path: Path) -> None:
    machine(tmp_path, group="0::/user/session\n")
    root = tmp_path / "cgroups"
    control_group(root / "user", memory__max=3 * GB, memory__current=2 * GB)
    control_group(root / "user" / "session", memory__max="max", memory__current=GB)
    assert free(tmp_path) == GB
    control_group(root / "user" / "session", memory__max=GB + 7, memory__current=GB)
    assert free(tmp_path) == 7


def test_a_path_of_the_host_that_a_container_does_not_have(tmp_path: Path) -> None:
    machine(tmp_path, group="4:memory:/docker/0123abc\n0::/docker/0123abc\n")
    control_group(tmp_path / "cgroups", memory__max=2 * GB, memory__current=GB)
    assert free(tmp_path) == GB


def test_a_group_over_its_limit_leaves_nothing(tmp_path: Path) -> None:
    machine(tmp_path, group="0::/\n")
    control_group(tmp_path / "cgroups", memory__max=GB, memory__current=2 * GB)
    assert free(tmp_path) == 0


@pytest.mark.parametrize("group", ["", "nonsense\n", "::\n0::\n", "0::/../..\n", "4:memory\n"])
def test_files_that_say_nothing(group: str, tmp_path: Path) -> None:
    machine(tmp_path, group=group)
    control_group(tmp_path / "cgroups", memory__max="", memory__current="much")
    assert free(tmp_path) == 16_000_000 * 1024


def test_another_system_knows_all_its_memory_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(memory_available.os, "sysconf", sizes.__getitem__, raising=False)
    assert free(tmp_path) == 4_096_000
    monkeypatch.delattr(memory_available.os, "sysconf")
    assert free(tmp_path) is None
    assert address_space_left(GB, tmp_path) is None


def test_address_space(tmp_path: Path) -> None:
    proc = machine(tmp_path) / "proc"
    assert address_space_left(3 * GB, proc) == 3 * GB - 2_048_000_000
    assert address_space_left(GB, proc) == 0


@on_linux
def test_this_machine() -> None:
    found = available_memory()
    assert found is not None and found > 0


@on_linux
def test_a_process_sees_its_own_limit() -> None:
    limit = 3 * GB
    script = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit})); "
        "from hoiquy.system.available_memory import address_space_left, address_space_limit; "
        "print(address_space_limit(), address_space_left())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert int(shown[0]) == limit
    assert 0 < int(shown[1]) < limit
