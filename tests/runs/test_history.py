"""history.jsonl: comes back as it was; a damaged line is named."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.errors import RunError
from hoiquy.runs.history import EpochRecord, dump_history, parse_history

numbers = st.floats(0, 1e6)
norms = st.dictionaries(st.sampled_from(["lstm", "dense", "embedding"]), numbers)
records = st.builds(
    EpochRecord, st.integers(1, 1000), *[numbers] * 5,
    gradient_norms=norms, largest_gradient_norms=norms,
)  # fmt: skip
RECORD = EpochRecord(1, 0.7, 0.5, 0.69, 0.51, 0.001)


@settings(deadline=None)
@given(st.lists(records, max_size=5))
def test_history_comes_back_bit_for_bit(history: list[EpochRecord]) -> None:
    text = dump_history(history)
    assert text.count("\n") == len(history)
    assert parse_history(text, "history.jsonl") == history


@pytest.mark.parametrize(
    "damaged",
    [
        '{"epoch": 2, "loss": 0.6',  # cut off
        '{"epoch": 2}',  # keys missing
        dump_history([RECORD]).strip().replace('"loss"', '"lost"'),
        "[1, 2]",
        "null",
        "",
    ],
)
def test_damaged_line_is_named(damaged: str) -> None:
    with pytest.raises(RunError) as caught:
        parse_history(f"{dump_history([RECORD])}{damaged}\n", "run/history.jsonl")
    assert str(caught.value) == "run/history.jsonl, line 2: not a record of an epoch"


def test_a_line_from_before_gradients_were_measured_is_read_and_written_as_it_was() -> None:
    line = (
        '{"epoch": 1, "loss": 0.7, "accuracy": 0.5, "val_loss": 0.69, "val_accuracy": 0.51, '
        '"learning_rate": 0.001}\n'
    )
    (record,) = parse_history(line, "history.jsonl")
    assert record == RECORD and record.gradient_norms == {}
    assert dump_history([record]) == line


def test_layers_stand_in_one_order_whatever_a_checkpoint_made_of_it() -> None:
    one = replace(RECORD, gradient_norms={"lstm": 1.0, "dense": 2.0})
    other = replace(RECORD, gradient_norms={"dense": 2.0, "lstm": 1.0})
    assert dump_history([one]) == dump_history([other])
