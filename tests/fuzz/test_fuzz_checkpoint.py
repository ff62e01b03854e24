"""Checkpoints that come from elsewhere: damaged, with hashes that are right all the same."""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from example_run import HISTORY
from fuzz.array_files import safetensors
from fuzz.damage import any_bytes, any_json, damaged_json
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.errors import HoiquyError
from hoiquy.nn.kernels import Array
from hoiquy.runs.arrays import dump_arrays
from hoiquy.runs.checkpoint import Checkpoint, load_checkpoint, read_checkpoint, save_checkpoint
from hoiquy.system.checksummed_files import sha256
from hoiquy.training.state import Position, TrainingState
from miniatures import miniature, prepared

RECIPE = miniature("bai3")
PREPARED = prepared(RECIPE)
POSITION = Position(
    epoch=3, step=1, updates=5, loss_sum=20.5, correct=20, seen=32, first_loss=0.7,
    gradient_norms={"lstm": 0.5}, largest_gradient_norms={"lstm": 2.0},
)  # fmt: skip
FACTS = {
    "position": asdict(POSITION),
    "history": [asdict(record) for record in HISTORY],
    "cost": {
        "seconds": 1.5,
        "processor_seconds": 2.5,
        "peak_memory_bytes": 10**8,
        "resumed": 0,
    },
}


def state_and_arrays() -> tuple[TrainingState, dict[str, Array]]:
    state = TrainingState.initial(RECIPE, PREPARED)
    parameters = state.model.parameters
    state.optimizer.first = {name: np.zeros_like(array) for name, array in parameters.items()}
    state.optimizer.second = {name: np.ones_like(array) for name, array in parameters.items()}
    return state, state.arrays()


STATE, ARRAYS = state_and_arrays()
CONTENT = dump_arrays(ARRAYS)
NUMBER = 8
LENGTH = int.from_bytes(CONTENT[:8], "little")
HEADER = json.loads(CONTENT[8 : 8 + LENGTH])


def write(run: Path, facts: bytes, arrays: bytes) -> None:
    """A checkpoint of any bytes, with the hashes that belong to them where it is JSON."""
    folder = run / "checkpoint"
    folder.mkdir(exist_ok=True)
    (folder / f"{NUMBER:010}.safetensors").write_bytes(arrays)
    try:
        body = {"facts": json.loads(facts), "arrays_sha256": sha256(arrays)}
        sealed = json.dumps(body, sort_keys=True, ensure_ascii=False)
        body["sha256"] = sha256(sealed.encode("utf-8", "surrogatepass"))
        facts = json.dumps(body).encode()
    except (ValueError, RecursionError):
        pass  # it stays what it is
    (folder / f"{NUMBER:010}.json").write_bytes(facts)


def read(run: Path) -> Checkpoint | HoiquyError:
    """Read the checkpoint and go back to it, as a training that is resumed does."""
    checkpoint = outcome(lambda: read_checkpoint(run, NUMBER))
    newest = outcome(lambda: load_checkpoint(run))
    assert isinstance(newest, Checkpoint) == isinstance(checkpoint, Checkpoint)
    if isinstance(checkpoint, HoiquyError):
        return checkpoint
    gone_back = outcome(partial(STATE.restore, checkpoint.facts, checkpoint.arrays))
    return gone_back if isinstance(gone_back, HoiquyError) else checkpoint


def damaged_arrays() -> SearchStrategy[bytes]:
    behind = CONTENT[8 + LENGTH :]
    return st.one_of(
        st.builds(safetensors, any_json(HEADER), st.just(behind)),
        st.dictionaries(
            st.sampled_from([*ARRAYS, "parameters/x", "x/lstm/kernel", "", "a\nb/c"]),
            st.sampled_from([np.zeros(3, np.float32), np.zeros((0, 2)), np.array(1)]),
            max_size=3,
        ).map(lambda some: dump_arrays(ARRAYS | some)),
        st.sets(st.sampled_from(sorted(ARRAYS)), max_size=3).map(
            lambda some: dump_arrays({name: ARRAYS[name] for name in ARRAYS if name not in some})
        ),
        any_bytes(CONTENT),
    )


GOOD = json.dumps(FACTS).encode()
contents = st.one_of(
    st.tuples(st.one_of(any_json(FACTS), damaged_json(FACTS)), st.just(CONTENT)),
    st.tuples(st.just(GOOD), damaged_arrays()),
)


def changed(**position: Any) -> tuple[bytes, bytes]:
    return json.dumps(FACTS | {"position": asdict(POSITION) | position}).encode(), CONTENT


@fuzzed
@given(content=contents)
@example(content=changed(**{"a\nb": 1}))
def test_any_checkpoint(content: tuple[bytes, bytes], tmp_path: Path) -> None:
    write(tmp_path, *content)
    before = sorted(tmp_path.rglob("*"))
    read(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


@fuzzed
@given(facts=any_json({"facts": FACTS, "arrays_sha256": sha256(CONTENT), "sha256": "ab" * 32}))
def test_any_file_of_facts(facts: bytes, tmp_path: Path) -> None:
    write(tmp_path, GOOD, CONTENT)
    (tmp_path / "checkpoint" / f"{NUMBER:010}.json").write_bytes(facts)
    assert isinstance(read(tmp_path), HoiquyError)


@pytest.mark.parametrize(
    "position",
    [
        {"epoch": "3"},  # no number
        {"epoch": 1},  # two epochs are in the history
        {"step": -1},
        {"updates": -1},  # the next step would divide by zero
        {"seen": 0},  # so would the end of the epoch
        {"loss_sum": None},
        {"loss_sum": float("nan")},
        {"first_loss": "0.7"},
        {"gradient_norms": {"lstm": float("inf")}},
        {"largest_gradient_norms": [1.0]},
    ],
)
def test_a_position_that_no_training_has(position: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, *changed(**position))
    assert isinstance(read(tmp_path), HoiquyError)


@pytest.mark.parametrize("group", ["optimizer/momentum", "optimizer/velocity"])
def test_a_half_of_what_adam_remembers(group: str, tmp_path: Path) -> None:
    arrays = {name: array for name, array in ARRAYS.items() if not name.startswith(group)}
    write(tmp_path, GOOD, dump_arrays(arrays))
    assert isinstance(read(tmp_path), HoiquyError)


def test_a_good_checkpoint_is_read(tmp_path: Path) -> None:
    write(tmp_path, GOOD, CONTENT)
    assert isinstance(read(tmp_path), Checkpoint)
    with patch("os.fsync"):
        save_checkpoint(tmp_path, NUMBER, FACTS, ARRAYS)
    assert isinstance(read(tmp_path), Checkpoint)
