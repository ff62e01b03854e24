"""What environment.json says about a run."""

import json
import sys

import numpy as np

from hoiquy.environment import describe_environment, processor_name


def test_environment_says_how_to_make_the_run_again() -> None:
    environment = describe_environment(
        threads=2,
        kernels="fast",
        seed=7,
        data_fingerprint="ab" * 32,
        command=["hoiquy", "train", "my reviews.csv"],
    )
    assert environment["command"] == "hoiquy train 'my reviews.csv'"
    assert (environment["seed"], environment["threads"], environment["kernels"]) == (7, 2, "fast")
    assert environment["packages"]["numpy"] == np.__version__
    assert environment["python"] == ".".join(map(str, sys.version_info[:3]))
    assert environment["processor"] == processor_name() != ""
    assert json.loads(json.dumps(environment)) == environment
