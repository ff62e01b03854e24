"""A baseline's facts: any bytes give valid facts or one error of one line."""

from dataclasses import asdict

from hypothesis import example, given

from fuzz.damage import any_json
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.comparison.baselines.saved import BaselineFacts, dump_facts, parse_facts

FACTS = BaselineFacts(
    name="nb-svm", settings={"alpha": 1.0, "words": "1-2"}, data="phim", data_fingerprint="ab" * 32,
    classes=["neg", "pos"], seconds=2.5, parameters=70,
)  # fmt: skip


@fuzzed
@given(any_json(asdict(FACTS)))
@example(b"[" * 100_000)
@example(dump_facts(FACTS).replace(b"70", b"1e999"))
def test_any_facts(content: bytes) -> None:
    facts = outcome(lambda: parse_facts(content, "baseline.json"))
    if isinstance(facts, BaselineFacts):
        assert repr(parse_facts(dump_facts(facts), "again")) == repr(facts)
