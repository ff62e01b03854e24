"""The simulation of verdicts: every sentence has a row, and few of them are false."""

from pathlib import Path

import verdict_errors
from hoiquy.messages import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "verdicts.md"


def test_every_sentence_that_is_said_has_a_row() -> None:
    tally = verdict_errors.simulate(150, seed=7)
    rows = {key for group in verdict_errors.GROUPS.values() for key in group}
    assert set(tally.said) <= rows
    assert all(f"remark.{key}" in catalogue("en") for key in rows)
    assert sum(tally.false.values()) <= 0.05 * sum(tally.said.values())


def test_a_claim_is_false_where_the_truth_is_another() -> None:
    tally = verdict_errors.Tally()
    for is_true in (True, False, True, True):
        tally.add("good_model", is_true)
    tally.add("too_few", None)
    assert tally.row("good_model", "then").endswith("| then | 4 | 1 | 25.0% (4.6–69.9) |")
    assert tally.row("too_few", "then").endswith("| then | 1 | – | – |")


def test_the_page_has_all_sentences_in_the_words_of_the_catalogue() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for group, rows in verdict_errors.GROUPS.items():
        assert f"### {group}\n" in page
        for key, when in rows.items():
            assert f"| {verdict_errors.sentence(key)} | {when} |" in page, key
