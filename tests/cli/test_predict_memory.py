"""A file larger than memory: the program may take no more for it than for a fifth of it."""

import sys
from pathlib import Path

import pytest

import hoiquy
from command_line import PROGRAM, program_with_limit, run_program
from hoiquy.recipe import parse_recipe
from own_tables import rows
from small_reviews import SMALL as RECIPE

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the limit is not kept, and /proc is missing"
)

SMALL, LARGE = 40, 200  # megabytes; the smaller one fills all that is at work at once
SPARE = 150_000_000  # bytes, less than the large file; two runs differ in their threads' arenas
PEAK = (
    "import atexit, sys; atexit.register(lambda: print(next(line for line in "
    "open('/proc/self/status') if line.startswith('VmPeak')), file=sys.stderr)); "
)


def answered(command: list[str], run: Path, file: Path, out: Path) -> str:
    """Answer a file; what the program said on stderr."""
    arguments = ("predict", run, "--file", file, "--out", out, "--quiet")
    result = run_program(command, *arguments, HOIQUY_THREADS="2")
    assert result.returncode == 0, result.stderr[-500:]
    return result.stderr


def write_table(path: Path, megabytes: int) -> int:
    """Documents of 2,430 characters; returns how many."""
    line = f"{'phim hay ' * 250}{'dở tệ ' * 30},x\n"
    count = megabytes * 1_000_000 // len(line.encode())
    with path.open("w", encoding="utf-8") as file:
        file.write("text,note\n")
        file.writelines(line for _ in range(count))
    return count


def test_a_large_file_is_read_in_the_memory_of_a_small_one(tmp_path: Path) -> None:
    run = hoiquy.train(rows(20), parse_recipe(RECIPE, "test"), tmp_path / "run").folder
    small, large, out = tmp_path / "small.csv", tmp_path / "large.csv", tmp_path / "out.csv"
    write_table(small, SMALL)
    measuring = [*PROGRAM[:-1], PEAK + PROGRAM[-1]]
    used = int(answered(measuring, run, small, out).split()[1]) * 1024
    count = write_table(large, LARGE)
    answered(program_with_limit("RLIMIT_AS", used + SPARE), run, large, out)
    with out.open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == 1 + count
