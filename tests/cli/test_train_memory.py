"""A training takes no more memory for many texts than for few: they lie in files."""

import sys
from pathlib import Path

import pytest

from command_line import only_line_of_error, program_after, run_hoiquy, run_program
from small_reviews import SMALL

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere /proc is missing"),
]

IN_MEMORY = (
    2_000_000  # bytes of a spool, instead of many more, so that a small table is a large one
)
SMALL_TABLE, LARGE_TABLE = 12, 48  # megabytes
SPARE = 40_000_000  # bytes; the texts and their tokens are twice the table
LOOK = """
import atexit, sys, threading, time
most = 0
def look():
    global most
    while True:
        line = next(line for line in open('/proc/self/status') if line.startswith('RssAnon'))
        most = max(most, int(line.split()[1]))
        time.sleep(0.01)
threading.Thread(target=look, daemon=True).start()
atexit.register(lambda: print('most', most * 1024, file=sys.stderr))
"""


def write_table(path: Path, megabytes: int) -> Path:
    """Different documents of 2,000 characters: few, so that it is their texts that count."""
    filler = "phim hay " * 140 + "dở tệ quá " * 80
    with path.open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        written = number = 0
        while written < megabytes * 1_000_000:
            line = f"{number} {filler},{'ab'[number % 2]}\n"
            file.write(line)
            written += len(line.encode())
            number += 1
    return path


def most_memory(table: Path, recipe: Path, out: Path, in_memory: int = IN_MEMORY) -> int:
    """The most bytes of its own that a training had at once."""
    limit = (
        f"import hoiquy.system.spill_buffer; hoiquy.system.spill_buffer.MEMORY_BYTES = {in_memory}"
    )
    program = program_after(f"exec({LOOK!r}); {limit}")
    arguments = ("train", table, "--recipe", recipe, "--out", out, "--quiet")
    # Arrow's own allocator keeps some 30 MB more, or fewer, of what was freed.
    surroundings = {"HOIQUY_THREADS": "2", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    result = run_program(program, *arguments, **surroundings)
    assert result.returncode == 0, result.stderr[-500:]
    return int(result.stderr.split("most ")[1])


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL.replace("epochs = 3", "epochs = 1, max_steps = 3"))
    return path


def test_many_texts_take_the_memory_of_few(tmp_path: Path, recipe: Path) -> None:
    small = write_table(tmp_path / "small.csv", SMALL_TABLE)
    large = write_table(tmp_path / "large.csv", LARGE_TABLE)
    few = most_memory(small, recipe, tmp_path / "few")
    many = most_memory(large, recipe, tmp_path / "many")
    held = most_memory(large, recipe, tmp_path / "held", in_memory=10**10)
    assert many < few + SPARE
    assert held > many + SPARE  # what the files save
    for name in ("result.json", "weights.safetensors", "predictions.parquet", "vocabulary.txt"):
        there = (tmp_path / "many" / name).read_bytes()
        assert there == (tmp_path / "held" / name).read_bytes()


def test_no_room_for_the_texts_is_told_in_a_line(tmp_path: Path, recipe: Path) -> None:
    table = write_table(tmp_path / "table.csv", 2)
    limit = "import hoiquy.system.spill_buffer; hoiquy.system.spill_buffer.MEMORY_BYTES = 200_000"
    limit += "; import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000,) * 2)"
    arguments = ("train", table, "--recipe", recipe, "--out", tmp_path / "run", "--quiet")
    result = run_program(program_after(limit), *arguments)
    message = only_line_of_error(result, 1)
    assert "File too large" in message and "HOIQUY_CACHE" in message
    assert not (tmp_path / "run").exists()  # it had not started: the same command does it again
    assert run_hoiquy(*arguments).returncode == 0
