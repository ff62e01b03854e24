"""The text files of a run folder: JSON of six kinds, the history and the vocabulary."""

from dataclasses import asdict, astuple, replace

from hypothesis import example, given
from hypothesis import strategies as st

from example_run import COST, DIAGNOSTICS, EXAMPLES, HISTORY, MISCLASSIFIED, RESULT
from fuzz.damage import any_bytes, any_json
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.runs.files import (
    Cost,
    Result,
    cost_file,
    diagnostics_file,
    examples_file,
    misclassified_file,
    parse_cost,
    parse_diagnostics,
    parse_environment,
    parse_examples,
    parse_misclassified,
    parse_result,
    result_file,
)
from hoiquy.runs.history import dump_history, parse_history
from hoiquy.runs.misclassified import Misclassified
from hoiquy.text import Vocabulary

ENVIRONMENT = {
    "command": "hoiquy train", "threads": 2, "seed": 1, "packages": {"numpy": "2.4"},
    "exact": {"kernels": "fast"}, "data_source": "imdb",
}  # fmt: skip

MEASURED = replace(
    HISTORY[0], gradient_norms={"lstm": 0.5}, largest_gradient_norms={"lstm": 2.0, "dense": 0.0}
)


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


@fuzzed
@given(any_json(asdict(MISCLASSIFIED)))
def test_any_mistakes(content: bytes) -> None:
    misclassified = outcome(lambda: parse_misclassified(content, "misclassified.json"))
    if isinstance(misclassified, Misclassified):
        (written,) = misclassified_file(misclassified).values()
        assert parse_misclassified(written, "again") == misclassified


@fuzzed
@given(any_json([asdict(one) for one in EXAMPLES]))
def test_any_examples(content: bytes) -> None:
    examples = outcome(lambda: parse_examples(content, "examples.json"))
    if isinstance(examples, tuple):
        (written,) = examples_file(examples).values()
        assert parse_examples(written, "again") == examples


@fuzzed
@given(any_json([asdict(diagnostic) for diagnostic in DIAGNOSTICS]))
@example(b'[{"key": "over_fitting"}]')
@example(b'[{"key": "nothing_known"}]')
@example(b'[{"key": "unreachable_rows", '
         b'"values": {"unreachable": "x", "rows": 1, "reachable": 1}}]')  # fmt: skip
@example(b'[{"key": "unreachable_rows", '
         b'"values": {"unreachable": 1e999, "rows": 1, "reachable": 1}}]')  # fmt: skip
@example(b'[{"key": "unreachable_rows", "setting": "\\u001b[2J", '
         b'"values": {"unreachable": 1, "rows": 1, "reachable": 1}}]')  # fmt: skip
def test_any_findings(content: bytes) -> None:
    """What is read can be told in both languages, in one line each."""
    diagnostics = outcome(lambda: parse_diagnostics(content, "diagnostics.json"))
    if isinstance(diagnostics, tuple):
        for diagnostic in diagnostics:
            assert all(diagnostic.text(lang).isprintable() for lang in ("vi", "en"))  # type: ignore[arg-type]
        (written,) = diagnostics_file(diagnostics).values()
        assert repr(parse_diagnostics(written, "again")) == repr(diagnostics)


@st.composite
def histories(draw: st.DrawFn) -> bytes:
    """Lines of records, of which one or two are damaged."""
    lines = [dump_history([record]).encode() for record in [*HISTORY, MEASURED]]
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(lines)))
        lines.insert(
            at,
            draw(any_json(asdict(draw(st.sampled_from([HISTORY[0], MEASURED])))))
            + draw(st.sampled_from([b"\n", b""])),
        )
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
            epoch, *measures, norms, largest = astuple(record)
            assert type(epoch) is int
            measures += [*norms.values(), *largest.values()]
            assert {type(measure) for measure in measures} == {float}
        written = dump_history(records)  # which sorts the layers
        assert dump_history(parse_history(written, "again")) == written


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
