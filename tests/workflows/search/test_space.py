"""A space file is refused, in one line, before anything is read or trained."""

from pathlib import Path
from typing import Any

import pytest

from hoiquy.errors import RecipeError
from hoiquy.workflows.search.space import Dimension, load_space
from searches import tiny

RATE = {"training.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}


def refused(match: str, **tables: Any) -> None:
    with pytest.raises(RecipeError, match=match) as error:
        space, source = load_space({"space": RATE} | tables)
        space.check_against(tiny(), source)
    assert "\n" not in str(error.value)


def of(**dimension: Any) -> dict[str, Any]:
    return {"training.batch_size": dimension}


def test_a_file_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(
        """
        recipe = "fast"
        [sampler]
        type = "random"
        seed = 7
        [pruner]
        type = "hyperband"
        warmup_epochs = 2
        [space]
        "training.learning_rate" = { low = 1e-4, high = 1e-2, log = true }
        "training.batch_size"    = { choices = [32, 64, 128] }
        "model.layers.2.units"   = { low = 32, high = 128, step = 32 }
        "model.layers.1.rate"    = { low = 0.0, high = 0.6 }
        "data.padding"           = { choices = ["left", "right"] }
        """
    )
    space, source = load_space(path)
    assert source == str(path)
    assert (space.recipe, space.sampler.seed, space.pruner.warmup_epochs) == ("fast", 7, 2)
    space.check_against(tiny(), source)
    assert space.space["model.layers.2.units"].grid() == [32, 64, 96, 128]
    assert space.space["model.layers.1.rate"].count is None
    assert not space.space["model.layers.1.rate"].whole


def test_values_of_a_step_are_as_they_are_written() -> None:
    tenths = Dimension(low=0.1, high=0.7, step=0.2)
    assert tenths.grid() == [0.1, 0.3, 0.5, 0.7] and tenths.count == 4
    whole = Dimension(low=1, high=3)
    assert whole.grid() == [1, 2, 3] and all(isinstance(one, int) for one in whole.grid())


def test_unknown_keys_and_values() -> None:
    refused(r"unknown key 'spice'.*allowed: recipe, sampler, pruner, space", spice={})
    refused(r"unknown key 'sed' in \[sampler\] \(did you mean 'seed'\?\)", sampler={"sed": 1})
    refused(r"sampler\.type = 'tpf'.*'tpe'", sampler={"type": "tpf"})
    refused(r"pruner\.warmup_epochs = -1", pruner={"warmup_epochs": -1})
    refused(r"space = \{\}", space={})
    refused(r"unknown key 'lo' in .*training\.batch_size.*'low'", space=of(lo=1, high=2))
    with pytest.raises(RecipeError, match="the key space is missing"):
        load_space({})


@pytest.mark.parametrize(
    ("dimension", "match"),
    [
        ({}, "either low and high, or choices"),
        ({"low": 1, "high": 2, "choices": [1, 2]}, "either low and high, or choices"),
        ({"low": 1}, "low and high belong together"),
        ({"low": 2, "high": 2}, "low = 2 is not below high = 2"),
        ({"low": "a", "high": 2}, "'a': expected a number"),
        ({"low": float("nan"), "high": 2}, "nan: expected a number"),
        ({"low": True, "high": 2}, "True: expected a number"),
        ({"low": 0.0, "high": 1.0, "log": True}, "with log expected more than 0"),
        ({"low": 1, "high": 9, "log": True, "step": 2}, "either log or step"),
        ({"low": 1, "high": 8, "step": 2}, "step = 2 does not lead from 1 to 8"),
        ({"low": 1, "high": 8, "step": 0}, "step = 0: expected more than 0"),
        ({"low": 0.0, "high": 1e300, "step": 1e-300}, "does not lead"),
        ({"choices": [1]}, "at least 2"),
        ({"choices": [1, [2]]}, r"\[2\]: expected a number, a text, true or false"),
        ({"choices": [1, 2], "log": True}, "not for choices"),
        ({"choices": [1, 2, True]}, "one of them is duplicated"),
        ({"low": 1, "high": 2**60}, "expected at most 9,007,199,254,740,992"),
    ],
)
def test_dimensions_that_make_no_sense(dimension: dict[str, Any], match: str) -> None:
    refused(f"space.training.batch_size.*{match}", space=of(**dimension))


def test_every_key_is_one_of_the_recipe() -> None:
    refused(
        r"training\.learning_rat = 0\.1 .*did you mean 'learning_rate'",
        space={"training.learning_rat": {"low": 0.1, "high": 0.2}},
    )
    refused(
        r"trainig\.batch_size = 1 .*unknown key 'trainig' \(did you mean 'training'\?\)",
        space={"trainig.batch_size": {"low": 1, "high": 2}},
    )
    refused(
        r"model\.layers\.9\.units = 1 .*unknown key '9'",
        space={"model.layers.9.units": {"low": 1, "high": 2}},
    )
    refused(  # only the highest value is out of range
        r"model\.layers\.1\.rate = 1\.0 .*less than 1",
        space={"model.layers.1.rate": {"low": 0.0, "high": 1.0}},
    )
    refused(r"training\.batch_size = 1\.5 .*integer", space=of(low=1.5, high=2.5))


def test_what_judges_trials_is_not_searched() -> None:
    key = "data.validation_fraction"
    refused(f"{key} cannot be searched", space={key: {"low": 0.1, "high": 0.2}})


def test_a_grid_can_be_counted() -> None:
    grid = {"sampler": {"type": "grid"}}
    refused("a grid needs choices or a step for training.learning_rate", **grid)
    refused("a grid of 1,000,000 combinations", **grid, space=of(low=1, high=10**6))
    space, _ = load_space(grid | {"space": of(low=1, high=4) | {"a": {"choices": [True, False]}}})
    assert space.combinations == 8


def test_files_that_are_no_space(tmp_path: Path) -> None:
    for name, content, match in (
        ("wrong.toml", b"[space", "is not valid TOML"),
        ("bytes.toml", b"\xff\xfe", "it is not UTF-8 text"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(RecipeError, match=f"{name}.*{match}"):
            load_space(tmp_path / name)
    with pytest.raises(RecipeError, match=r"cannot read the space .*none\.toml"):
        load_space(tmp_path / "none.toml")
