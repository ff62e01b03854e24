"""Predicting imports what it uses: the rest takes longer to load than the texts to predict."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hoiquy
from hoiquy.recipe.recipe import parse_recipe
from own_tables import VIETNAMESE, rows

# Numba compiles, rich draws a bar, filelock locks a run that trains, Arrow and SciPy read and test.
UNUSED = {
    "filelock", "h5py", "jinja2", "matplotlib", "numba", "pyarrow", "rich", "scipy", "sklearn",
}  # fmt: skip
FRESH = "import hoiquy; hoiquy.load_predictor({run!r}).predict_proba(['a good film'])"
COMMAND = "from hoiquy.cli.main import main; main(['predict', {run!r}, 'a good film'])"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    hoiquy.train(rows(40), parse_recipe(VIETNAMESE, "test"), folder)
    return folder


@pytest.mark.process
@pytest.mark.parametrize("kernels", ["", "plain"])
@pytest.mark.parametrize("program", [FRESH, COMMAND], ids=["python", "command"])
def test_a_prediction_imports_nothing_that_it_does_not_use(
    run: Path, program: str, kernels: str
) -> None:
    report = f"import sys, atexit; atexit.register(lambda: print(*{UNUSED!r} & {{*sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{report}\n{program.format(run=str(run))}"],
        env=os.environ | {"HOIQUY_KERNELS": kernels},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == ""
