"""`plan.json` comes back as it was written."""

from dataclasses import replace
from pathlib import Path

import pytest

from hoiquy.errors import RunError
from hoiquy.linear.features import NgramSettings
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.ensemble.plan import Plan, PlannedModel, has_plan, load_plan
from miniatures import miniature

PLAN = Plan("macro_f1", 1.5, 3, [2, 6], True, 900, [2, 5], {"gru": miniature("bai5").to_toml()})


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    assert not has_plan(tmp_path)
    plan = PLAN.begun(PlannedModel("gru", 0)).begun(PlannedModel("gru", 1))
    plan.save(tmp_path)
    assert has_plan(tmp_path) and load_plan(tmp_path) == plan
    assert plan.candidates()[0].recipe == miniature("bai5")


def test_a_plan_has_the_ngrams_that_are_tried_and_then_the_better_ones() -> None:
    across, within = PLAN.ngrams
    assert across == NgramSettings(3, (2, 6), True, 900)
    assert within == NgramSettings(3, (2, 5), False, 900)
    assert PLAN.with_ngrams(within).ngrams == [within]
    assert PLAN.with_ngrams(across).ngrams == [across]
    of_words = replace(PLAN, characters=[], within_words=[])
    assert of_words.ngrams == [NgramSettings(3, None, True, 900)]


def test_a_recipe_can_be_replaced() -> None:
    other = miniature("bai5", "training.epochs=7")
    assert PLAN.with_recipe("gru", other).candidates()[0].recipe == other


def test_folders_of_all_folds_differ() -> None:
    assert [PlannedModel("gru", fold).folder for fold in range(3)] == ["gru-1", "gru-2", "gru-3"]


def test_a_damaged_plan_is_named(tmp_path: Path) -> None:
    write_checksummed(tmp_path, {"plan.json": b'{"metric": "speed"}'})
    with pytest.raises(RunError, match=r"plan\.json is damaged"):
        load_plan(tmp_path)
