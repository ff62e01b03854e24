"""Whole pretrainings: the same bits however they run, a falling perplexity, and what is refused."""

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from pretraining_models import bits, sentences, small_corpus, small_recipe

from hoiquy.errors import DataError, RecipeError, RunError, StoppedError
from hoiquy.events import Event, PretrainingEpoch, PretrainingStep, Resumed
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.layers import Recurrent
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.command_line import recorded_command_line
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.workflows.pretraining.folder import TrainedLanguageModel, load_language_model
from hoiquy.workflows.pretraining.pretrain import pretrain
from hoiquy.workflows.pretraining.training import fit_language_model, initial_state, learning_rate
from hoiquy.workflows.train import resume
from hoiquy.workflows.verify import verify

TEXTS = sentences()
STEPS, EPOCHS = 5, 2  # of streams of about 47 words, in pieces of 10
kernel_for = Recurrent.kernel_for


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


@pytest.fixture(autouse=True, scope="module")
def nothing_waits_for_the_disk() -> Iterator[None]:
    with patch("os.fsync"):
        yield


def at_step(number: int, do: Callable[[], None]) -> Callable[[Event], None]:
    seen = 0

    def listen(event: Event) -> None:
        nonlocal seen
        seen += isinstance(event, PretrainingStep)
        if isinstance(event, PretrainingStep) and seen == number:
            do()

    return listen


def end() -> None:
    raise Stopped


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> TrainedLanguageModel:
    """A pretraining that nothing interrupts."""
    return pretrain([TEXTS], small_recipe(), tmp_path_factory.mktemp("whole") / "lm")


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_the_bits_do_not_depend_on_the_threads(cell: str) -> None:
    recipe = small_recipe("pretraining.epochs=1", cell=cell)
    corpus = small_corpus(recipe)
    states = [initial_state(recipe, corpus) for _ in range(2)]
    for threads, state in zip((1, 3), states, strict=True):
        fit_language_model(recipe, corpus, state, threads=threads)
    one, several = states
    assert one.history == several.history
    for name, array in one.model.parameters.items():
        np.testing.assert_array_equal(array, several.model.parameters[name])


def test_both_kinds_of_kernels_learn_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """To rounding; and the fast kernels do run where nobody asks for the plain ones."""
    recipe = small_recipe("pretraining.epochs=1")
    corpus, calls = small_corpus(recipe), list[str]()
    monkeypatch.setattr(
        Recurrent, "kernel_for", lambda layer, dtype: calls.append(kind) or kernel_for(layer, dtype)
    )
    states = []
    for kind in ("fast", "plain"):
        monkeypatch.setenv("HOIQUY_KERNELS", kind)
        states.append(initial_state(recipe, corpus))
        fit_language_model(recipe, corpus, states[-1], threads=1)
        assert kind == kernel_kind(np.float32) and kind in calls
    fast, plain = states
    assert fast.history[0].perplexity == pytest.approx(plain.history[0].perplexity, rel=1e-4)
    for name, array in fast.model.parameters.items():
        np.testing.assert_allclose(array, plain.model.parameters[name], atol=2e-5)


def test_epochs_of_some_steps_go_on_over_the_passes() -> None:
    """Nothing is random here but the order of the documents, which is that of the pass."""
    parameters = []
    for epochs, steps in ((EPOCHS, None), (STEPS, EPOCHS)):
        chosen = [] if steps is None else [f"pretraining.steps_per_epoch={steps}"]
        recipe = small_recipe(
            f"pretraining.epochs={epochs}", "pretraining.candidates=20", "pretraining.dropout=0",
            *chosen,
        )  # fmt: skip
        corpus = small_corpus(recipe)
        state = initial_state(recipe, corpus)
        fit_language_model(recipe, corpus, state)
        assert state.position.updates == EPOCHS * STEPS
        parameters.append(state.model.parameters)
    for name, array in parameters[0].items():
        np.testing.assert_array_equal(array, parameters[1][name])


