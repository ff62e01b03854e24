"""The text files of a run folder: JSON of four kinds, the history and the vocabulary."""

from dataclasses import asdict, astuple

from hypothesis import example, given
from hypothesis import strategies as st

from example_run import COST, HISTORY, RESULT
from fuzz.damage import any_bytes, any_json
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.history import dump_history, parse_history
from hoiquy.run_files import (
    Cost,
    Result,
    cost_file,
    parse_cost,
    parse_environment,
    parse_result,
    result_file,
)
from hoiquy.text import Vocabulary

ENVIRONMENT = {
    "command": "hoiquy train", "threads": 2, "seed": 1, "packages": {"numpy": "2.4"},
    "exact": {"kernels": "fast"}, "data_source": "imdb",
}  # fmt: skip


@fuzzed
@given(any_json(asdict(RESULT)))
def test_any_result(content: bytes) -> None:
    result = outcome(lambda: parse_result(content, "result.json"))
    if isinstance(result, Result):
        (written,) = result_file(result).values()
        assert repr(parse_result(written, "again")) == repr(result)  # NaN is not equal to itself


@fuzzed
@given(any_json(asdict(COST)))
def test_any_cost(content: bytes) -> None:
    cost = outcome(lambda: parse_cost(content, "cost.json"))
    if isinstance(cost, Cost):
        (written,) = cost_file(cost).values()
        assert repr(parse_cost(written, "again")) == repr(cost)


@fuzzed
@given(any_json(ENVIRONMENT))
def test_any_environment(content: bytes) -> None:
    outcome(lambda: parse_environment(content, "environment.json"))


@st.composite
def histories(draw: st.DrawFn) -> bytes:
    """Lines of records, of which one or two are damaged."""
    lines = [dump_history([record]).encode() for record in HISTORY]
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(lines)))
        lines.insert(at, draw(any_json(asdict(HISTORY[0]))) + draw(st.sampled_from([b"\n", b""])))
    return b"".join(lines)


@fuzzed
@given(st.one_of(histories(), any_bytes(dump_history(HISTORY).encode())))
@example(b"[" * 100_000)
@example(b'{"epoch": "1", "loss": [], "accuracy": 0, "val_loss": 0, "val_accuracy": 0, '
         b'"learning_rate": 0}')  # fmt: skip
def test_any_history(content: bytes) -> None:
    text = content.decode("utf-8", "surrogateescape")
    records = outcome(lambda: parse_history(text, "history.jsonl"))
    if isinstance(records, list):
        for record in records:
            epoch, *measures = astuple(record)
            assert type(epoch) is int
            assert {type(measure) for measure in measures} == {float}
        assert repr(parse_history(dump_history(records), "again")) == repr(records)


@fuzzed
@given(
    st.one_of(
        any_bytes("phở\na\rb\nc\x85\ngood\nfilm\n".encode()),
        st.lists(st.text(max_size=3)).map(lambda words: "\n".join([*words, ""]).encode()),
        st.lists(st.binary(max_size=3)).map(b"\n".join),
    ),
    st.sampled_from([None, 4, 5, 10_000, 3, 0, -1, 10**12]),
)
def test_any_vocabulary(content: bytes, num_words: int | None) -> None:
    vocabulary = outcome(lambda: Vocabulary.parse(content, num_words, "vocabulary.txt"))
    if isinstance(vocabulary, Vocabulary):
        assert vocabulary.dump() == content
        assert vocabulary.encode_all(["good film", ""]).lengths.tolist() == [3, 1]
