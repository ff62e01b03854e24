"""Tiny runs, really trained, and `hoiquy serve` over them in a process of its own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hoiquy
from command_line import PROGRAM
from hoiquy.recipe.recipe import parse_recipe
from own_tables import TELLING, VIETNAMESE, rows, write_csv
from small_reviews import SMALL, write_reviews

HOSTILE_RUN = "<img src=x onerror=alert(1)>"
HOSTILE_CLASS = '<script>document.title = "hacked"</script>'
MANY_CLASSES = 9
_GRU = SMALL.replace('"lstm"', '"gru"').replace('"small"', '"small-gru"')
_GRU = _GRU.replace('"sigmoid"', '"softmax"').replace(
    "training = {", 'training = {loss = "categorical_crossentropy", '
)
_BOTH_WAYS = SMALL.replace('"lstm"', '"lstm"\nbidirectional = true').replace(
    '"small"', '"both-ways"'
)


def write_runs(folder: Path) -> Path:
    """lstm and gru on the same reviews, gru with a softmax; both-ways, which reads from both ends;
    ba-lop, Vietnamese with three classes; many, whose classes have hostile names; and lstm again
    with another seed, in a folder with a hostile name."""
    runs = folder / "runs"
    runs.mkdir()
    reviews = write_reviews(folder / "reviews", each=120)
    learned = ["training.epochs=8", "training.learning_rate=0.03"]
    for name, recipe, seed in (
        ("lstm", SMALL, 1), (HOSTILE_RUN, SMALL, 2), ("gru", _GRU, 1), ("both-ways", _BOTH_WAYS, 1)
    ):  # fmt: skip
        settings = [*learned, f"training.seed={seed}"]
        hoiquy.train(reviews, parse_recipe(recipe, name), runs / name, settings=settings)
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
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=60)