def test_stopped_after_any_step_it_ends_in_the_same_bits(
    whole: TrainedLanguageModel, tmp_path: Path
) -> None:
    for steps in (1, 2, STEPS - 1, STEPS, STEPS + 2, EPOCHS * STEPS):
        folder = tmp_path / str(steps)
        with pytest.raises(Stopped):
            pretrain(
                [TEXTS], small_recipe(), folder, on_event=at_step(steps, end), checkpoint_seconds=0
            )
        assert bool(checkpoint_numbers(folder)) == (steps > 1)  # a step is saved after it is told
        done = pretrain([TEXTS], small_recipe(), folder)
        assert bits(folder) == bits(whole.folder)
        assert done.cost().resumed == (steps > 1)
        minutes, perplexities = zip(*done.curve(), strict=True)
        assert list(perplexities) == [record.perplexity for record in whole.history]
        assert np.all(np.diff([0, *minutes, done.cost().seconds / 60]) > 0)
        assert not (folder / "checkpoint").exists()


def test_a_signal_saves_and_names_the_command(whole: TrainedLanguageModel, tmp_path: Path) -> None:
    folder, command = tmp_path / "lm", ["hoiquy", "pretrain", "my texts.txt", "--out", "lm"]
    listen = at_step(STEPS + 1, lambda: signal.raise_signal(signal.SIGTERM))
    with (
        recorded_command_line(command),
        pytest.raises(StoppedError, match="SIGTERM after epoch 2, step 1; resume with: hoiquy pre"),
    ):
        pretrain([TEXTS], small_recipe(), folder, on_event=listen)
    with pytest.raises(RunError, match=r"resume with: hoiquy pretrain 'my texts.txt' --out lm"):
        load_and_use(folder)
    with pytest.raises(RunError, match="is a language model: resume with hoiquy pretrain"):
        resume(folder)
    assert verify(folder)[1] == []
    told: list[Event] = []
    pretrain([TEXTS], small_recipe(), folder, on_event=told.append)
    assert Resumed(epoch=2, step=1) in told
    assert bits(folder) == bits(whole.folder)


def load_and_use(folder: Path) -> None:
    from hoiquy.workflows.pretraining.initialise import LanguageModelStart

    LanguageModelStart.load(folder)


def test_a_complete_one_is_returned_as_it_is(whole: TrainedLanguageModel) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.folder.iterdir()}
    assert pretrain("nowhere", small_recipe(), whole.folder).result == whole.result
    assert {path: path.stat().st_mtime_ns for path in whole.folder.iterdir()} == before
    assert load_language_model(whole.folder).history == whole.history


def test_other_texts_or_another_recipe_do_not_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "lm"
    with pytest.raises(Stopped):
        pretrain([TEXTS], small_recipe(), folder, on_event=at_step(3, end), checkpoint_seconds=0)
    with pytest.raises(RunError, match=r"texts .* →"):
        pretrain([TEXTS[1:]], small_recipe(), folder)
    with pytest.raises(RunError, match="of another recipe"):
        pretrain([TEXTS], small_recipe("pretraining.candidates=9"), folder)
    environment = json.loads((folder / "environment.json").read_bytes())
    environment["exact"]["numpy"] = "1.0"
    write_checksummed(folder, {"environment.json": json.dumps(environment).encode()})
    with pytest.raises(RunError, match=r"numpy 1\.0 →"):
        pretrain([TEXTS], small_recipe(), folder)


@pytest.mark.parametrize(
    ("texts", "settings", "error"),
    [
        ("nowhere", [], DataError),
        ([["one alone"]], [], DataError),
        ([TEXTS], ["model.layers.0.mask_zero=false"], RecipeError),
        ([TEXTS], ["pretraining.candidate=9"], RecipeError),
    ],
)
def test_a_mistake_leaves_the_folder_free(
    texts: object, settings: list[str], error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        pretrain(texts, small_recipe(), tmp_path / "lm", settings=settings)
    assert not (tmp_path / "lm").exists() or not any((tmp_path / "lm").iterdir())


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="is not empty"):
        pretrain([TEXTS], small_recipe(), tmp_path)


