"""How much memory this process may still take: what is free, and what its limits leave.

Linux shows the machine's free memory in /proc/meminfo and a container's limits in control groups
of version 2. None means that it is unknown.
"""

import os
from collections.abc import Iterator
from pathlib import Path

PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def available_memory(proc: Path = PROC, cgroups: Path = CGROUPS) -> int | None:
    """The bytes that this process may still allocate; None if unknown.

    Swap and the page cache of files count as available. proc, cgroups: where Linux mounts them.
    """
    meminfo = _table(proc / "meminfo")
    if "MemAvailable" not in meminfo:
        return _physical_memory()
    swap = meminfo.get("SwapFree", 0)
    rooms = [meminfo["MemAvailable"] + swap]
    for folder in _own_cgroups(proc, cgroups):
        room = _room(folder, swap)
        if room is not None:
            rooms.append(room)
    return max(0, min(rooms))


def address_space_left(limit: int | None = None, proc: Path = PROC) -> int | None:
    """The bytes of address space that `ulimit -v` leaves; None if it sets no limit.

    limit: in bytes; None asks the system.
    """
    size = _table(proc / "self" / "status").get("VmSize")
    limit = address_space_limit() if limit is None else limit
    if limit is None or size is None:
        return None
    return max(0, limit - size)


def address_space_limit() -> int | None:
    """The limit of `ulimit -v` in bytes; None if it is unlimited."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def _physical_memory() -> int | None:
    """All memory of the machine: an upper bound where the free memory is unknown (macOS)."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _own_cgroups(proc: Path, root: Path) -> Iterator[Path]:
    """The folder of this process's control group and of all above it: each may set a limit.

    Inside a container the path may be that of the host, and only the root is there.
    """
    for line in _read(proc / "self" / "cgroup").splitlines():
        if line.startswith("0::"):  # version 2
            parts = [part for part in line[3:].split("/") if part not in ("", "..")]
            for end in range(len(parts), -1, -1):
                yield root.joinpath(*parts[:end])


def _room(folder: Path, swap: int) -> int | None:
    most, used = _number(folder / "memory.max"), _number(folder / "memory.current")
    if most is None or used is None:
        return None
    swap_most, swap_used = (_number(folder / f"memory.swap.{name}") for name in ("max", "current"))
    if swap_most is not None and swap_used is not None:
        swap = min(swap, max(0, swap_most - swap_used))
    stat = _table(folder / "memory.stat")
    return most - used + stat.get("inactive_file", 0) + stat.get("active_file", 0) + swap


def _table(path: Path) -> dict[str, int]:
    """Lines of a name, a number and perhaps "kB", in bytes; empty if the file is missing."""
    table = {}
    for line in _read(path).splitlines():
        name, number, unit = [*line.split(), "", "", ""][:3]
        if number.isdecimal():
            table[name.rstrip(":")] = int(number) * (1024 if unit == "kB" else 1)
    return table


def _number(path: Path) -> int | None:
    """The number in a file; None if it holds another word, as "max"."""
    text = _read(path).strip()
    return int(text) if text.isdecimal() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
