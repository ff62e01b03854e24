"""The script of `make bench`, with a recipe that takes no time."""

import json
import os
import subprocess
import sys
from pathlib import Path

from small_reviews import SMALL

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "bench.py"


def test_hoiquy_alone(tmp_path: Path) -> None:
    recipe, out = tmp_path / "small.toml", tmp_path / "out"
    recipe.write_text(SMALL)
    options = ["--against", "--what", "training", "inference", "--recipe", recipe]
    options += ["--rounds", "1", "--documents", "10", "--out", out]
    result = subprocess.run(
        [sys.executable, SCRIPT, *options],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"HOIQUY_KERNELS": "plain"},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    measured = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    assert [row["case"]["what"] for row in measured["cases"]] == [
        "training",
        "inference",
        "latency",
    ]
    assert (out / "bench.md").read_text(encoding="utf-8").strip() == result.stdout.strip()
    assert (out / "training.png").read_bytes().startswith(b"\x89PNG")