def test_the_perplexity_falls_below_that_of_counting_words() -> None:
    recipe = small_recipe(
        "pretraining.epochs=25", "pretraining.learning_rate=0.02", "text.num_words=40",
        "pretraining.held_out_documents=30",
    )  # fmt: skip
    corpus = small_corpus(recipe, 300)
    state = initial_state(recipe, corpus)
    fit_language_model(recipe, corpus, state)
    first, last = state.history[0].perplexity, state.history[-1].perplexity
    assert last < 0.6 * unigram_perplexity(recipe, 300) < first


def unigram_perplexity(recipe: Recipe, count: int) -> float:
    """Of the held-out words, if the next were drawn by how frequent it is whatever came before."""
    corpus = small_corpus(recipe, count)
    shares = corpus.counts / corpus.counts.sum()
    all_of, starts = corpus.documents.indices, corpus.documents.starts
    words = [all_of[starts[r] + 1 : starts[r + 1]] for r in corpus.held_out]
    return float(np.exp(-np.log(shares[np.concatenate(words)]).mean()))


def test_what_is_told_and_kept(tmp_path: Path) -> None:
    told: list[Event] = []
    model = pretrain([TEXTS], small_recipe(), tmp_path / "lm", on_event=told.append)
    epochs = [event for event in told if isinstance(event, PretrainingEpoch)]
    assert [(e.epoch, e.loss, e.perplexity) for e in epochs] == [
        (at.epoch, at.loss, at.perplexity) for at in model.history
    ]
    assert all(asdict(event)["words_per_second"] > 0 for event in epochs)
    steps = [event for event in told if isinstance(event, PretrainingStep)]
    assert all(event.seconds_left > 0 for event in steps)
    assert steps[-1].perplexity == np.exp(epochs[-1].loss)
    result = model.result
    assert (result.kind, result.status, result.data) == (
        "language_model", "complete", ["texts in memory"],
    )  # fmt: skip
    assert (result.documents, result.held_out_documents) == (85, 5)
    assert result.perplexity == model.history[-1].perplexity
    assert model.weights()["embedding/embeddings"].shape == (14, 6)
    assert verify(model.folder) == (sorted(verify(model.folder)[0]), [])


def test_a_changed_byte_is_noticed(whole: TrainedLanguageModel, tmp_path: Path) -> None:
    folder = tmp_path / "lm"
    folder.mkdir()
    for path in whole.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    assert "weights.safetensors is damaged" in verify(folder)[1][0]
    with pytest.raises(RunError, match="damaged"):
        load_and_use(folder)


def test_the_learning_rate_warms_up_and_falls() -> None:
    table = PretrainingTable(learning_rate=0.1)
    rates = [learning_rate(table, step, 1000) for step in range(1, 1001)]
    top = int(np.argmax(rates))
    assert 90 < top < 110 and 0.09 < rates[top] <= 0.1
    assert np.all(np.diff(rates[:99]) > 0) and np.all(np.diff(rates[101:]) < 0)
    assert rates[-1] == pytest.approx(0.002)
    assert learning_rate(table, 1, 1) == pytest.approx(0.002)  # a single step
    short = PretrainingTable(learning_rate=0.1, warm_up_steps=10)
    assert int(np.argmax([learning_rate(short, step, 1000) for step in range(1, 1001)])) == 9


def test_a_loss_that_is_no_number_stops_it() -> None:
    from hoiquy.errors import TrainingError

    recipe = small_recipe()
    corpus = small_corpus(recipe)
    state = initial_state(recipe, corpus)
    state.model.parameters["forward/1/kernel"][:] = np.nan
    with pytest.raises(TrainingError, match=r"smaller pretraining\.learning_rate than 0\.004"):
        fit_language_model(recipe, corpus, state)
