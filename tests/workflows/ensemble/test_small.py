"""`small` of a training: a linear classifier alone, of few n-grams."""

from pathlib import Path

import pytest

import hoiquy
from command_line import call_hoiquy, only_line_of_error
from hoiquy.errors import InputError, RecipeError
from hoiquy.events import DataRead, Event
from hoiquy.linear.features import NgramSettings
from hoiquy.runs.ensemble import load_ensemble
from hoiquy.workflows.ensemble.data_size import DataSize
from hoiquy.workflows.ensemble.ngrams import ngrams_of
from hoiquy.workflows.ensemble.plan import load_plan
from hoiquy.workflows.verify import retrain, verify
from miniatures import miniature
from own_tables import rows, write_csv
from several_labels import dataset as with_several_labels


def test_the_linear_classifier_is_trained_alone(tmp_path: Path) -> None:
    out = tmp_path / "run"
    table = write_csv(tmp_path / "phim.csv", rows(20))
    trained = call_hoiquy("train", table, "--small", "--out", out, "--lang", "en")
    assert trained.returncode == 0, trained.stderr
    (member,) = load_ensemble(out, 3).members
    assert (member.kind, load_plan(out).networks) == ("linear", {})
    assert [path.name for path in (out / "members").iterdir()] == ["linear"]
    assert "no network was trained" in trained.stdout
    run = hoiquy.load_run(out)
    assert run.result.test_accuracy is not None and run.result.test_accuracy > 0.9
    assert verify(out).problems == [] and retrain(out) == []


@pytest.mark.parametrize("classes", [2, 77])
@pytest.mark.parametrize("tokenizer", ["unicode", "characters"])
def test_it_takes_6_mb(classes: int, tokenizer: str) -> None:
    size = DataSize(9, classes, 900)
    settings = ngrams_of(miniature("auto", f"text.tokenizer={tokenizer}"), size, small=True)
    shortest = 1 if tokenizer == "characters" else 2
    assert settings == NgramSettings(2, (shortest, 5), most=settings.most)
    assert 2 * settings.most * (12 + 2 * classes) <= 6e6


def test_of_several_labels_too(tmp_path: Path) -> None:
    told: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, DataRead):
            told.append(event.description)

    run = hoiquy.train(
        with_several_labels(60, 20), "auto", tmp_path / "run", small=True, on_event=listen
    )
    (member,) = load_ensemble(run.folder, 3).members
    assert member.kind == "linear" and run.result.multilabel
    assert not any("sigmoid" in line for line in told)  # there is no network


def test_where_there_is_no_ensemble_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"small needs the ensemble.*the recipe 'bai5'"):
        hoiquy.train(rows(8), "bai5", tmp_path / "run", small=True)


def test_the_command_line_refuses_it_with_a_named_recipe(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "phim.csv", rows(8))
    refused = call_hoiquy(
        "train", table, "--recipe", "bai5", "--small", "--out", tmp_path / "run", "--lang", "en"
    )
    assert "small" in only_line_of_error(refused, 2)


def test_the_estimator_has_it() -> None:
    texts, labels = zip(*rows(8), strict=True)
    with pytest.raises(RecipeError, match="small needs an ensemble: pass minutes"):
        hoiquy.RecurrentClassifier(small=True).fit(texts, labels)
    fitted = hoiquy.RecurrentClassifier(minutes=1, small=True).fit(texts, labels)
    assert fitted.score(texts, labels) > 0.9
