"""A baseline's facts: any bytes give valid facts or one error of one line."""

from dataclasses import asdict

from hypothesis import example, given

from fuzz.damage import any_json
from fuzz.examples import fuzzed
from fuzz.reading import outcome
from hoiquy.comparison.baselines.saved import BaselineFacts
from hoiquy.system.json_files import as_json, parse_json

FACTS = BaselineFacts(
    name="nb-svm", settings={"alpha": 1.0, "words": "1-2"}, data="phim", data_fingerprint="ab" * 32,
    classes=["neg", "pos"], seconds=2.5, parameters=70,
)  # fmt: skip


@fuzzed
@given(any_json(asdict(FACTS)))
@example(b"[" * 100_000)
@example(as_json(asdict(FACTS)).replace(b"70", b"1e999"))
def test_any_facts(content: bytes) -> None:
    facts = outcome(lambda: parse_json(BaselineFacts, content, "baseline.json"))
    if isinstance(facts, BaselineFacts):
        again = parse_json(BaselineFacts, as_json(asdict(facts)), "again")
        assert repr(again) == repr(facts)
