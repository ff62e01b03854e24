"""Weights and predictions of a run folder that comes from elsewhere."""

from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from example_run import CLASSES
from fuzz.array_files import (
    PARQUET,
    TENSORS,
    any_parquet,
    any_safetensors,
    claims,
    parquet,
    rows,
    safetensors,
    split_footer,
    with_footer,
)
from fuzz.examples import fuzzed
from fuzz.reading import outcome, refusal
from hoiquy.runs.arrays import Predictions, parse_arrays, parse_predictions

ODD_CLASSES = [["neg"], [], ["neg", "neg"], ["a\nb", ""]]


@fuzzed
@given(any_safetensors())
def test_any_safetensors(content: bytes) -> None:
    arrays = outcome(lambda: parse_arrays(content, "weights.safetensors"))
    if isinstance(arrays, dict):
        assert sum(array.nbytes for array in arrays.values()) <= len(content)


@fuzzed
@given(any_parquet(), st.sampled_from([CLASSES] * 9 + ODD_CLASSES))
@example(PARQUET.replace(b"\x05label", b"\x05\xffabel"), CLASSES)  # a name that is not UTF-8
@example(parquet({"label": np.zeros(0, np.int32)}), [])
def test_any_parquet(content: bytes, classes: list[str]) -> None:
    predictions = outcome(lambda: parse_predictions(content, classes, "predictions.parquet"))
    if isinstance(predictions, Predictions):
        assert predictions.probabilities.shape == (len(predictions.labels), len(classes))
        assert predictions.right().dtype == bool


def tensor(shape: list[int], end: int, dtype: str = "F32") -> bytes:
    header = {"a": {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}}
    return safetensors(header, bytes(4))


@pytest.mark.parametrize(
    "content",
    [
        tensor([10**12], 4),
        tensor([10**12], 4 * 10**12),
        tensor([10**6, 10**6], 4),
        tensor([2**63, 2], 4),
        tensor([10**12, 0], 0),
        tensor([2**63, 0], 0),
        tensor([1] * 100, 4),
        safetensors({}, b"", length=10**12),
        safetensors({}, b"", length=2**64 - 1),
        TENSORS[:8] + b" " * 10**6,
    ],
)
def test_tensors_that_claim_a_million_millions(content: bytes) -> None:
    assert "damaged" in refusal(lambda: parse_arrays(content, "weights.safetensors"))


@pytest.mark.parametrize("count", [10**9, 10**12, 2**62])
def test_rows_that_nobody_has(count: int) -> None:
    for content in claims(count):
        read = partial(parse_predictions, content, CLASSES, "predictions.parquet")
        predictions = outcome(read)
        if isinstance(predictions, Predictions):  # a number that Arrow does not go by
            assert len(predictions.labels) == 4
        else:
            assert predictions.__cause__ is None, "Arrow tried"
    assert "claims" in refusal(read)  # all numbers at once


def test_rows_that_take_no_room_in_the_file() -> None:
    content = rows(20_000_000)
    assert len(content) < 10**6
    message = refusal(lambda: parse_predictions(content, CLASSES, "predictions.parquet"))
    assert "20,000,000" in message


def test_any_one_bit_of_a_footer() -> None:
    """Arrow has accessors that end the process on a codec that does not exist: none is used."""
    body, footer = split_footer(PARQUET)
    for at, bit in product(range(len(footer)), range(8)):
        new = footer[:at] + bytes([footer[at] ^ 1 << bit]) + footer[at + 1 :]
        outcome(partial(parse_predictions, with_footer(body, new), CLASSES, "predictions.parquet"))
