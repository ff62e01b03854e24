"""Compact copies: what they hold, what is certified, and what other commands do with them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy
import several_labels
from branches import branching_recipe
from hoiquy import RecurrentClassifier
from hoiquy.errors import HoiquyError, InputError, RunError
from hoiquy.runs.compact_rows import CompactRows
from hoiquy.runs.files import weights_file
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import read_checksummed, sha256, write_checksummed
from hoiquy.workflows.verify import retrain
from miniatures import miniature, random_dataset

DATA = random_dataset()
TEXTS = list(DATA.train.texts)


def train(folder: Path, recipe: str, *settings: str) -> Run:
    return hoiquy.train(DATA, miniature(recipe, *settings), folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(tmp_path_factory.mktemp("runs") / "lstm", "bai3")


@pytest.mark.parametrize("embedding", ["float16", "int8"])
@pytest.mark.parametrize("recipe", ["bai3", "bai4", "strong"])
def test_the_copy_predicts_what_its_certificate_says(
    tmp_path: Path, recipe: str, embedding: Any
) -> None:
    settings = ["text.ngram_min_count=2"] if recipe == "strong" else []
    run = train(tmp_path / "run", recipe, *settings)
    made = hoiquy.compact(run, tmp_path / "copy", embedding=embedding, data=DATA)
    assert hoiquy.verify(tmp_path / "copy").problems == []
    assert made.bytes_after < made.bytes_before
    assert made.bytes_after == (tmp_path / "copy" / "weights.safetensors").stat().st_size
    before, after = (hoiquy.load_predictor(one.folder) for one in (run, made.run))
    tested = DATA.test.texts
    old, new = before.predict_proba(tested), after.predict_proba(tested)
    certificate = json.loads(read_checksummed(made.run.folder, "compact.json"))
    assert certificate["embedding"] == embedding and certificate["documents"] == len(tested)
    difference = np.abs(old.astype(float) - new)
    assert certificate["largest_difference"] == difference.max() > 0
    assert certificate["mean_difference"] == pytest.approx(difference.mean())
    changed = old.argmax(axis=1) != new.argmax(axis=1)
    assert certificate["changed_predictions"] == changed.sum()
    assert certificate["accuracy_after"] == made.run.result.test_accuracy
    weights = (made.run.folder / "weights.safetensors").read_bytes()
    assert certificate["sha256"]["weights.safetensors"] == sha256(weights)
    names = ["embedding/embeddings", *(["embedding/ngrams"] if recipe == "strong" else [])]
    assert list(certificate["arrays"]) == names
    np.testing.assert_array_equal(made.run.predictions().probabilities, new)
    assert isinstance(after.model.parameters["embedding/embeddings"], CompactRows)
    assert type(before.model.parameters["embedding/embeddings"]) is np.ndarray


def test_everything_else_is_as_in_the_run(run: Run, tmp_path: Path) -> None:
    copy = hoiquy.compact(run, tmp_path / "copy", data=DATA).run
    names = {path.name for path in run.folder.iterdir() if path.is_file()}
    assert {path.name for path in copy.folder.iterdir()} == names | {"compact.json"}
    for name in ("recipe.toml", "vocabulary.txt", "history.jsonl", "summary.txt", "cost.json"):
        assert (copy.folder / name).read_bytes() == (run.folder / name).read_bytes()
    for name, array in run.weights().items():
        found = copy.weights()[name]
        assert found.dtype == np.float32 and found.shape == array.shape
        if name != "embedding/embeddings":
            np.testing.assert_array_equal(found, array)
    facts = copy.environment()["compact"]
    assert facts == {
        "embedding": "int8", "from": "lstm",
        "weights_sha256": sha256((run.folder / "weights.safetensors").read_bytes()),
    }  # fmt: skip


def test_other_commands_take_the_copy_for_a_run(run: Run, tmp_path: Path) -> None:
    copy = hoiquy.compact(run, tmp_path / "copy", data=DATA).run
    measures = hoiquy.evaluate(copy, DATA)
    assert measures.accuracy == copy.result.test_accuracy
    trace = hoiquy.explain(copy.folder, TEXTS[3])
    np.testing.assert_array_equal(
        trace.probabilities[-1], hoiquy.load_predictor(copy).predict_proba([TEXTS[3]])[0]
    )
    with pytest.raises(RunError, match="is a compact copy: retrain the run it is from"):
        retrain(copy.folder)
    with pytest.raises(InputError, match="compact embedding already"):
        hoiquy.compact(copy, tmp_path / "again", data=DATA)
    assert not (tmp_path / "again").exists()


def test_the_copy_is_exported_with_its_own_values(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    copy = hoiquy.compact(run, tmp_path / "copy", data=DATA).run
    exported = hoiquy.export(copy, tmp_path / "model.onnx")
    assert exported.parity.largest.largest_difference < 1e-5


def test_several_labels(tmp_path: Path) -> None:
    data = several_labels.dataset()
    run = hoiquy.train(data, several_labels.recipe("training.epochs=4"), tmp_path / "run")
    made = hoiquy.compact(run, tmp_path / "copy", data=data)
    assert hoiquy.verify(made.run).problems == []
    probabilities = [one.predictions().probabilities for one in (run, made.run)]
    changed = (probabilities[0] > 0.5) != (probabilities[1] > 0.5)
    assert made.comparison.changed_predictions == changed.any(axis=1).sum()


def test_a_network_that_branches(tmp_path: Path) -> None:
    run = hoiquy.train(DATA, branching_recipe(), tmp_path / "run")
    made = hoiquy.compact(run, tmp_path / "copy", embedding="float16", data=DATA)
    assert hoiquy.verify(made.run).problems == []
    assert 0 < made.comparison.largest_difference < 1e-2


def test_a_run_that_was_never_tested_needs_documents(tmp_path: Path) -> None:
    labels = [DATA.classes[at] for at in DATA.train.labels]
    fitted = RecurrentClassifier(miniature("bai3")).fit(TEXTS, labels)
    fitted.save(tmp_path / "run")
    with pytest.raises(InputError, match="never tested: give documents"):
        hoiquy.compact(tmp_path / "run", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    pairs = list(zip(TEXTS, labels, strict=True))
    made = hoiquy.compact(tmp_path / "run", tmp_path / "copy", data=pairs)
    assert made.comparison.documents == len(TEXTS) and made.run.result.status == "untested"
    again = RecurrentClassifier.load(tmp_path / "copy")
    expected = hoiquy.load_predictor(made.run).predict_proba(TEXTS)
    expected /= expected.sum(axis=1, keepdims=True)  # as scikit-learn wants them
    np.testing.assert_allclose(again.predict_proba(TEXTS), expected, rtol=1e-6)


def test_what_cannot_be_copied_leaves_nothing(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    with pytest.raises(HoiquyError, match=r"nothing was written: a probability differs by .*, "):
        hoiquy.compact(run, out, data=DATA, tolerance=1e-9)
    with pytest.raises(RunError, match="its fingerprint differs"):
        hoiquy.compact(run, out, data=random_dataset(seed=2))
    with pytest.raises(InputError, match="has no embedding"):
        hoiquy.compact(train(tmp_path / "numbers", "bai1"), out, data=DATA)
    assert not out.exists()
    out.mkdir()
    (out / "file").touch()
    with pytest.raises(RunError, match="not empty"):
        hoiquy.compact(run, out, data=DATA)


def test_a_copy_whose_weights_do_not_fit_is_damaged(run: Run, tmp_path: Path) -> None:
    copy = hoiquy.compact(run, tmp_path / "copy", data=DATA).run
    stored = copy.stored_weights()
    name = next(name for name in stored if name.endswith("recurrent_kernel"))
    array: Any = stored[name]
    write_checksummed(copy.folder, weights_file(stored | {name: CompactRows.of(array, "int8")}))
    with pytest.raises(RunError, match=f"damaged: {name} has to be float32"):
        hoiquy.load_predictor(copy.folder)
