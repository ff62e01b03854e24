"""kill -9 at random moments, also during a checkpoint write: resumed, the bits are the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from miniatures import LAB
from small_reviews import write_reviews

TESTS = Path(__file__).parents[1]
NAMES = (*LAB, "auto")
KILLS = int(os.environ.get("HOIQUY_KILLS", "4"))  # of each recipe; `make test-all` has more

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes and kills them"),
]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("killed") / "aclImdb", each=40)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", NAMES)
def test_a_training_that_is_killed_ends_in_the_same_bits(
    name: str, reviews: Path, tmp_path: Path
) -> None:
    script = Path(__file__).with_name("killed_again_and_again.py")
    paths = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, script, name, str(KILLS), str(NAMES.index(name)), reviews, tmp_path],
        env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["killed"] >= KILLS
    assert found["differ"] == []
    if KILLS >= 20:
        assert found["writing"] > 0
