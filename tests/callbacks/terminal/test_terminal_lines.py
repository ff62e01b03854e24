"""What a training prints at a terminal, in both languages."""

import pytest

from hoiquy.callbacks.terminal.lines import lines_of, measures_of, stage_of
from hoiquy.callbacks.terminal.progress import TrainingProgress
from hoiquy.events import (
    EnsembleStep,
    EpochFinished,
    Event,
    Planned,
    Preparing,
    PretrainingPlanned,
    PretrainingStep,
    Resumed,
    StepFinished,
    TrainingStarted,
)
from hoiquy.messages import LANGUAGES, Lang, language
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.history import EpochRecord

STARTED = TrainingStarted("fast", 2, 3, 40)
RECORD = EpochRecord(1, 0.5, 0.75, 0.625, 0.7, 1e-3)


@pytest.mark.parametrize(
    ("event", "english", "vietnamese"),
    [
        (
            EnsembleStep("linear", 0.9, 2400, None, None),
            "linear: validation accuracy 90.00% on 2,400 texts",
            "linear: validation accuracy 90,00% trên 2.400 văn bản",
        ),
        (
            EnsembleStep("gru-1", 0.4, 480, 0.375, None, multilabel=True),
            "gru-1: ensemble validation subset accuracy 40.00% on 480 texts (linear classifier "
            "alone: 37.50%)",
            "gru-1: validation subset accuracy của ensemble 40,00% trên 480 văn bản (riêng bộ phân "
            "loại tuyến tính: 37,50%)",
        ),
        (
            EnsembleStep("gru-1", 0.9, 480, 0.875, 90),
            "gru-1: ensemble validation accuracy 90.00% on 480 texts (linear classifier alone: "
            "87.50%), 1.5 minutes left",
            "gru-1: validation accuracy của ensemble 90,00% trên 480 văn bản (riêng bộ phân loại "
            "tuyến tính: 87,50%), còn 1,5 phút",
        ),
        (
            EnsembleStep("linear", 0.9, 2400, None, -1),
            "linear: validation accuracy 90.00% on 2,400 texts, 0.0 minutes left",
            "linear: validation accuracy 90,00% trên 2.400 văn bản, còn 0,0 phút",
        ),
        (
            Resumed(2, 7),
            "resuming in epoch 2 after step 7",
            "chạy tiếp ở epoch 2, sau bước 7",
        ),
        (
            EpochFinished(RECORD, 12, 1234.5),
            "fast  epoch 1/2  loss 0.5000  accuracy 75.00%  val_loss 0.6250  val_accuracy 70.00%"
            "  1,234 documents/s  12 s",
            "fast  epoch 1/2:  loss 0,5000  accuracy 75,00%  val_loss 0,6250  val_accuracy 70,00%"
            "  1.234 văn bản/giây  12 giây",
        ),
    ],
)
def test_lines(event: Event, english: str, vietnamese: str) -> None:
    assert list(lines_of(event, STARTED, "en")) == [english]
    assert list(lines_of(event, STARTED, "vi")) == [vietnamese]


@pytest.mark.parametrize(
    ("event", "english", "vietnamese"),
    [
        (Preparing("vocabulary"), "counting words", "đang đếm từ"),
        (
            Preparing("linear"),
            "training the linear classifier",
            "đang huấn luyện bộ phân loại tuyến tính",
        ),
        (Preparing("reading", "reading rows"), "reading rows", "đang đọc dữ liệu"),
        (Preparing("reading", "reading a.npz"), "reading a.npz", "đang đọc a.npz"),
        (
            Preparing("baseline", "training the baseline: NB-SVM"),
            "training the baseline: NB-SVM",
            "đang huấn luyện mô hình cơ sở: NB-SVM",
        ),
    ],
)
def test_stages(event: Preparing, english: str, vietnamese: str) -> None:
    assert stage_of(event, "en") == english
    assert stage_of(event, "vi") == vietnamese


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_stage_has_words(lang: Lang) -> None:
    for what in Preparing.__annotations__["what"].__args__:
        assert stage_of(Preparing(what), lang)


def test_plans_and_measures() -> None:
    (line,) = lines_of(Planned(load_recipe("bai3-quick"), 90), None, "en")
    assert line.endswith("tokens of a text, 2 epochs, about 1 min 30 s of training")
    (line,) = lines_of(Planned(load_recipe("bai3-quick")), None, "vi")
    assert "token mỗi văn bản, 2 epoch" in line
    step = StepFinished(1, 2, 0.5, 0.75, 1000)
    assert measures_of(step, "vi") == "loss 0,5000  accuracy 75,0%  1.000 văn bản/giây"
    pretraining = PretrainingStep(1, 2, 5.0, 1000, 90)
    line = "perplexity 148.4 in training  1,000 words/s, 1.5 minutes left"
    assert measures_of(pretraining, "en") == line


def test_plans_of_a_pretraining() -> None:
    recipe = load_recipe("lm").with_settings({"pretraining.epochs": 15})
    (line,) = lines_of(
        PretrainingPlanned(recipe, ("LSTM 512",), 22_104_345, 2.62, 5000), None, "en"
    )
    assert line == (
        "lm: LSTM 512, embedding 256, in 64 streams: reads 22,104,345 words 2.6 times in about "
        "1 h 23 min, 15 perplexities on the way"
    )
    (line,) = lines_of(PretrainingPlanned(recipe, ("LSTM 512",), 10**9, 0.05, 90), None, "vi")
    assert "đủ để đọc 5% trong số 1.000.000.000 từ, khoảng 1 phút 30 giây" in line


def test_the_language_is_that_of_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_chosen", [])
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    with TrainingProgress() as progress:
        progress(EnsembleStep("gru-1", 0.9, 480, 0.875, None))
    with TrainingProgress(lang="en") as progress:
        progress(EnsembleStep("gru-1", 0.9, 480, 0.875, None))
    with TrainingProgress(quiet=True) as progress:
        progress(EnsembleStep("gru-1", 0.9, 480, 0.875, None))
    written = capsys.readouterr().err.splitlines()
    assert len(written) == 2
    assert "văn bản" in written[0] and "texts" in written[1]
