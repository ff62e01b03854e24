"""First runs compile the kernels, many at once or over damaged files; later runs do not."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import PROGRAM, run_hoiquy
from hoiquy.nn.kernels.fast.cache import MANIFEST, cache_folder, is_complete
from hoiquy.nn.kernels.select import processor_is_supported
from small_reviews import SMALL

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        not processor_is_supported(), reason="this processor has no fused multiply-add vectors"
    ),
]
SAID = "the compiled kernels are damaged: compiling them again …"


def folder_of(home: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOIQUY_CACHE", str(home))
        return cache_folder()


def weights(run: Path) -> str:
    return hashlib.sha256((run / "weights.safetensors").read_bytes()).hexdigest()


def train_at_once(home: Path, reviews: Path, *outs: str) -> None:
    """Train in one process for each folder, all started at once over damaged files."""
    (home / "small.toml").write_text(SMALL)
    folder = folder_of(home)
    folder.mkdir(parents=True)
    for name in (MANIFEST, "run_forward.o", "run_backward.o"):
        (folder / name).write_text("half of a fil")
    command = [*PROGRAM, "train", reviews, "--recipe", home / "small.toml", "--out"]
    processes = [
        subprocess.Popen(
            [*command, home / out],
            env=os.environ | {"HOIQUY_CACHE": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for out in outs
    ]
    said = [process.communicate(timeout=500)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(outs), said
    assert is_complete(folder)
    assert [path.name for path in (home / "kernels").iterdir()] == [folder.name]
    for lines in said:
        assert lines.count(SAID) == 1 and "compiling the kernels" not in lines


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory, reviews: Path) -> Path:
    """The cache that a first run filled."""
    home = tmp_path_factory.mktemp("home")
    train_at_once(home, reviews, "one")
    return home


@pytest.mark.slow
def test_two_first_runs_at_once_over_damaged_files(tmp_path: Path, reviews: Path) -> None:
    train_at_once(tmp_path, reviews, "one", "other")
    assert weights(tmp_path / "one") == weights(tmp_path / "other")


MORE = """
import sys
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.loop import fit
from hoiquy.training.fit_callbacks import FitCallbacks
from miniatures import LAB, miniature, prepared
from modern_recipe import modern
masked = [miniature(n, "model.layers.0.mask_zero=true") for n in ("bai3", "bai5")]
told = []
for recipe in [miniature(name) for name in LAB] + [modern("max"), modern("mean"), *masked]:
    data = prepared(recipe)
    fit(recipe, data, FitCallbacks(told.append), threads=2).score(data.test)
print("numba" in sys.modules)
print([event for event in told if type(event).__name__ == "Preparing"])
"""


def test_training_and_scoring_compile_nothing_more(first_run: Path) -> None:
    home = first_run
    before = {path: path.stat().st_mtime_ns for path in folder_of(home).iterdir()}
    here = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    fresh = subprocess.run(
        [sys.executable, "-c", MORE],
        env=os.environ | {"HOIQUY_CACHE": str(home), "PYTHONPATH": here},
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    assert fresh.stdout == "False\n[]\n"
    assert {path: path.stat().st_mtime_ns for path in folder_of(home).iterdir()} == before


def test_a_later_run_does_not_compile(first_run: Path, reviews: Path) -> None:
    home = first_run
    result = run_hoiquy("evaluate", home / "one", reviews, "--json", HOIQUY_CACHE=str(home))
    assert json.loads(result.stdout)["documents"] == 80
    assert "compil" not in result.stderr
