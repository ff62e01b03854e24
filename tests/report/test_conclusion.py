"""The concluding paragraph says what the tests found, and no more."""

from pathlib import Path
from typing import Any

import pytest

from hoiquy.report.gathering import gather
from hoiquy.report.page.content import content_of
from hoiquy.runs.folder import Run
from synthetic_runs import learning, wandering, write_run

ACCURACIES = {"bai1": 0.4997, "bai2": 0.4998, "bai3": 0.8757, "bai4": 0.8619, "bai5": 0.8729}


def write_lab(folder: Path, documents: int = 25_000, suffix: str = "", **other: float) -> list[Run]:
    return [
        write_run(
            folder / name,
            f"{name}{suffix}",
            accuracy=accuracy,
            documents=documents,
            history=wandering() if accuracy < 0.6 else learning(),
        )
        for name, accuracy in (ACCURACIES | other).items()
    ]


def conclusion(folder: Path, lang: Any = "en") -> str:
    return content_of(gather([folder])).conclusion(lang)


def test_five_networks(tmp_path: Path) -> None:
    write_lab(tmp_path)
    english, vietnamese = conclusion(tmp_path), conclusion(tmp_path, "vi")
    for part in (
        "Of the 5 networks, Exercise 3 has the highest test accuracy: 87.57% (95% interval 87.15",
        "Exercise 1, Exercise 2: at or near chance level (49.97% to 49.98%;",
        "(Exercise 3, Exercise 4, Exercise 5) have a trained vector for each word and reach 86.19%",
        "A second recurrent layer lowers the accuracy: Exercise 4 against Exercise 3, −1.38 points",
        "The LSTM has the higher accuracy: Exercise 5 against Exercise 3, −0.28 points",
        "The GRU trains 1,478,402 parameters and the LSTM 1,543,602",
        "Signs of overfitting: Exercise 3",
        "Each network was trained once",
    ):
        assert part in english, part
    assert "Trong 5 mạng, Bài 3 có accuracy" in vietnamese
    assert "87,57%" in vietnamese
    assert "network" not in vietnamese


def test_the_conclusion_agrees_with_the_table_of_pairs(tmp_path: Path) -> None:
    write_lab(tmp_path, bai4=0.8750, bai5=0.8752)
    content = content_of(gather([tmp_path]))
    paragraph = content.conclusion("en")
    (compared,) = content.comparisons
    pair = next(one for one in compared.pairs if {one.first, one.second} == {"bai3", "bai4"})
    assert pair.detectable == ("no detectable difference: Exercise 4" not in paragraph)
    planned = compared.planned[0].comparison.pairs[0]
    assert planned.detectable == ("Between GRU and LSTM there is no" not in paragraph)


def test_too_few_documents_rank_nothing(tmp_path: Path) -> None:
    write_lab(tmp_path, documents=12)
    paragraph = conclusion(tmp_path)
    assert "only 12 texts, too few to rank the networks" in paragraph
    for word in ("highest", "higher", "raises", "lowers", "chance"):
        assert word not in paragraph


def test_quick_and_unfinished_trainings_are_named(tmp_path: Path) -> None:
    for name, accuracy in (("bai3", 0.86), ("bai5", 0.80), ("bai4", None)):
        write_run(tmp_path / name, f"{name}-quick", accuracy=accuracy, history=learning())
    paragraph = conclusion(tmp_path)
    assert "Of the 2 networks" in paragraph
    assert "Not finished, and so not compared: Exercise 4 (quick)." in paragraph
    assert "none of this is a result of the lab's own settings" in paragraph


def test_several_seeds_are_compared_as_architectures(tmp_path: Path) -> None:
    for name, accuracy in (("bai3", 0.86), ("bai5", 0.80)):
        for seed in (1, 2, 3):
            write_run(
                tmp_path / f"{name}-{seed}",
                name,
                accuracy=accuracy + 0.001 * seed,
                settings=[f"training.seed={seed}"],
            )
    paragraph = conclusion(tmp_path)
    assert "Exercise 3 has the highest mean test accuracy: 86.20% over 3 seeds" in paragraph
    assert "trained once" not in paragraph


@pytest.mark.parametrize("names", [["bai3"], ["bai3", "auto"]])
def test_nothing_to_conclude(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        write_run(tmp_path / name, name, documents=500)
    assert conclusion(tmp_path) == ""
