"""The wide branch: its logits, its learning rates, and its place in a model."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import DTypeLike

import hoiquy
from gradients import assert_gradients, dense
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import InputError, RecipeError
from hoiquy.interop.export import export_run
from hoiquy.interop.keras.model import build_keras_model
from hoiquy.nn.kernels import RowGradient
from hoiquy.nn.layers import Embedding, NgramEmbedding, Wide
from hoiquy.nn.losses import OUTPUTS
from hoiquy.nn.model import Model
from hoiquy.nn.optimizers import Adam
from hoiquy.nn.whole_batch import WholeBatch
from hoiquy.prediction.load import load_predictor
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.text import FIRST_WORD, EncodedDocuments, Ngrams
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.training.log_count_ratios import log_count_ratios
from hoiquy.training.loop import fit
from hoiquy.training.model_building import build_model
from hoiquy.training.state import TrainingState
from hoiquy.training.time_budget import measure_speed
from miniatures import dataset, miniature, random_dataset, with_output

INDICES = np.array(
    [[0, 0, 1, 4, 5], [1, 6, 4, 5, 7], [0, 1, 2, 4, 5], [0, 0, 0, 1, 6]], np.int32
)  # fmt: skip
TARGETS = np.array([[0.9, 0.1], [0, 1], [0.2, 0.8], [1, 0]])
NGRAMS = Ngrams.count(EncodedDocuments(INDICES.ravel(), np.arange(0, 21, 5)), 3, 1)
DOCUMENT = st.lists(st.integers(0, 8), min_size=5, max_size=5)


def network(activation: str = "softmax") -> Model:
    """float64, random weights."""
    recipe = with_output(miniature("auto", "model.wide=true"), activation)
    model = build_model(
        recipe, vocabulary_size=5, classes=2, seed=1, dtype=np.float64, ngrams=NGRAMS
    )
    rng = np.random.default_rng(2)
    for array in model.parameters.values():
        array[...] = rng.normal(0, 0.5, array.shape)
    return model


def wide_branch(classes: int, dtype: DTypeLike) -> Wide:
    """Features: nine words and NGRAMS."""
    words = Embedding.create("words", 9, 9, 2, np.random.default_rng(1), dtype)
    return Wide.for_embedding("wide", NgramEmbedding.with_ngrams(words, NGRAMS.indices), classes)


@given(documents=st.lists(DOCUMENT, min_size=1, max_size=4), seed=st.integers(0, 99))
def test_each_feature_of_a_document_counts_once(documents: list[list[int]], seed: int) -> None:
    layer = wide_branch(3, np.float64)
    layer.parameters["weights"][...] = np.random.default_rng(seed).standard_normal(
        layer.parameters["weights"].shape
    )
    number = {tuple(filter(None, run)): 9 + at for at, run in enumerate(NGRAMS.indices.tolist())}
    y, _ = layer.forward(np.array(documents, np.int32), None, None)
    for document, logits in zip(documents, y, strict=True):
        rows = {word for word in document if word >= FIRST_WORD}
        for length in (2, 3):
            runs = (tuple(document[at : at + length]) for at in range(6 - length))
            rows |= {number[run] for run in runs if run in number}
        expected = layer.parameters["weights"][sorted(rows)].sum(axis=0)
        np.testing.assert_allclose(logits, expected, atol=1e-12)


def test_a_document_has_the_same_bits_in_any_batch() -> None:
    layer = wide_branch(2, np.float32)
    weights = layer.parameters["weights"]
    weights[...] = np.random.default_rng(1).standard_normal(weights.shape)
    together, _ = layer.forward(INDICES, None, None)
    for row in range(len(INDICES)):
        words = INDICES[row : row + 1, INDICES[row] > 0]
        np.testing.assert_array_equal(layer.forward(words, None, None)[0][0], together[row])


@pytest.mark.parametrize("epsilon", [0.0, 0.3])
@pytest.mark.parametrize("activation", OUTPUTS)
def test_the_loss_is_the_mean_of_both_branches(activation: str, epsilon: float) -> None:
    """And the gradients of a branch are those of its loss."""
    both, layers = network(activation), network(activation)
    layers.wide = None
    for name, array in layers.parameters.items():
        array[...] = both.parameters[name]
    both_result = both.shard_gradients(INDICES, TARGETS, WholeBatch(4), None, None, epsilon)
    layers_result = layers.shard_gradients(INDICES, TARGETS, WholeBatch(4), None, None, epsilon)
    wide = both.wide
    assert wide is not None
    x, _ = both.inputs(INDICES)

    def loss_of_wide() -> float:
        return float(both.output.losses(wide.forward(x, None, None)[0], TARGETS)[0].sum())

    assert both_result.loss_sum == pytest.approx((layers_result.loss_sum + loss_of_wide()) / 2)
    gradients = dense(both_result.gradients, both.parameters)
    for name, gradient in dense(layers_result.gradients, layers.parameters).items():
        np.testing.assert_allclose(gradients[name], gradient / 2, atol=1e-12)
    only = {"wide/weights": both.parameters["wide/weights"]}
    assert_gradients(
        lambda: loss_of_wide() / 8, only, {"wide/weights": gradients["wide/weights"]},
        np.random.default_rng(3),
    )  # fmt: skip


def test_correct_predictions_are_those_of_both_branches() -> None:
    model = network()
    logits = model.logits(INDICES)
    result = model.shard_gradients(INDICES, TARGETS, WholeBatch(4), None)
    assert result.correct == (logits.argmax(axis=1) == TARGETS.argmax(axis=1)).sum()


def test_log_count_ratios_are_those_of_documents() -> None:
    """Four documents, by hand: "ba" in three of three and none of one, "do" in one and one."""
    texts, labels = ["ba ba do", "ba", "ba", "do", "ba"], [1, 1, 1, 0, 1]
    recipe = miniature("auto", "model.wide=true", "data.validation_fraction=0.2")
    prepared = prepare(recipe, dataset(texts, labels, test=1))
    model = TrainingState.initial(recipe, prepared).model
    ratios = log_count_ratios(model, prepared)
    ba, do = (FIRST_WORD + prepared.vocabulary.words.index(word) for word in ("ba", "do"))
    np.testing.assert_allclose(ratios[ba, 1], np.log((4 / 4) / (1 / 2)))
    np.testing.assert_allclose(ratios[do, 1], np.log((2 / 4) / (2 / 2)))
    np.testing.assert_allclose(ratios[:, 0], -ratios[:, 1])


def test_soft_labelled_documents_count_by_their_probabilities() -> None:
    texts, labels = ["ba", "do", "ba"], [1, 0, 1]
    recipe = miniature("auto", "model.wide=true", "data.validation_fraction=0.34")
    soft_labelled = SoftLabelledDocuments(["do"], np.array([[0.25, 0.75]], np.float32))
    prepared = prepare(recipe, dataset(texts, labels, test=1), soft_labelled=soft_labelled)
    model = TrainingState.initial(recipe, prepared).model
    do = FIRST_WORD + prepared.vocabulary.words.index("do")
    expected = np.log((0.75 + 1) / (1.75 + 1)) - np.log((1.25 + 1) / (1.25 + 1))
    np.testing.assert_allclose(log_count_ratios(model, prepared)[do, 1], expected)


def test_lr_multipliers_equal_scaled_features() -> None:
    """NB-SVM trains the weights v of features r from zero; hoiquy trains w = r * v."""
    rng = np.random.default_rng(1)
    ratios = rng.normal(0, 1.5, (6, 2))
    scaled, ours = {"v": np.zeros((6, 2))}, {"w": np.zeros((6, 2))}
    of_scaled, of_ours = Adam(0.1, epsilon=0.0), Adam(0.1, epsilon=0.0)
    of_ours.lr_multipliers["w"] = np.abs(ratios)
    for _ in range(20):
        rows, gradient = np.flatnonzero(rng.random(6) < 0.7), rng.standard_normal((6, 2))
        of_scaled.update(scaled, {"v": RowGradient(rows, (ratios * gradient)[rows])})
        of_ours.update(ours, {"w": RowGradient(rows, gradient[rows])})
    np.testing.assert_allclose(ours["w"], ratios * scaled["v"], atol=1e-12)
    assert np.abs(ours["w"]).min() > 0.01


def test_lr_multipliers_apply_to_dense_gradients() -> None:
    parameters = {"a": np.zeros((2, 1), np.float32)}
    Adam(0.1, lr_multipliers={"a": np.array([[1], [3]], np.float32)}).update(
        parameters, {"a": np.ones((2, 1), np.float32)}
    )
    np.testing.assert_allclose(parameters["a"], [[-0.1], [-0.3]], rtol=1e-5)


def ordered_pairs(documents: int) -> Dataset:
    """The order of two neighbours tells the classes apart; every word is in both."""
    rng = np.random.default_rng(4)
    texts, labels = [], []
    for number in range(documents):
        words = list(rng.choice(["gi", "ha", "ku"], 6))
        label = number % 2
        words[2:4] = ["ba", "do"] if label else ["do", "ba"]
        texts.append(" ".join(words))
        labels.append(label)
    return dataset(texts, labels)


def wide_only(*settings: str) -> Recipe:
    """Layers that cannot learn anything: they read nothing but dropped words."""
    deaf = ("model.layers.0.word_dropout=0.99", "model.layers.0.initial_limit=0.0")
    return miniature("fast", "text.ngram_min_count=1", *deaf, *settings)


def test_it_learns_what_pairs_of_words_tell() -> None:
    recipe = wide_only("training.epochs=20", "training.learning_rate=0.05")
    found = fit(recipe, prepare(recipe, ordered_pairs(120)))
    assert found.history[-1].val_accuracy == 1.0
    without = recipe.with_settings(["model.wide=false"])
    lost = fit(without, prepare(without, ordered_pairs(120)))
    assert lost.history[-1].val_accuracy < 1.0


def test_a_run_reads_as_it_was_trained(tmp_path: Path) -> None:
    run = hoiquy.train(random_dataset(), miniature("fast"), tmp_path / "run")
    predictor = load_predictor(run.folder)
    scores, _ = predictor.score(random_dataset())
    np.testing.assert_array_equal(scores.probabilities, run.predictions().probabilities)
    assert "wide (Wide), averaged" in (run.folder / "summary.txt").read_text(encoding="utf-8")
    weights = run.weights()["wide/weights"]
    assert weights.any() and not weights[:FIRST_WORD].any()


@pytest.mark.keras
def test_a_keras_file_is_refused_with_the_settings_that_allow_it(tmp_path: Path) -> None:
    pytest.importorskip("keras")
    recipe = miniature("auto", "text.ngrams=1")
    run = hoiquy.train(random_dataset(), recipe, tmp_path / "run")
    with pytest.raises(InputError, match=r"a wide branch, .* --set model\.wide=false for"):
        export_run(run, "keras", tmp_path / "model.keras")
    assert not (tmp_path / "model.keras").exists()


@pytest.mark.keras
def test_all_that_keras_has_no_layer_for_is_named_at_once() -> None:
    """Else a network would be trained again for the one, and then for the other."""
    recipe = miniature("auto", "model.wide=true", "text.ngrams=2")
    both = r"n-grams and a wide branch, .* --set text\.ngrams=1 --set model\.wide=false for "
    pytest.importorskip("keras")
    with pytest.raises(InputError, match=both + "Keras"):
        build_keras_model(recipe, vocabulary_size=5, classes=2)


def test_numbers_have_no_wide_branch() -> None:
    with pytest.raises(RecipeError, match="wide: needs an embedding"):
        load_recipe("bai1").with_settings(["model.wide=true"])


def test_documents_may_be_of_one_class() -> None:
    """A batch that an estimator gets may be; ratios are then numbers all the same."""
    recipe = miniature("auto", "model.wide=true")
    documents = Documents(["ba do", "do gi", "ba"], np.zeros(3, np.int32))
    one = Dataset("one", ("neg", "pos"), documents, documents, "", False, validation=documents)
    prepared = prepare(recipe, one)
    model = TrainingState.initial(recipe, prepared).model
    assert np.isfinite(log_count_ratios(model, prepared)).all()


def test_it_learns_from_one_document_at_a_time() -> None:
    """Of one document, no word tells of the class; nor do those that are in both of two."""
    recipe = miniature("fast", "training.learning_rate=0.05")
    model = hoiquy.RecurrentClassifier(recipe)
    model.partial_fit(["ba do", "ba do"], [0, 1], classes=[0, 1])
    for _ in range(3):
        model.partial_fit(["ba"], [0]).partial_fit(["do"], [1])
    weights = model.predictor_.model.parameters["wide/weights"]
    ba, do = (FIRST_WORD + model.predictor_.vocabulary.words.index(word) for word in ("ba", "do"))
    assert weights[ba, 0] > 0.05 < weights[do, 1]
    assert weights[ba, 1] < -0.05 > weights[do, 0]


def test_a_speed_is_measured_on_a_part_of_the_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of all are counted by the training, and not for each recipe that is tried."""
    recipe = miniature("fast")
    documents = prepare(recipe, random_dataset())
    monkeypatch.delattr("hoiquy.training.loop.learning_rates")
    assert measure_speed(recipe, documents).epoch > 0
