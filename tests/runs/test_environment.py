"""What environment.json says about a run."""

import json
import sys

import numpy as np

from hoiquy.runs.environment import changes_since, describe_environment, exact_facts, processor_name


def test_environment_says_how_to_make_the_run_again() -> None:
    environment = describe_environment(
        engine="hoiquy",
        threads=2,
        kernels="fast",
        seed=7,
        data_source="imdb",
        command=["hoiquy", "train", "my reviews.csv"],
    )
    assert environment["command"] == "hoiquy train 'my reviews.csv'"
    assert (environment["seed"], environment["threads"], environment["kernels"]) == (7, 2, "fast")
    assert environment["packages"]["numpy"] == np.__version__
    assert environment["python"] == ".".join(map(str, sys.version_info[:3]))
    assert environment["processor"] == processor_name() != ""
    assert json.loads(json.dumps(environment)) == environment


def test_what_decides_the_bits_is_told_apart_from_what_does_not() -> None:
    ours, keras = exact_facts("fast"), exact_facts("keras (jax)")
    assert ours.keys() - keras.keys() == {"numba", "llvmlite"}
    assert "threads" not in ours and "processor" not in ours
    assert changes_since(ours, ours) == []
    assert changes_since({"numpy": "1", "numba": "2"}, {"numpy": "3", "jax": "4"}) == [
        "numpy 1 → 3", "numba 2 → absent", "jax absent → 4",
    ]  # fmt: skip
