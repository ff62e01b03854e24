"""The pictures: they are drawn for any history, in the theme, and leave nothing global behind."""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from hoiquy.errors import RunError
from hoiquy.report import curves
from hoiquy.report.curves import draw_learning_curves, draw_overview
from hoiquy.runs.history import EpochRecord
from synthetic_runs import epochs, learning, wandering, write_run

BACKGROUND = (234, 234, 242)  # of seaborn's dark grid

HISTORIES = {
    "learning": learning(),
    "wandering": wandering(),
    "one epoch": learning()[:1],
    "two epochs": learning()[:2],
    "many epochs": wandering(200),
    "constant": epochs([0.7] * 3, [0.7] * 3, [0.5] * 3, [0.5] * 3),
    "huge loss": epochs([1e9, 1.0], [1e9, 1.0], [0.5, 0.6], [0.5, 0.6]),
}


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Collects every figure that is saved."""
    saved: list[Figure] = []
    save = curves.save_figure

    def keep(figure: Figure, path: Path) -> None:
        saved.append(figure)
        save(figure, path)

    monkeypatch.setattr(curves, "save_figure", keep)
    return saved


@pytest.mark.parametrize("name", HISTORIES)
def test_any_history_draws(name: str, tmp_path: Path) -> None:
    """Warnings are errors here: a missing Vietnamese letter or a bad axis range would fail."""
    paths = draw_learning_curves(HISTORIES[name], "Bài 3: Embedding(128) → LSTM(200)", tmp_path)
    assert paths == (tmp_path / "accuracy.png", tmp_path / "loss.png")
    for path in paths:
        height, width, _ = imread(path).shape
        assert (width, height) == (1200, 720)


def test_theme_is_seaborns_and_both_lines_are_there(tmp_path: Path) -> None:
    path, _ = draw_learning_curves(learning(), "Bài 3", tmp_path)
    pixels = np.rint(imread(path)[..., :3] * 255).astype(int).reshape(-1, 3)
    blue, red = (0x4C, 0x72, 0xB0), (0xC4, 0x4E, 0x52)  # of seaborn's palette "deep"
    for colour, least in ((BACKGROUND, 200_000), (blue, 2_000), (red, 2_000)):
        assert (pixels == colour).all(axis=1).sum() > least


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("vi", ["Accuracy", "Accuracy (%)", "Epoch", "train", "validation", "92,5"]),
        ("en", ["Accuracy", "Accuracy (%)", "Epoch", "training", "validation", "92.5"]),
    ],
)
def test_texts_are_in_the_language(
    lang: str, words: list[str], tmp_path: Path, figures: list[Figure]
) -> None:
    draw_learning_curves(learning(), "Bài 3", tmp_path, lang)  # type: ignore[arg-type]
    accuracy, loss = figures
    (axes,) = accuracy.axes
    legend = axes.get_legend()
    assert legend is not None
    texts = [axes.get_title(), axes.get_ylabel(), axes.get_xlabel()]
    texts += [entry.get_text() for entry in [*legend.get_texts(), *axes.texts]]
    assert set(words) <= set(texts)
    assert accuracy.get_suptitle() == loss.get_suptitle() == "Bài 3"


def test_epochs_are_whole_and_accuracy_is_in_per_cent(
    tmp_path: Path, figures: list[Figure]
) -> None:
    draw_learning_curves(learning(), "Bài 3", tmp_path)
    (axes,) = figures[0].axes
    assert axes.get_xticks().tolist() == list(range(1, 11))
    train, validation = axes.get_lines()
    np.testing.assert_allclose(train.get_ydata(), [100 * r.accuracy for r in learning()])
    np.testing.assert_allclose(validation.get_ydata(), [100 * r.val_accuracy for r in learning()])
    assert train.get_marker() not in ("", "None")


def test_noise_does_not_fill_the_picture(tmp_path: Path, figures: list[Figure]) -> None:
    draw_learning_curves(wandering(), "Bài 1", tmp_path)
    accuracy, loss = (figure.axes[0].get_ylim() for figure in figures)
    assert accuracy[1] - accuracy[0] > 8
    assert loss[1] - loss[0] > 0.1


def test_ticks_have_the_same_decimals(tmp_path: Path, figures: list[Figure]) -> None:
    draw_learning_curves(wandering(), "Bài 1", tmp_path)
    labels = [label.get_text() for label in figures[1].axes[0].get_yticklabels()]
    assert {len(label) for label in labels} == {5}
    assert all(label.startswith("0,") for label in labels)


def test_same_history_same_bytes(tmp_path: Path) -> None:
    first = draw_learning_curves(learning(), "Bài 3", tmp_path / "a")
    second = draw_learning_curves(learning(), "Bài 3", tmp_path / "b")
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_nothing_global_is_left_behind(tmp_path: Path) -> None:
    keys = [key for key in mpl.rcParams if key != "backend"]  # reading that one sets it
    before = [mpl.rcParams[key] for key in keys]
    had_pyplot = "matplotlib.pyplot" in sys.modules
    draw_learning_curves(learning(), "Bài 3", tmp_path)
    assert [mpl.rcParams[key] for key in keys] == before
    assert ("matplotlib.pyplot" in sys.modules) == had_pyplot


def test_no_epoch_no_picture(tmp_path: Path) -> None:
    history: list[EpochRecord] = []
    with pytest.raises(RunError, match="Bài 3: no epoch was completed"):
        draw_learning_curves(history, "Bài 3", tmp_path)
    with pytest.raises(RunError, match="no epoch was completed"):
        draw_overview([], tmp_path / "overview.png")
    assert not any(tmp_path.iterdir())


def test_overview_has_a_column_an_exercise_on_one_scale(
    tmp_path: Path, figures: list[Figure]
) -> None:
    runs = [
        write_run(tmp_path / "bai3", documents=1000),
        write_run(tmp_path / "bai1", "bai1", documents=1000, history=wandering(), accuracy=0.5),
        write_run(tmp_path / "bai5", "bai5", accuracy=None, history=learning()[:2]),
        write_run(tmp_path / "bai4", "bai4", accuracy=None, history=[]),
    ]
    draw_overview(runs, tmp_path / "overview.png")
    (figure,) = figures
    assert len(figure.axes) == 6  # the run without an epoch has no column
    accuracies, losses = figure.axes[:3], figure.axes[3:]
    titles = [axes.get_title().partition("\n")[0] for axes in accuracies]
    assert titles == ["Bài 1", "Bài 3", "Bài 5"]
    assert len({axes.get_ylim() for axes in accuracies}) == 1
    assert [len(axes.get_lines()) for axes in accuracies] == [3, 3, 2]  # the third: test accuracy
    assert [len(axes.get_lines()) for axes in losses] == [2, 2, 2]
    entries = [entry.get_text() for entry in figure.legends[0].get_texts()]
    assert entries == ["train", "validation", "kiểm tra"]


def test_overview_draws_every_seed(tmp_path: Path, figures: list[Figure]) -> None:
    runs = [
        write_run(tmp_path / str(seed), settings=[f"training.seed={seed}"], documents=100)
        for seed in (1, 2, 3)
    ]
    draw_overview(runs, tmp_path / "overview.png", "en")
    assert [len(axes.get_lines()) for axes in figures[0].axes] == [9, 6]
    assert [entry.get_text() for entry in figures[0].legends[0].get_texts()] == [
        "training",
        "validation",
        "test",
    ]
