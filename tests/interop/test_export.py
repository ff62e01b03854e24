"""`hoiquy export` from a trained run, its three files, and what docs/export.md says about them."""

import errno
import json
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hoiquy.data.source import DataSource
from hoiquy.errors import HoiquyError, InputError, WriteError
from hoiquy.interop import export
from hoiquy.interop.export import Format, export_run
from hoiquy.interop.parity import Case, Parity, certificate, padded_indices
from hoiquy.interop.text_description import parse_text_description
from hoiquy.nn.model import Model
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.folder import Run
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.workflows.experiment import Experiment
from miniatures import miniature, random_dataset

DOCS = Path(__file__).parents[2] / "docs" / "export.md"
TEXTS = ["", "?!", "not a word of it", "Ba,do\nBE ba bo.di", "ba " * 50, "bé (bà) ba\x85do"]


def train(folder: Path, recipe: Recipe) -> Run:
    create_run_folder(folder)
    experiment = Experiment(recipe, random_dataset(), DataSource("test"))
    return experiment.run(folder, experiment.prepare())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(tmp_path_factory.mktemp("run") / "gru", miniature("bai5"))


def python_in_docs() -> list[str]:
    return re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


def test_the_files_answer_as_hoiquy_does_without_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = export_run(run, "onnx", tmp_path / "model.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model.onnx", "model.parity.json", "model.text.json",
    ]  # fmt: skip
    found = json.loads(exported.certificate.read_text())
    assert 0 < found["largest_difference"] < 1e-5
    assert found["largest_difference"] == max(c["largest_difference"] for c in found["cases"])
    for path in (exported.model, exported.text):
        assert found["sha256"][path.name] == sha256(path.read_bytes()).hexdigest()
    assert {"hoiquy", "onnx", "onnxruntime"} <= found["versions"].keys()

    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(python_in_docs()[0], names)
    predictor = Predictor.from_run(run)
    ours = padded_indices(predictor.vocabulary, run.recipe, TEXTS)
    np.testing.assert_array_equal([names["indices"](text) for text in TEXTS], ours)
    theirs = names["probabilities"](TEXTS)
    np.testing.assert_allclose(theirs, predictor.model.probabilities(ours), atol=1e-5)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_text_description_reads_back(tmp_path: Path, side: str) -> None:
    recipe = miniature(
        "bai5", f"data.padding={side}", f"data.truncating={side}", "text.tokenizer=unicode",
        "text.normalization=vietnamese", "training.epochs=1",
    )  # fmt: skip
    run = train(tmp_path / "run", recipe)
    exported = export_run(run, "onnx", tmp_path / "model.onnx", index_type="int32")
    found = parse_text_description(exported.text.read_bytes(), "model.text.json")
    vocabulary = Predictor.from_run(run).vocabulary
    for text in TEXTS:
        np.testing.assert_array_equal(found.vocabulary.encode(text), vocabulary.encode(text))
    assert (found.max_length, found.padding, found.truncating) == (7, side, side)
    assert found.text == recipe.text and found.classes == tuple(run.result.classes)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("version", 2, "expected hoiquy-text 1"),
        ("pad", 1, "expected 0"),
        ("oov", 1, "start 1, unknown 1, first word 4: expected different indices"),
        ("start", 4, "start 4, unknown 2, first word 4"),
        ("vocabulary", {"ba": 5, "bo": 7}, "consecutive from 5"),
        ("vocabulary", {"ba": 0}, "first_word"),
        ("padding", "above", "padding"),
        ("classes", ["neg"], "two or more different"),
        ("tokenizer", "subword", "sentencepiece"),
    ],
)
def test_a_wrong_text_description_is_named(
    run: Run, tmp_path: Path, key: str, value: object, said: str
) -> None:
    exported = export_run(run, "onnx", tmp_path / "model.onnx")
    values = json.loads(exported.text.read_text()) | {key: value}
    with pytest.raises(InputError, match=said):
        parse_text_description(json.dumps(values).encode(), "model.text.json")
    with pytest.raises(InputError, match="not JSON"):
        parse_text_description(exported.text.read_bytes()[:100], "model.text.json")


def test_nothing_is_written_when_the_answers_differ(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = export.onnx_model

    def wrong(model: Model, *rest: Any) -> bytes:
        model.parameters["gru/bias"][0, 0] += 0.1
        content = right(model, *rest)
        model.parameters["gru/bias"][0, 0] -= 0.1
        return content

    monkeypatch.setattr(export, "onnx_model", wrong)
    with pytest.raises(HoiquyError, match="nothing was written"):
        export_run(run, "onnx", tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("to", ["onnx", pytest.param("keras", marks=pytest.mark.keras)])
def test_a_tolerance_that_is_given_is_a_hard_limit(to: Format, run: Run, tmp_path: Path) -> None:
    with pytest.raises(HoiquyError, match="nothing was written"):
        export_run(run, to, tmp_path / f"model.{to}", tolerance=0.0)
    assert not list(tmp_path.iterdir())


def test_what_rounding_excuses_stands_in_the_certificate() -> None:
    case = Case("random indices", 64, 200, 5e-5, own_rounding=2e-5)
    accepted = json.loads(certificate(Parity((case,)), "onnx", {}, ()))["beyond_tolerance"]
    assert (accepted["largest_difference"], accepted["own_rounding"]) == (5e-5, 2e-5)
    small = json.loads(
        certificate(Parity((replace(case, largest_difference=1e-7),)), "onnx", {}, ())
    )
    assert small["beyond_tolerance"] is None and small["tolerance"] == 1e-5


def test_a_full_disk_leaves_none_of_the_three_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if ".parity.json" in path.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WriteError, match=r"cannot write .*model\.parity\.json: No space left"):
        export_run(run, "onnx", tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_a_file_with_another_ending_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end in \.onnx"):
        export_run(run, "onnx", tmp_path / "model.bin")


def test_a_run_folder_reads_without_hoiquy(run: Run) -> None:
    names: dict[str, Any] = {"run": run.folder}
    exec(python_in_docs()[1], names)
    predictor = Predictor.from_run(run)
    text = "ba do be zzz"
    ours = predictor.vocabulary.encode(text).tolist()
    assert [1, *(names["index"].get(word, 2) for word in text.split())] == ours
    assert names["weights"].keys() == predictor.model.parameters.keys()
