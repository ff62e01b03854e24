"""hoiquy.compare: runs and recipes, baselines found, trained, kept or done without."""

from pathlib import Path

import numpy as np
import pytest

import hoiquy
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import DataError, InputError, RecipeError, RunError
from hoiquy.recipe.recipe import parse_recipe
from hoiquy.runs.folder import load_run
from miniatures import random_dataset
from small_reviews import SMALL, write_reviews
from trained_runs import right_about, write_seeds, write_trained

BASELINES = ["majority", "tfidf-logistic", "nb-svm"]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("compared") / "aclImdb", each=30)


def recipes() -> list[hoiquy.Recipe]:
    lstm = parse_recipe(SMALL.replace("epochs = 3", "epochs = 1"), "small")
    gru = parse_recipe(SMALL.replace("epochs = 3", "epochs = 1").replace("lstm", "gru"), "small")
    return [lstm, gru.with_settings(["name=other"])]


def test_recipes_are_trained_kept_and_added_to(reviews: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    chosen = recipes()
    two = hoiquy.compare(
        recipes=chosen, data=reviews, seeds=2, out=tmp_path / "out", on_note=notes.append
    )
    folders = ["small-seed1", "small-seed2", "other-seed1", "other-seed2"]
    assert [note.partition(":")[0] for note in notes] == folders
    assert [one.name for one in two.candidates] == ["small", "other", *BASELINES]
    assert two.candidate("other").seeds == (1, 2)
    kept = tmp_path / "out" / "small-seed2" / "result.json"
    before = kept.stat().st_mtime_ns

    notes.clear()
    three = hoiquy.compare(
        recipes=chosen, data=reviews, seeds=3, out=tmp_path / "out", on_note=notes.append
    )
    assert [note.endswith("(done before)") for note in notes] == [True, True, False] * 2
    assert kept.stat().st_mtime_ns == before
    assert three.candidate("small").seeds == (1, 2, 3)
    assert three.candidate("small").accuracies[:2] == two.candidate("small").accuracies

    by_folder = hoiquy.compare(tmp_path / "out")
    assert by_folder.candidate("other").accuracies == three.candidate("other").accuracies
    assert {pair.p_value for pair in by_folder.pairs} == {pair.p_value for pair in three.pairs}


def test_settings_change_every_recipe(reviews: Path, tmp_path: Path) -> None:
    hoiquy.compare(
        recipes=recipes(), data=reviews, seeds=1, out=tmp_path, settings=["data.max_length=5"]
    )
    for name in ("small", "other"):
        assert load_run(tmp_path / f"{name}-seed1").recipe.data.max_length == 5
    with pytest.raises(RunError, match="another recipe or other data"):
        hoiquy.compare(recipes=recipes(), data=reviews, seeds=1, out=tmp_path)


def test_runs_and_folders_of_runs(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.86, 0.87])
    single = write_trained(tmp_path / "else" / "gru", right_about(2_000, range(300)), "bai5")
    found = hoiquy.compare(tmp_path, single.folder, tmp_path / "bai3-seed1", baselines=False)
    assert [one.name for one in found.candidates] == ["bai3", "bai5"]
    assert found.candidate("bai3").seeds == (1, 2)
    assert hoiquy.compare(single, load_run(tmp_path / "bai3-seed1"), baselines=False).pairs


def test_baselines_are_trained_on_the_runs_data_and_kept(reviews: Path, tmp_path: Path) -> None:
    hoiquy.train(reviews, recipes()[0], tmp_path / "run")
    found = hoiquy.compare(tmp_path / "run", out=tmp_path / "out")
    assert [one.name for one in found.candidates] == ["small", *BASELINES]
    assert sorted(path.name for path in (tmp_path / "out" / "baselines").iterdir()) == sorted(
        BASELINES
    )
    assert not (tmp_path / "run" / "baselines").exists()


