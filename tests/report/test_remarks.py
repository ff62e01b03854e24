"""Each remark appears where its facts hold, and only there, in both languages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hoiquy.errors import RunError
from hoiquy.messages import catalogue
from hoiquy.report.remarks import COVERED_BY, Remark, remarks, remarks_with
from hoiquy.report.scores import score_of
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.files import diagnostics_file
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import write_checksummed
from synthetic_runs import epochs, learning, wandering, write_run

Found = dict[str, Remark]


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Found]:
    """Return a function that makes a run and gives its remarks by key, each also put in words."""

    def find(*arguments: Any, **changes: Any) -> Found:
        keyed = remarks(write_run(tmp_path / "run", *arguments, **changes))
        for remark in keyed:
            for lang in ("vi", "en"):
                assert len(remark.text(lang).splitlines()) == 1  # type: ignore[arg-type]
        keys = [remark.key for remark in keyed]
        assert len(keys) == len(set(keys))
        return {remark.key: remark for remark in keyed}

    return find


MakeFound = Callable[..., Found]


def test_the_labs_own_lstm(found: MakeFound) -> None:
    keyed = found("bai3")
    assert list(keyed) == [
        "accuracy_range",
        "loss_settled",
        "over_fitting_gap",
        "unreachable_rows",
        "good_model",
        "published_agrees",
    ]
    assert keyed["accuracy_range"].values["train_high"] == pytest.approx(0.925)
    assert "from 62.56% to 92.50%" in keyed["accuracy_range"].text("en")
    assert "từ 62,56% đến 92,50%" in keyed["accuracy_range"].text("vi")
    assert "settles at epoch 6" in keyed["loss_settled"].text("en")
    assert "hội tụ ở khoảng epoch 6" in keyed["loss_settled"].text("vi")
    assert "3.8 points above" in keyed["over_fitting_gap"].text("en")


def test_the_labs_simple_rnn_is_at_chance_because_of_its_input(found: MakeFound) -> None:
    keyed = found("bai1", history=wandering(), accuracy=0.5016)
    assert list(keyed) == [
        "accuracy_range",
        "loss_flat",
        "under_fitting",
        "at_chance",
        "chance_from_values",
        "bad_model",
        "published_agrees",
    ]
    assert "always predicting the majority class gives 50.00%" in keyed["at_chance"].text("en")
    assert "độ lớn" in keyed["chance_from_values"].text("vi")


def test_dead_rows_are_counted(found: MakeFound) -> None:
    text = found("bai3")["unreachable_rows"].text("en")
    assert "10,058,752 of the 11,602,354 parameters (87%)" in text
    assert "78,584 of the 88,584 embedding rows" in text


def test_no_dead_rows_no_remark(found: MakeFound) -> None:
    assert "unreachable_rows" not in found("bai3", unreachable_parameters=0)


def test_quick_recipe_is_not_the_labs(found: MakeFound) -> None:
    keyed = found("bai3-quick", history=learning()[:3], accuracy=0.84)
    assert next(iter(keyed)) == "quick"
    assert "not the lab's own settings: 90 words" in keyed["quick"].text("en")
    assert "tốc độ học 0,002, 2 epoch" in keyed["quick"].text("vi")
    assert not any(key.startswith("published") for key in keyed)


def test_changed_settings_are_listed(found: MakeFound) -> None:
    keyed = found(settings=["training.epochs=12", "model.layers.1.rate=0.5", "training.seed=9"])
    changes = keyed["settings_changed"].values["changes"]
    assert changes == "model.layers.1.rate = 0.5 (0.3); training.epochs = 12 (10)"
    assert not any(key.startswith("published") for key in keyed)


def test_another_seed_or_description_is_the_labs_setting(found: MakeFound) -> None:
    keyed = found(settings=["training.seed=9", "description=mine"])
    assert "settings_changed" not in keyed
    assert "published_agrees" in keyed


def test_other_data_is_not_official(found: MakeFound) -> None:
    keyed = found(official_test=False, data="imdb-train")
    assert "“imdb-train”" in keyed["not_official"].text("en")
    assert not any(key.startswith("published") for key in keyed)


@pytest.mark.parametrize(
    ("accuracy", "key", "difference"),
    [
        (0.8757, "published_agrees", "87.57%"),
        (0.8791, "published_agrees", "87.57%"),
        (0.8857, "published_higher", "1.00 points higher"),
        (0.8457, "published_lower", "3.00 points lower"),
    ],
)
def test_against_the_sheet(found: MakeFound, accuracy: float, key: str, difference: str) -> None:
    assert difference in found(accuracy=accuracy)[key].text("en")


def test_interrupted_run_claims_no_test_accuracy(found: MakeFound) -> None:
    keyed = found(accuracy=None, history=learning()[:4])
    assert "after 4 of 10 epochs" in keyed["interrupted"].text("en")
    assert set(keyed) == {
        "interrupted",
        "accuracy_range",
        "loss_falling",
        "over_fitting_gap",
        "unreachable_rows",
    }


def test_run_without_an_epoch(found: MakeFound) -> None:
    assert set(found(accuracy=None, history=[])) == {"interrupted", "unreachable_rows"}


def test_one_epoch(found: MakeFound) -> None:
    keyed = found(history=learning()[:1], accuracy=0.7)
    assert {"accuracy_one_epoch", "loss_unknown", "fair_model"} <= set(keyed)
    assert "Too few epochs (1)" in keyed["loss_unknown"].text("en")
    assert not {"no_over_fitting", "over_fitting", "accuracy_range"} & set(keyed)


def test_still_improving_at_the_last_epoch(found: MakeFound) -> None:
    keyed = found(history=learning()[:4], settings=["training.epochs=4"])
    assert "still falling at the last epoch (4)" in keyed["loss_falling"].text("en")


FALLING = [0.9, 0.5, 0.3, 0.2, 0.1, 0.05]
TURNED = [0.9, 0.5, 0.4, 0.45, 0.5, 0.6]
STEADY = [0.9, 0.5, 0.42, 0.41, 0.4, 0.4]
RISING = [0.6, 0.7, 0.8, 0.85, 0.88, 0.89]


@pytest.mark.parametrize(
    ("val_losses", "train_end", "key"),
    [
        (TURNED, 0.97, "over_fitting"),
        (STEADY, 0.97, "over_fitting_gap"),
        (TURNED, 0.90, "over_fitting_loss"),  # within the interval of 2,500 documents
        (STEADY, 0.90, "no_over_fitting"),
        (STEADY, 0.85, "no_over_fitting"),  # dropout makes training accuracy the lower one
    ],
)
def test_over_fitting(
    found: MakeFound, val_losses: list[float], train_end: float, key: str
) -> None:
    history = epochs(FALLING, val_losses, [*RISING[:-1], train_end], RISING)
    keyed = found(history=history)
    fits = [key for key in keyed if "fitting" in key]
    assert fits == [key]
    if val_losses is TURNED:
        assert "from 0.400 at epoch 3 to 0.600" in keyed[key].text("en")


VERDICTS = {
    "bad_model", "weak_model", "fair_model", "good_model", "hardly_better", "not_shown_better",
    "between_grades", "too_few", "too_few_better", "one_class", "other_aim", "beaten_model",
}  # fmt: skip


@pytest.mark.parametrize(
    ("accuracy", "quality"),
    [
        (0.30, "bad_model"),  # worse than chance is no better
        (0.50, "bad_model"),
        (0.53, "bad_model"),  # above chance beyond doubt, but of no use
        (0.54, "hardly_better"),
        (0.56, "weak_model"),
        (0.65, "between_grades"),
        (0.70, "fair_model"),
        (0.799, "between_grades"),
        (0.801, "between_grades"),
        (0.81, "good_model"),
    ],
)
def test_quality(found: MakeFound, accuracy: float, quality: str) -> None:
    keyed = found(accuracy=accuracy)
    assert [key for key in keyed if key in VERDICTS] == [quality]
    chance = {0.30: ["below_chance"], 0.50: ["at_chance"], 0.53: ["near_chance"]}
    assert [key for key in keyed if key.endswith("_chance")] == chance.get(accuracy, [])
    assert "chance_from_values" not in keyed  # words go in as indices


def test_chance_is_the_majority_rate_not_one_half(found: MakeFound) -> None:
    """0.9 is no achievement where nine of ten documents are of one class."""
    labels = (np.arange(1000) % 10 == 0).astype(int).tolist()
    keyed = found(documents=1000, labels=labels, accuracy=0.9, official_test=False)
    text = keyed["too_few"].text("en")
    assert "90.00% of the same documents" in text
    assert "About 3,600 test documents would give an interval of ±1.0 points" in text
    assert "good_model" not in keyed


def test_twelve_documents_are_too_few_and_how_many_are_not(found: MakeFound) -> None:
    keyed = found(documents=12, accuracy=10 / 12, official_test=False, data="mine.csv")
    assert not {"good_model", "bad_model", "at_chance"} & set(keyed)
    text = keyed["too_few"].text("en")
    assert "with 12, the accuracy of 83.33% has a 95% interval of 55.20–95.30" in text
    assert "About 290 test documents would give an interval of ±5.0 points" in text
    vietnamese = keyed["too_few"].text("vi")
    assert "Cần khoảng 290 văn bản kiểm tra" in vietnamese


def test_three_quarters_of_twelve_is_no_failure(found: MakeFound) -> None:
    keyed = found(documents=12, accuracy=0.75)
    assert "too_few" in keyed and "bad_model" not in keyed


def test_little_more_than_chance_on_the_training_set_is_no_good_fit(found: MakeFound) -> None:
    history = epochs([0.69] * 6, [0.69] * 6, [0.558] * 6, [0.55] * 6)
    keyed = found(history=history, accuracy=0.55)
    assert "under_fitting" in keyed and "no_over_fitting" not in keyed


def test_few_validation_documents_cannot_rule_out_overfitting(found: MakeFound) -> None:
    keyed = found(history=learning(0.9, 0.9), validation_documents=12)
    assert "Too few validation documents (12)" in keyed["fit_too_few"].text("en")


def test_a_training_with_class_weights_is_not_judged_by_accuracy(found: MakeFound) -> None:
    labels = (np.arange(1000) % 20 == 0).astype(int).tolist()
    weights = ["training.class_weight=balanced"]
    keyed = found(documents=1000, labels=labels, accuracy=0.92, settings=weights)
    assert "did not aim at accuracy" in keyed["other_aim"].text("en")
    assert not {"below_chance", "bad_model"} & set(keyed)


def test_kept_weights_of_an_earlier_epoch_are_named(found: MakeFound) -> None:
    stopping = "training.early_stopping={patience=2, restore_best=true}"
    history = epochs(FALLING, TURNED, RISING, RISING)
    text = found(history=history, settings=[stopping])["kept_best"].text("en")
    assert "weights of epoch 3, the best by val_loss" in text


def test_weights_of_the_last_epoch_need_no_word(found: MakeFound) -> None:
    stopping = "training.early_stopping={patience=2, restore_best=true}"
    assert "kept_best" not in found(history=learning(), settings=[stopping])


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("imdb-train", {"not_official"}),
        ("mine.csv", {"other_data"}),  # an exercise of the lab on other data
    ],
)
def test_official_reviews_are_a_matter_of_imdb_only(
    found: MakeFound, data: str, keys: set[str]
) -> None:
    assert {"not_official", "other_data"} & set(found(data=data, official_test=False)) == keys


def test_own_data_are_not_measured_by_imdb(found: MakeFound) -> None:
    own = found("auto", data="mine.csv", official_test=False)
    assert not {"not_official", "other_data"} & set(own)


BELOW = Diagnostic(
    "below_bag_of_words_from_few_steps",
    {
        "epochs": 9, "train": 0.82, "validation": 0.8, "majority": 0.5, "bag_of_words": 0.93,
        "rate": 1e-3,
    },
    "training.epochs=18",
)  # fmt: skip


def test_a_model_far_below_a_bag_of_words_is_not_called_good(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", accuracy=0.81)
    keys = [remark.key for remark in remarks_with(run, score_of(run), [BELOW])]
    assert BELOW.key in keys and "beaten_model" in keys and "good_model" not in keys


def test_the_test_documents_overrule_chance_level_on_fewer(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", accuracy=0.81)
    chance = Diagnostic("chance_unexplained", AT_CHANCE, "training.epochs=20")
    keys = [remark.key for remark in remarks_with(run, score_of(run), [chance])]
    assert chance.key not in keys and "good_model" in keys


def test_score_of_a_single_class_is_no_skill(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", documents=50, labels=[1] * 50, accuracy=1.0)
    score = score_of(run)
    assert score is not None
    assert (score.accuracy, score.majority, score.skill) == (1.0, 1.0, 0.0)


def test_damaged_predictions_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", documents=50)
    (run.folder / "predictions.parquet").write_bytes(b"PAR1")
    with pytest.raises(RunError, match=r"predictions\.parquet is damaged"):
        remarks(run)


def test_every_remark_of_the_catalogue_can_be_made(tmp_path: Path) -> None:
    """The runs of the tests above, once more: no text is dead."""
    runs: list[Run] = []

    def add(*arguments: Any, **changes: Any) -> None:
        changes = {"documents": 2000, **changes}
        runs.append(write_run(tmp_path / str(len(runs)), *arguments, **changes))

    flat = [0.69] * 6
    cosine = [replace(one, learning_rate=10.0**-one.epoch) for one in learning()]
    stopping = "training.early_stopping={patience=2, restore_best=true}"
    rare = (np.arange(2000) % 20 == 0).astype(int).tolist()
    add("bai1", history=wandering(), accuracy=0.5)
    add("bai3-quick", history=learning()[:3], official_test=False, data="imdb-train")
    add("bai3", official_test=False, data="mine.csv")
    add("bai3", settings=["training.epochs=3"], history=learning()[:1], accuracy=0.53)
    add("bai3", accuracy=None, history=learning()[:4])
    add("bai3", accuracy=0.6, history=epochs(FALLING[:3], [0.5, 0.6, 0.7], *[RISING[:3]] * 2))
    add("bai3", accuracy=0.7)
    add("bai3", accuracy=0.95, history=cosine)
    add("bai3", accuracy=0.8, settings=[stopping])
    slowing = [0.9, 0.5, 0.3, 0.2, 0.11, 0.1]
    add("bai3", accuracy=0.3, history=epochs(FALLING, slowing, RISING, RISING))
    add("bai3", accuracy=0.522, documents=6000)
    add("bai3", accuracy=0.53)
    add("bai3", accuracy=0.51, history=epochs(flat, flat, [0.63] * 6, [0.6] * 6))
    add("bai3", accuracy=0.54, documents=6000, train_documents=90,
        history=epochs(flat, flat, [0.605] * 6, [0.6] * 6))  # fmt: skip
    add("bai3", accuracy=0.8, documents=12, validation_documents=12,
        history=epochs(flat, [0.69, 0.66, 0.65, 0.64, 0.63, 0.62], RISING, RISING))  # fmt: skip
    add("bai3", accuracy=0.9, documents=40)
    add("bai3", accuracy=1.0, labels=[1] * 2000)
    add("bai3", accuracy=0.93, labels=rare, settings=["training.class_weight=balanced"])
    add("bai3", history=epochs(FALLING, TURNED, [*RISING[:-1], 0.97], RISING), settings=[stopping])
    add("bai3", history=epochs(TURNED, TURNED, RISING, RISING))
    add("bai3", history=epochs(TURNED, TURNED, [*RISING[:-1], 0.97], RISING))
    add("bai3", history=epochs(FALLING, TURNED, RISING, RISING))
    add("bai3", history=epochs(FALLING, STEADY, RISING, RISING))
    add("bai3", accuracy=None, history=[], metric="accuracy")
    made = {f"remark.{remark.key}" for run in runs for remark in remarks(run)}
    made |= {f"remark.{one.key}" for one in remarks_with(runs[8], score_of(runs[8]), [BELOW])}
    # the first needs 25,000 documents, see above; the second several labels a document
    made |= {"remark.published_agrees", "remark.several_labels"}
    made.discard(f"remark.{BELOW.key}")
    assert made == {key for key in catalogue("en") if key.startswith("remark.")}


# --- diagnostics of the training doctor


OVER_FITTED = Diagnostic(
    "over_fitting",
    {"best_epoch": 3, "best": 0.4, "last_epoch": 6, "last": 0.6},
    "training.early_stopping={patience=2, restore_best=true}",
    epoch=5,
)
RANKS = Diagnostic("ranks_as_magnitudes", {"highest": 9999}, "model={}")
AT_CHANCE = {"epochs": 20, "train": 0.5, "validation": 0.5, "majority": 0.5, "rate": 1e-4}


@pytest.fixture
def remark_texts(tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that makes a run with diagnostics and gives the texts of its remarks."""

    def find(*arguments: Any, diagnostics: Sequence[Diagnostic], **changes: Any) -> list[str]:
        run = write_run(tmp_path / "run", *arguments, **changes)
        write_checksummed(run.folder, diagnostics_file(diagnostics))
        return [remark.text("en") for remark in remarks(run)]

    return find


