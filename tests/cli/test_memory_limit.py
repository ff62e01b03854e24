"""A training that cannot fit under the limit of the process is refused in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import only_line_of_error, program_with_limit

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        sys.platform != "linux", reason="elsewhere the limit of address space is not kept"
    ),
]

LIMIT = 12_000_000_000  # the libraries alone take one or two


def train_within(
    limit: int, data: Path, recipe: Path, out: Path, *settings: str
) -> subprocess.CompletedProcess[str]:
    arguments = ["train", data, "--recipe", recipe, "--out", out, "--quiet"]
    for setting in settings:
        arguments += ["--set", setting]
    return subprocess.run(
        [*program_with_limit("RLIMIT_AS", limit), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"LANG": "C.UTF-8", "COLUMNS": "200"},
        check=False,
    )


def test_what_cannot_fit_is_refused_before_it_begins(
    reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    units = "model.layers.1.units=20000"  # 6.4 GB for the weights alone
    result = train_within(LIMIT, reviews, small_recipe, tmp_path / "run", units)
    line = only_line_of_error(result, 2)
    for named in ("needs about", "are free under the limit of 12.0 GB", "units (now 8, 20000)"):
        assert named in line
    assert not (tmp_path / "run").exists()  # free for the next try


def test_what_fits_is_trained(reviews: Path, small_recipe: Path, tmp_path: Path) -> None:
    result = train_within(LIMIT, reviews, small_recipe, tmp_path / "run", "training.epochs=1")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "run" / "weights.safetensors").exists()
