"""A file larger than memory: the program may take no more for it than for a fifth of it."""

import sys
from pathlib import Path

import pytest

import hoiquy
from command_line import program_after, run_program
from hoiquy.recipe.recipe import parse_recipe
from own_tables import rows
from small_reviews import SMALL as RECIPE

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere /proc is missing"),
]

SMALL, LARGE = 40, 200  # megabytes; the smaller one fills all that is at work at once
SPARE = 100_000_000  # bytes, less than what the larger file is longer
# Of what is resident: the address space has holes, as many as its threads have arenas.
MEASURED = program_after(
    "import atexit, sys; atexit.register(lambda: print(next(line for line in "
    "open('/proc/self/status') if line.startswith('VmHWM')), file=sys.stderr))"
)


def memory_for(run: Path, file: Path, out: Path) -> int:
    """Answer a file; the most memory that it took, in bytes."""
    arguments = ("predict", run, "--file", file, "--out", out, "--quiet")
    result = run_program(MEASURED, *arguments, HOIQUY_THREADS="2")
    assert result.returncode == 0, result.stderr[-500:]
    return int(result.stderr.split()[1]) * 1024


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
    count = write_table(large, LARGE)
    used = memory_for(run, small, out)
    assert memory_for(run, large, out) < used + SPARE
    with out.open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == 1 + count
