"""Progress in a notebook: one output, a line an epoch."""

from pathlib import Path
from typing import Any

import pytest

from hoiquy.callbacks.notebook import progress
from hoiquy.callbacks.notebook.progress import NotebookProgress
from hoiquy.events import (
    EnsembleStep,
    EpochFinished,
    Event,
    Preparing,
    PretrainingEpoch,
    PretrainingStarted,
    PretrainingStep,
    Resumed,
    RunCompleted,
    StepFinished,
    TrainingStarted,
    VectorsRead,
)
from hoiquy.runs.history import EpochRecord

IPython = pytest.importorskip("IPython")


class Output:
    """A stand-in for a notebook's output: keeps what it shows."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, content: dict[str, str], *, raw: bool, display_id: bool) -> "Output":
        assert raw and display_id and not self.shown
        self.shown.append(content)
        return self

    def update(self, content: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(content)

    def last(self) -> list[str]:
        return self.shown[-1]["text/plain"].splitlines()


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Output:
    import IPython.display

    output = Output()
    monkeypatch.setattr(IPython.display, "display", output.display)
    return output


def record(epoch: int) -> EpochRecord:
    return EpochRecord(epoch, 0.5, 0.75, 0.4, 0.8125, 1e-4)


def tell(listener: Any, *events: Event) -> None:
    for event in events:
        listener(event)


def test_a_pretraining(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN", 0)
    listener = NotebookProgress("en")
    tell(listener, PretrainingStarted("my", 2, 4, 100), PretrainingStep(1, 1, 6.5, 12345.0, 90.0))
    step = "perplexity 665.1 in training, 12,345 words/s, 1.5 minutes left"
    assert output.last() == [f"epoch 1/2, 25% done: {step}"]
    tell(listener, PretrainingEpoch(1, 6.25, 123.45, 75.0, 12345.0, 60.0))
    under_way = "held-out documents: perplexity 123.5; 1 min 15 s"
    assert output.last() == [f"epoch 1/2: loss 6.2500; {under_way}"]


def test_epochs_stay_and_the_rest_goes(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN", 0)
    listener = NotebookProgress("en")
    tell(listener, Preparing("vocabulary"))
    assert output.last() == ["counting words …"]
    tell(listener, Preparing("reading", "reading <data>"))
    assert output.last() == ["reading <data>"]
    assert "reading &lt;data&gt;</pre>" in output.shown[-1]["text/html"]
    tell(listener, TrainingStarted("bai5", 2, 4, 100), StepFinished(1, 2, 0.6, 0.7, 1234.0))
    under_way = "epoch 1/2, 50% done: loss 0.6000, accuracy 70.0%, 1,234 documents/s"
    assert output.last() == [under_way]
    tell(listener, EpochFinished(record(1), 12.0, 1234.0), StepFinished(2, 1, 0.5, 0.8, 1234.0))
    first = (
        "epoch 1/2: loss 0.5000, accuracy 75.00%; validation: loss 0.4000, accuracy 81.25%; 12 s"
    )
    assert output.last()[0] == first
    assert output.last()[1].startswith("epoch 2/2, 25% done")
    tell(listener, EpochFinished(record(2), 12.0, 1234.0))
    tell(listener, RunCompleted(folder=Path("run")))
    assert output.last() == [first, first.replace("epoch 1", "epoch 2")]


def test_word_vectors(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN", 0)
    line = "a.vec: 3 of 4 words found (50.0% of the running words)"
    tell(NotebookProgress("en"), Preparing("vectors"), VectorsRead(line), Preparing("kernels"))
    assert output.shown[0]["text/plain"] == "reading word vectors …"
    assert output.last()[0] == line


def test_thousands_of_steps_do_not_flood_the_notebook(output: Output) -> None:
    listener = NotebookProgress("vi")
    tell(listener, TrainingStarted("bai5", 1, 5_000, 100))
    tell(listener, *[StepFinished(1, step, 0.6, 0.7, 10.0) for step in range(1, 5_001)])
    assert len(output.shown) < 50
    tell(listener, EpochFinished(record(1), 12.0, 10.0))
    assert output.last() == [
        "epoch 1/1: loss 0,5000, accuracy 75,00%; validation: loss 0,4000, accuracy 81,25%; 12 giây"
    ]


def test_resuming_is_shown(output: Output) -> None:
    tell(NotebookProgress("en"), Resumed(epoch=2, step=7))
    assert output.last() == ["resuming in epoch 2 after step 7"]


def test_each_model_of_an_ensemble_is_a_line(output: Output) -> None:
    steps = (
        EnsembleStep("linear", 0.875, 2400, None, None),
        EnsembleStep("gru-1", 0.9, 480, 0.8625, 60.0),
    )
    tell(NotebookProgress("en"), *steps)
    assert output.last() == [
        "linear: validation accuracy 87.50% on 2,400 texts",
        "gru-1: ensemble validation accuracy 90.00% on 480 texts (linear classifier alone: 86.25%)",
    ]


def test_baselines_are_one_line(output: Output) -> None:
    names = ("majority", "nb-svm")
    tell(NotebookProgress("en"), *[Preparing("baseline", f"training {name}") for name in names])
    assert output.last() == ["training the baselines (a few seconds)"]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    "what", ["reading", "vocabulary", "encoding", "storing", "kernels", "plain kernels"]
)
def test_every_preparation_has_words(what: Any, lang: Any, output: Output) -> None:
    tell(NotebookProgress(lang), Preparing(what))
    assert output.last()[0].endswith("…")
