"""Programs on texts, data sets and tensors give what they give on TensorFlow and Keras 3.15.

The results were recorded by `python tests/tensorflow_snippets.py`. Where HOIQUY_TENSORFLOW is a
Python that has TensorFlow, they are compared with what it gives now.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tensorflow_snippets
from imported_keras import import_hook
from tensorflow_snippets import RESULTS, SNIPPETS, result_of


@pytest.fixture(autouse=True)
def hook() -> Iterator[None]:
    with import_hook():
        yield


@cache
def recorded() -> dict[str, Any]:
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def differences(ours: Any, theirs: Any, place: str = "result") -> Iterator[str]:
    """Where two results differ; floats may by a rounding."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{place}[{i}]")
    elif isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        for key in ours:
            yield from differences(ours[key], theirs[key], f"{place}[{key!r}]")
    elif isinstance(ours, float) and isinstance(theirs, float):
        if abs(ours - theirs) > 5e-5:
            yield f"{place}: {ours}, on TensorFlow {theirs}"
    elif ours != theirs:
        yield f"{place}: {ours!r}, on TensorFlow {theirs!r}"


def test_differences_are_found() -> None:
    assert not [*differences([1, {"a": [2.0]}, "b"], [1, {"a": [2.00001]}, "b"])]
    for ours, theirs in (([1], [2]), ([1], [1, 2]), ([1.0], [1.1]), ({"a": 1}, {"b": 1}), ("a", 1)):
        assert [*differences(ours, theirs)]


@pytest.mark.parametrize("name", SNIPPETS)
def test_same_results(name: str) -> None:
    ours = json.loads(json.dumps(result_of(SNIPPETS[name])))
    assert not [*differences(ours, recorded()[name])]


@pytest.mark.process
def test_the_record_is_what_tensorflow_gives(tmp_path: Path) -> None:
    python = os.environ.get("HOIQUY_TENSORFLOW")
    if not python:
        pytest.skip("set HOIQUY_TENSORFLOW to a Python that has TensorFlow")
    found = tmp_path / "results.json"
    subprocess.run([python, tensorflow_snippets.__file__, str(found)], check=True, cwd=tmp_path)
    given = json.loads(found.read_text(encoding="utf-8"))
    assert not [*differences(given, recorded())]
