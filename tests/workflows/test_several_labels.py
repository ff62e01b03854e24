"""Documents with several labels each: training, the run folder, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from example_run import error_line
from hoiquy import train
from hoiquy.comparison.baselines import load_baseline
from hoiquy.comparison.baselines.training import train_baselines
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import DataError, RecipeError, RunError, ShapeError
from hoiquy.events import DataRead, Event
from hoiquy.prediction.load import load_predictor
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.folder import Run, load_run
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.log_count_ratios import log_count_ratios
from hoiquy.training.loop import fit
from hoiquy.training.model_building import build_model
from hoiquy.workflows.compare import compare
from hoiquy.workflows.distillation.pseudo_label import pseudo_label
from hoiquy.workflows.encode import encode
from hoiquy.workflows.search.search import search
from hoiquy.workflows.verify import retrain, verify
from miniatures import with_output
from several_labels import LABELS, dataset, documents, recipe


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(dataset(), recipe(), tmp_path_factory.mktemp("runs") / "several")


def test_three_independent_labels_are_learnt(run: Run) -> None:
    texts, labels = documents(60, seed=9)
    predictor = load_predictor(run)
    probabilities = predictor.predict_proba(texts)
    predicted = (probabilities > 0.5).astype(int)
    assert accuracy_score(labels, predicted) > 0.95
    names = [tuple(name for name, has in zip(LABELS, row, strict=True) if has) for row in predicted]
    assert predictor.labels(probabilities) == names
    assert () in names and any(len(row) == 3 for row in names)


def test_the_run_keeps_measures_of_whole_sets_of_labels(run: Run) -> None:
    predictions, result = run.predictions(), run.result
    assert result.multilabel and predictions.multilabel
    assert predictions.labels.tolist() == dataset().test.labels.tolist()
    predicted = (predictions.probabilities > 0.5).astype(int)
    assert result.test_accuracy == pytest.approx(accuracy_score(predictions.labels, predicted))
    f1 = f1_score(predictions.labels, predicted, average="macro")
    assert result.test_macro_f1 == pytest.approx(f1)
    last = run.history[-1]
    assert 0.8 < last.accuracy <= 1 and 0.8 < last.val_accuracy <= 1


def test_accuracy_in_training_counts_whole_sets() -> None:
    """One step on all documents, from fresh weights: the shares of right sets, counted again."""
    data = dataset(train=80)
    one_step = recipe("training.epochs=1", "training.batch_size=100")
    prepared = prepare(one_step, data)
    model = build_model(
        one_step, vocabulary_size=len(prepared.vocabulary.words), classes=3, seed=1,
        multilabel=True,
    )  # fmt: skip
    rows = np.arange(len(prepared.train))
    outputs = model.probabilities(prepared.train.indices(rows))
    expected = ((outputs > 0.5) == prepared.train.labels).all(axis=1).mean()
    record = fit(one_step, prepared).history[0]
    assert record.accuracy == pytest.approx(expected)


def test_mistakes_name_every_label(tmp_path: Path) -> None:
    short = train(dataset(test=40), recipe("training.epochs=1"), tmp_path / "run")
    misclassified = short.misclassified()
    assert misclassified is not None and misclassified.most_confident
    labels, outputs = short.predictions().labels, short.predictions().probabilities
    for one in misclassified.most_confident:
        assert one.label == tuple(np.flatnonzero(labels[one.row]))
        assert one.predicted == tuple(np.flatnonzero(outputs[one.row] > 0.5))
        assert one.label != one.predicted and 0.5 <= one.confidence <= 1
    errors = sum(by_length.errors for by_length in misclassified.by_length)
    assert errors == (~short.predictions().right()).sum()


def test_verify_finds_the_run_whole_and_retraining_gives_its_bits(run: Run) -> None:
    assert verify(run.folder)[1] == []
    # of data in memory; what is on disk is read again in tests of tables
    again = train(dataset(), recipe(), run.folder.parent / "again")
    assert again.predictions().probabilities.tobytes() == run.predictions().probabilities.tobytes()
    assert retrain(run.folder, data=dataset()) == []  # type: ignore[arg-type]


def test_a_wrong_figure_in_the_result_is_found(run: Run, tmp_path: Path) -> None:
    from shutil import copytree

    from hoiquy.runs.files import result_file
    from hoiquy.system.checksummed_files import write_checksummed

    copy = copytree(run.folder, tmp_path / "copy")
    write_checksummed(copy, result_file(replace(run.result, test_macro_f1=0.123)))
    assert any("test_macro_f1 0.123" in problem for problem in verify(copy)[1])


def test_a_token_store_keeps_all_labels(run: Run, tmp_path: Path) -> None:
    encode(dataset(), recipe(), tmp_path / "store")
    stored = train(tmp_path / "store", recipe(), tmp_path / "run")
    assert stored.result.multilabel
    assert stored.predictions().probabilities.tobytes() == run.predictions().probabilities.tobytes()


def test_baselines_and_comparison(run: Run, tmp_path: Path) -> None:
    found = {one.name: one for one in train_baselines(dataset(), tmp_path / "baselines")}
    labels = dataset().test.labels
    sets, counts = np.unique(dataset().train.labels, axis=0, return_counts=True)
    majority = found["majority"].predictions
    assert (majority.probabilities == sets[counts.argmax()]).all()
    for name in ("tfidf-logistic", "nb-svm"):
        assert (found[name].predictions.right()).mean() > 0.8, name
        kept = load_baseline(tmp_path / "baselines" / name)
        assert kept.predictions.labels.tolist() == labels.tolist()
    comparison = compare(run, data=dataset())
    own = comparison.candidate("several")
    assert own.accuracy == run.result.test_accuracy
    better = {pair.second: pair.verdict for pair in comparison.pairs}
    assert better["majority"] == "first_better"


def test_baselines_give_a_constant_label_its_constant() -> None:
    data = dataset(train=60, test=10)
    labels = data.train.labels.copy()
    labels[:, 0], labels[:, 2] = 1, 0
    data = replace(data, train=Documents(data.train.texts, labels))
    for one in train_baselines(data)[1:]:
        assert (one.predictions.probabilities[:, 0] == 1).all(), one.name
        assert (one.predictions.probabilities[:, 2] == 0).all(), one.name


def test_a_wide_part_learns_and_is_weighted(tmp_path: Path) -> None:
    wide = recipe("model.wide=true", "training.epochs=6", "model.layers.0.mask_zero=true")
    trained = train(dataset(), wide, tmp_path / "run")
    assert trained.result.test_accuracy is not None and trained.result.test_accuracy > 0.9


def test_log_count_ratios_compare_with_the_documents_without_the_label() -> None:
    wide = recipe("model.wide=true", "model.layers.0.mask_zero=true")
    prepared = prepare(wide, dataset())
    model = build_model(
        wide, vocabulary_size=len(prepared.vocabulary.words), classes=3, seed=1, multilabel=True
    )
    ratios = log_count_ratios(model, prepared)
    word = prepared.vocabulary.encode("copper")[1]
    texts, labels = dataset().train.texts[: len(prepared.train)], prepared.train.labels
    there = np.array(["copper" in text for text in texts])
    for label in range(3):
        has = labels[:, label] == 1
        p, q = ((there[rows].sum() + 1) / (rows.sum() + 1) for rows in (has, ~has))
        assert ratios[word, label] == pytest.approx(np.log(p / q))


def test_parts_with_other_labels_are_refused() -> None:
    texts, labels = documents(20)
    one = Documents(texts, labels[:, 0].astype(np.int32))
    with pytest.raises(ShapeError, match="the test labels are"):
        Dataset("mixed", LABELS, Documents(texts, labels), one, "", official_test=False)
    with pytest.raises(DataError, match="expected 0 and 1"):
        odd = Documents(texts, labels + 1)
        Dataset("odd", LABELS, odd, odd, "", official_test=False)


def test_other_labels_are_another_data_set() -> None:
    texts, labels = documents(20)
    other = labels.copy()
    other[0, 0] ^= 1
    fingerprints = {Documents(texts, each).fingerprint() for each in (labels, other)}
    assert len(fingerprints | {Documents(texts, labels[:, 0]).fingerprint()}) == 3


def test_a_class_weight_is_refused(tmp_path: Path) -> None:
    weighted = recipe('training.class_weight="balanced"')
    line = error_line(lambda: train(dataset(), weighted, tmp_path / "run"), RecipeError)
    assert "training.class_weight=none" in line


def test_soft_labels_are_refused(run: Run, tmp_path: Path) -> None:
    line = error_line(lambda: pseudo_label(["a text"], [run], tmp_path / "soft_labels"), RunError)
    assert "several labels" in line
    texts = tmp_path / "texts.txt"
    texts.write_text("a text\n")
    line = error_line(
        lambda: train(dataset(), recipe(), tmp_path / "student", unlabelled=[texts]), DataError
    )
    assert "several labels" in line and not (tmp_path / "student").exists()


def test_a_run_of_several_labels_does_not_score_one_label(run: Run) -> None:
    texts, labels = documents(20)
    one = Documents(texts, labels[:, 0].astype(np.int32))
    single = Dataset("single", LABELS, one, one, "", official_test=False)
    line = error_line(lambda: load_predictor(run).score(single), DataError)
    assert "several labels" in line


def test_a_damaged_mistake_is_found(run: Run, tmp_path: Path) -> None:
    from shutil import copytree

    from hoiquy.system.checksummed_files import write_checksummed

    copy = copytree(run.folder, tmp_path / "copy")
    content = json.loads((copy / "misclassified.json").read_text())
    content["most_confident"] = [
        {"row": 0, "label": 1, "predicted": [0], "confidence": 0.9, "text": "a"}
    ]
    write_checksummed(copy, {"misclassified.json": json.dumps(content).encode()})
    assert "no error of this run" in error_line(load_run(copy).misclassified)


@pytest.mark.parametrize("name", ["auto", "fast", "strong", "best"])
def test_built_in_recipes_take_sigmoids_and_report_it(name: str, tmp_path: Path) -> None:
    events: list[Event] = []
    small = ["training.epochs=1", "text.num_words=60", "text.ngrams=1"]
    trained = train(dataset(train=60, test=10), name, tmp_path / "run", settings=small,
                    on_event=events.append)  # fmt: skip
    assert (trained.recipe.model.output, trained.recipe.training.loss) == (
        "sigmoid", "binary_crossentropy",
    )  # fmt: skip
    told = [event.description for event in events if isinstance(event, DataRead)]
    assert sum("sigmoid for each label" in line for line in told) == 1


def test_a_softmax_of_ones_own_is_refused_with_the_way_out(tmp_path: Path) -> None:
    softmax = with_output(recipe(), "softmax")
    line = error_line(lambda: train(dataset(), softmax, tmp_path / "run"), RecipeError)
    out = [part.split(" ")[0] for part in line.split("--set ")[1:]]
    assert len(out) == 2
    assert softmax.with_settings(out).for_labels(True).model.output == "sigmoid"
    assert not (tmp_path / "run").exists()


def test_several_recipes_are_compared(tmp_path: Path) -> None:
    quick = ["training.epochs=1", "text.num_words=60"]
    recipes = [load_recipe("fast").with_settings(quick), recipe("training.epochs=2")]
    out = tmp_path / "out"
    for _ in range(2):  # the second time all is kept
        compared = compare(
            recipes=recipes, data=dataset(train=60, test=10), seeds=1, out=out, baselines=False
        )
    assert [one.name for one in compared.candidates] == ["fast", "several"]


def test_one_label_a_document_keeps_the_softmax() -> None:
    fast = load_recipe("fast")
    assert fast.for_labels(False) is fast and fast.model.output == "softmax"


def test_a_time_budget_holds_for_several_labels(tmp_path: Path) -> None:
    trained = train(dataset(train=60, test=10), "auto", tmp_path / "run", minutes=1,
                    settings=["text.num_words=60"])  # fmt: skip
    assert trained.recipe.model.output == "sigmoid"


def test_a_search_tries_recipes_with_sigmoids(tmp_path: Path) -> None:
    space = {
        "pruner": {"type": "none"},
        "space": {"training.learning_rate": {"low": 0.01, "high": 0.05, "log": True}},
    }
    softmax = load_recipe("auto").with_settings(["training.epochs=1", "text.num_words=60"])
    found = search(
        dataset(train=60, test=10), space, tmp_path / "out", recipe=softmax, trials=2, seeds=1
    )
    assert found.recipe.model.output == "sigmoid"
    assert found.comparison is not None
    assert all(one.runs[0].result.multilabel for one in found.comparison.candidates)


def test_the_doctor_advises_nothing_that_is_refused(tmp_path: Path) -> None:
    """Rare labels, and a training that learns nothing: no word of class_weight."""
    texts, labels = documents(200)
    labels[:, 0], labels[20:, 1:] = 0, 0
    part = Documents(texts, labels)
    rare = Dataset("rare", LABELS, part, part, "", official_test=False)
    trained = train(rare, recipe("training.epochs=3", "training.learning_rate=1e-6"),
                    tmp_path / "run")  # fmt: skip
    assert not any("class_weight" in (found.setting or "") for found in trained.diagnostics())
