"""Tiny runs, really trained, and `hoiquy serve` over them in a process of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hoiquy
from command_line import PROGRAM
from hoiquy.recipe import parse_recipe
from own_tables import TELLING, VIETNAMESE, rows, write_csv
from small_reviews import SMALL, write_reviews

HOSTILE_RUN = "<img src=x onerror=alert(1)>"
HOSTILE_CLASS = '<script>document.title = "hacked"</script>'
MANY_CLASSES = 9
_GRU = SMALL.replace('"lstm"', '"gru"').replace('"small"', '"small-gru"')
_BOTH_WAYS = SMALL.replace('"lstm"', '"lstm"\nbidirectional = true').replace(
    '"small"', '"both-ways"'
)


def write_runs(folder: Path) -> Path:
    """lstm and gru on the same reviews; both-ways, which reads from both ends; ba-lop, Vietnamese
    with three classes; many, whose classes have hostile names; and a run with a hostile name."""
    runs = folder / "runs"
    runs.mkdir()
    reviews = write_reviews(folder / "reviews", each=120)
    for name, recipe in (("lstm", SMALL), ("gru", _GRU), ("both-ways", _BOTH_WAYS)):
        hoiquy.train(reviews, parse_recipe(recipe, name), runs / name)
    shutil.copytree(runs / "lstm", runs / HOSTILE_RUN)
    vietnamese = parse_recipe(VIETNAMESE, "ba-lop")
    hoiquy.train(write_csv(folder / "phim.csv", rows(80)), vietnamese, runs / "ba-lop")
    names = [f"{HOSTILE_CLASS} {number}" for number in range(MANY_CLASSES)]
    phrases = [phrase for group in TELLING.values() for phrase in group]
    many = [
        (f"phim {phrase} {number}", name)
        for number in range(30)
        for phrase, name in zip(phrases, names, strict=True)
    ]
    hoiquy.train(write_csv(folder / "many.csv", many), vietnamese, runs / "many")
    return runs


@contextmanager
def serving(folder: Path, *options: str, port: int = 0, **variables: str) -> Iterator[str]:
    """Serve a folder on a free port; gives the address of its page."""
    command = [*PROGRAM, "serve", str(folder), "--port", str(port), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"LANG": "C.UTF-8"} | variables
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=60)
