"""Names of exercises and networks; which runs go together; the sheet's numbers."""

from pathlib import Path

import pytest

from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.report.exercises import exercise_label, group_runs, network_name, run_title
from hoiquy.report.published import PUBLISHED
from synthetic_runs import PARAMETERS, write_run


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("bai1", "SimpleRNN(200)"),
        ("bai2", "SimpleRNN(200) → SimpleRNN(200)"),
        ("bai3", "Embedding(128) → LSTM(200)"),
        ("bai4-quick", "Embedding(128) → LSTM(200) → LSTM(64)"),
        ("bai5", "Embedding(128) → GRU(200)"),
    ],
)
def test_networks_of_the_lab(name: str, network: str) -> None:
    assert network_name(load_recipe(name)) == network


def test_other_layers_have_names_too() -> None:
    layers = [
        {"type": "embedding", "units": 8},
        {"type": "gru", "units": 4, "bidirectional": True, "return_sequences": True},
        {"type": "pooling", "over_time": "mean"},
        {"type": "dense", "units": 3, "activation": "relu"},
        {"type": "dense", "activation": "sigmoid"},
    ]
    recipe = Recipe.model_validate({"name": "mine", "model": {"layers": layers}})
    name = "Embedding(8) → Bidirectional(GRU(4)) → MeanPooling → Dense(3)"
    assert network_name(recipe) == name
    assert network_name(recipe.with_settings(["model.wide=true"])) == f"{name} + Wide"


def test_labels() -> None:
    assert exercise_label("bai3", "vi") == "Bài 3"
    assert exercise_label("bai3-quick", "en") == "Exercise 3 (quick)"
    assert exercise_label("my-recipe", "vi") == "my-recipe"


def test_runs_are_grouped_by_recipe_and_ordered(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / folder, name, settings=[f"training.seed={seed}"], documents=100)
        for folder, name, seed in [
            ("a", "bai5", 1),
            ("b", "bai3", 2),
            ("c", "bai3-quick", 1),
            ("d", "bai3", 1),
            ("e", "bai1", 1),
        ]
    ]
    groups = group_runs(runs)
    assert [group.name for group in groups] == ["bai1", "bai3", "bai3-quick", "bai5"]
    assert [run.result.seed for run in groups[1].runs] == [1, 2]
    assert groups[1].published is groups[2].published is PUBLISHED["bai3"]
    assert run_title(groups[2].runs[0], "en") == "Exercise 3 (quick): Embedding(128) → LSTM(200)"


def test_published_numbers_are_the_sheets() -> None:
    accuracies = {name: published.accuracy for name, published in PUBLISHED.items()}
    assert accuracies == {"bai1": 49.97, "bai2": 49.98, "bai3": 87.57, "bai4": 86.19, "bai5": 87.29}
    assert [published.summary_figure for published in PUBLISHED.values()] == [1, 3, 5, 7, 9]
    assert [published.curves_figure for published in PUBLISHED.values()] == [2, 4, 6, 8, 10]
    assert [published.number for published in PUBLISHED.values()] == [1, 2, 3, 4, 5]
    for name, published in PUBLISHED.items():
        assert published.parameters == PARAMETERS[name][0]


def test_published_parameters_add_up() -> None:
    def recurrent(gates: int, inputs: int, units: int, biases: int = 1) -> int:
        return gates * units * (inputs + units + biases)

    embedding, simple = 88_584 * 128, recurrent(1, 1, 200)
    assert PUBLISHED["bai1"].parameters == simple + 402
    assert PUBLISHED["bai2"].parameters == simple + recurrent(1, 200, 200) + 402
    assert PUBLISHED["bai3"].parameters == embedding + recurrent(4, 128, 200) + 402
    lower = recurrent(4, 128, 200)
    assert PUBLISHED["bai4"].parameters == embedding + lower + recurrent(4, 200, 64) + 130
    assert PUBLISHED["bai5"].parameters == embedding + recurrent(3, 128, 200, biases=2) + 402