def test_where_the_data_is_gone_it_goes_on_without(tmp_path: Path) -> None:
    runs = [
        write_trained(tmp_path / name, right_about(40, [1]), name, data_source=str(tmp_path / "no"))
        for name in ("bai3", "bai5")
    ]
    notes: list[str] = []
    found = hoiquy.compare(*runs, on_note=notes.append)
    assert len(found.candidates) == 2
    (note,) = notes
    assert note.startswith("without baselines: ")
    assert str(tmp_path / "no") in note
    assert note.endswith("say --data PATH")


def test_other_data_at_the_old_place_is_not_taken(reviews: Path, tmp_path: Path) -> None:
    runs = [
        write_trained(tmp_path / name, right_about(40, [1]), name, data_source=str(reviews))
        for name in ("bai3", "bai5")
    ]
    notes: list[str] = []
    assert len(hoiquy.compare(*runs, on_note=notes.append).candidates) == 2
    assert "is not the data that" in notes[0]
    with pytest.raises(RunError, match="is not the data that"):
        hoiquy.compare(*runs, data=reviews)  # what was asked for is not silently left out
    with pytest.raises(DataError, match="nowhere"):
        hoiquy.compare(*runs, data="nowhere")


def test_official_reviews_are_not_downloaded_for_a_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoiquy.workflows.compare.find_imdb", lambda: None)
    monkeypatch.setattr("hoiquy.workflows.compare.load_dataset", pytest.fail)
    runs = [
        write_trained(tmp_path / name, right_about(40, [1]), name, data_source="imdb")
        for name in ("bai3", "bai5")
    ]
    notes: list[str] = []
    hoiquy.compare(*runs, on_note=notes.append)
    assert "imdb is not on this machine" in notes[0]


def test_unfinished_runs_are_left_out_and_named(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.86, 0.87])
    write_trained(tmp_path / "cut", right_about(2_000, []), "bai4", status="interrupted")
    write_trained(tmp_path / "gru", right_about(2_000, range(300)), "bai5")
    notes: list[str] = []
    found = hoiquy.compare(tmp_path, baselines=False, on_note=notes.append)
    assert [one.name for one in found.candidates] == ["bai3", "bai5"]
    assert notes == [
        f"left out, not complete: {tmp_path / 'cut'}; resume with hoiquy resume {tmp_path / 'cut'}"
    ]
    with pytest.raises(RunError, match="none of these runs is complete"):
        hoiquy.compare(tmp_path / "cut")


def test_documents_that_no_baseline_learns_from_do_not_stop_it(tmp_path: Path) -> None:
    usual = random_dataset(60)
    labels = np.zeros(len(usual.train), np.int32)
    train = Documents(usual.train.texts, labels)
    dataset = Dataset("alone", ("neg", "pos"), train, usual.test, "", official_test=False)
    notes: list[str] = []
    hoiquy.compare(recipes=recipes(), data=dataset, seeds=1, out=tmp_path, on_note=notes.append)
    assert notes[-1].startswith("without baselines: alone: the baseline tfidf-logistic cannot")


def test_what_cannot_be_asked(reviews: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="either runs to compare, or recipes"):
        hoiquy.compare()
    with pytest.raises(InputError, match="either runs to compare, or recipes"):
        hoiquy.compare(tmp_path, recipes=["bai3"])
    with pytest.raises(InputError, match="ray and workers train recipes"):
        hoiquy.compare(tmp_path, ray="auto")
    with pytest.raises(InputError, match="give data and out"):
        hoiquy.compare(recipes=["bai3"], data=reviews)
    with pytest.raises(RecipeError, match="two recipes are called 'small'"):
        hoiquy.compare(recipes=[recipes()[0]] * 2, data=reviews, out=tmp_path / "out")
    write_seeds(tmp_path, [0.86, 0.87])
    with pytest.raises(RunError, match="bai3 is the only network and there is no baseline"):
        hoiquy.compare(tmp_path, baselines=False)
    with pytest.raises(RunError, match="neither a run folder nor a folder of runs"):
        hoiquy.compare(tmp_path / "bai3-seed1", reviews)
