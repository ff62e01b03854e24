"""examples/read_run.py, which knows nothing of hoiquy, answers as `hoiquy predict` does."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hoiquy.interop.keras.import_run import import_keras
from hoiquy.prediction.load import load_predictor
from saved_models import CLASSES, recipe_called, save
from small_models import small_model

PROGRAM = Path(__file__).parents[2] / "examples" / "read_run.py"
TEXTS = ["", "Word1, word2!", "unknown word25", "word3 word20 " * 9, "WORD4\tword5\nword6 word7"]
NAMES = ["bai2", "bai4", "bai5", "maximum/masked_left", "mean/masked_right", "dense/unmasked",
         "softmax/masked_left", "stacked_both_ways/masked_right"]  # fmt: skip

pytestmark = pytest.mark.process


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_hoiquy_does(name: str, tmp_path: Path) -> None:
    recipe = recipe_called(name)
    import_keras(save(tmp_path, small_model(recipe), recipe), tmp_path / "run")
    ours = load_predictor(tmp_path / "run").predict_proba(TEXTS)
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(tmp_path / "run"), *TEXTS],
        capture_output=True, text=True, check=True, timeout=60, env=os.environ,
    )  # fmt: skip
    theirs = [[float(number) for number in line.split()] for line in done.stdout.splitlines()]
    assert np.shape(theirs) == (len(TEXTS), len(CLASSES))
    np.testing.assert_allclose(theirs, ours, atol=5e-6)


def test_it_does_not_know_hoiquy() -> None:
    assert "import hoiquy" not in PROGRAM.read_text() and "from hoiquy" not in PROGRAM.read_text()