def test_a_remark_gains_a_suggested_setting(
    remark_texts: Callable[..., list[str]],
) -> None:
    history = epochs(FALLING, TURNED, [*RISING[:-1], 0.97], RISING)
    texts = remark_texts(history=history, diagnostics=[OVER_FITTED])
    (over_fitting,) = [text for text in texts if text.startswith("Overfitting")]
    assert "from 0.400 at epoch 3 to 0.600" in over_fitting  # the remark's own words
    assert over_fitting.endswith(OVER_FITTED.change("en"))


def test_uncovered_diagnostics_come_first_in_full(remark_texts: Callable[..., list[str]]) -> None:
    jumped = Diagnostic(
        "loss_jumps", {"in_epoch": 2, "loss": 1.0, "least": 0.5, "rate": 1.0},
        "training.learning_rate=0.1",
    )  # fmt: skip
    assert remark_texts(diagnostics=[jumped, RANKS])[:2] == [jumped.text("en"), RANKS.text("en")]


def test_a_diagnostic_that_the_history_contradicts_is_left_out(
    remark_texts: Callable[..., list[str]],
) -> None:
    assert not any(
        text.startswith("Overfitting:") for text in remark_texts(diagnostics=[OVER_FITTED])
    )


def test_a_cause_with_its_own_diagnostic_is_not_repeated(
    remark_texts: Callable[..., list[str]],
) -> None:
    chance = Diagnostic("chance_from_ranks", AT_CHANCE)
    texts = remark_texts("bai1", history=wandering(), accuracy=0.5016, diagnostics=[chance, RANKS])
    assert sum("at chance level" in text for text in texts) == 1
    assert texts[0] == chance.text("en")
    assert sum("fed in as a magnitude" in text for text in texts) == 1
    assert sum(text.endswith(RANKS.change("en")) for text in texts) == 1


def test_diagnostics_are_covered_by_remarks_of_the_catalogue() -> None:
    keys = catalogue("en")
    for diagnostic, same in COVERED_BY.items():
        assert f"diagnostic.{diagnostic}_seen" in keys
        assert all(f"remark.{remark}" in keys for remark in same)


def test_a_network_at_chance_on_its_training_set_does_not_overfit(found: MakeFound) -> None:
    """As exercise 1: 52.4 % on 22,500 documents is more than 50.0 % on 2,500."""
    history = epochs([0.69] * 6, [0.69] * 6, [0.524] * 6, [0.4996] * 6)
    keyed = found("bai1", history=history, accuracy=0.5)
    assert "under_fitting" in keyed and "over_fitting_gap" not in keyed
