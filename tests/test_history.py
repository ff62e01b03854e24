"""history.jsonl: comes back as it was; a damaged line is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.errors import RunError
from hoiquy.history import EpochRecord, dump_history, parse_history

numbers = st.floats(0, 1e6)
records = st.builds(EpochRecord, st.integers(1, 1000), numbers, numbers, numbers, numbers, numbers)
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
