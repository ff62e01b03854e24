"""An exported ensemble predicts as hoiquy does, from what its text description says."""

import json
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regex

from hoiquy.data.source import DataSource
from hoiquy.errors import HoiquyError, InputError
from hoiquy.interop.ensemble_inputs import EnsembleInputs
from hoiquy.interop.export import export_run
from hoiquy.interop.onnx.ensemble import onnx_ensemble, onnx_ensemble_probabilities
from hoiquy.interop.text_description import parse_text_description
from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.fit import fit_weights
from hoiquy.linear.model import LinearClassifier
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.runs.ensemble import Ensemble, HeldOut, Member, ensemble_file
from hoiquy.runs.files import result_file
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.linear_files import save_linear
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.text import Tokenizer, pad
from hoiquy.workflows.experiment import Experiment
from miniatures import miniature, random_dataset

_TEXTS = [
    "", "?!", "not a word of it", "Ba,do\nBE ba bo.di", "ba " * 50, "bé (bà) ba\x85do", "\ud800 ba",
    "một  hai\u3000ba", "e\u0301 İ ß 🙂", "a",
]  # fmt: skip
_SETTINGS = {
    "both": NgramSettings(),
    "words": NgramSettings(3, None),
    "characters": NgramSettings(0, (1, 5)),
    "within-words": NgramSettings(1, (2, 5), across_words=False),
    "single-words": NgramSettings(1, None),
    "without-counts": NgramSettings(2, None, binary=True),
    "few": NgramSettings(most=40),
}
_HELD_OUT = HeldOut(10, 0.5, 0.5, 1.0)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("network") / "run"
    create_run_folder(folder)
    recipe = miniature("auto", "training.epochs=1", "text.tokenizer=unicode")
    experiment = Experiment(recipe, random_dataset(), DataSource("test"))
    return experiment.run(folder, experiment.prepare())


@pytest.fixture(params=_SETTINGS)
def run(request: pytest.FixtureRequest, network: Run, tmp_path: Path) -> Iterator[Run]:
    yield ensemble(network, tmp_path / "run", _SETTINGS[request.param], {})


def ensemble(network: Run, folder: Path, settings: NgramSettings, networks: dict[str, Run]) -> Run:
    """A run of a linear classifier and networks, with weights as if they had been fitted."""
    shutil.copytree(network.folder, folder)
    classes = network.result.classes
    dataset = random_dataset()
    tokenizer = Tokenizer("nfc", "unicode+punctuation")
    texts = [*dataset.train.texts, *_TEXTS]
    labels = np.append(dataset.train.labels, np.arange(len(_TEXTS)) % len(classes))
    features = Features.fit(settings, tokenizer, texts)
    weights = fit_weights(features.transform(texts), labels, len(classes), 1.0)
    save_linear(
        LinearClassifier(features, weights), classes, {"C": 1.0}, folder / "members" / "linear"
    )
    members = [Member("linear", "linear", 1.7, ["linear"])]
    for name, other in networks.items():
        shutil.copytree(other.folder, folder / "members" / name)
    if networks:
        members.append(Member("network", "network", 0.8, list(networks)))
    offsets = np.linspace(-0.2, 0.3, len(classes)).tolist()
    files = ensemble_file(Ensemble("accuracy", members, offsets, _HELD_OUT))
    result = result_file(replace(network.result, metric="accuracy"))
    write_checksummed(folder, files | result)
    return load_run(folder)


def test_the_files_predict_as_hoiquy_does_without_it(run: Run, tmp_path: Path) -> None:
    exported = export_run(run, "onnx", tmp_path / "model.onnx")
    certificate = json.loads(exported.certificate.read_text())
    assert 0 < certificate["largest_difference"] < 1e-5
    assert exported.parity.failed is None
    description = json.loads(exported.text.read_text())
    inputs = {
        name: _padded([_INPUTS[name](text, values) for text in _TEXTS])
        for name, values in description["inputs"].items()
    }
    assert inputs.keys() <= {"words", "characters"}
    theirs = onnx_ensemble_probabilities(exported.model.read_bytes(), {})(inputs)
    ours = EnsemblePredictor.from_run(run).probabilities(_TEXTS)
    np.testing.assert_allclose(theirs, ours, atol=1e-5)
    assert np.ptp(ours, axis=0).max() > 0.1
    assert description["classes"] == run.result.classes


def test_a_row_does_not_depend_on_its_batch(network: Run, tmp_path: Path) -> None:
    run = ensemble(network, tmp_path / "run", NgramSettings(), {})
    exported = export_run(run, "onnx", tmp_path / "model.onnx")
    probabilities = onnx_ensemble_probabilities(exported.model.read_bytes(), {})
    inputs = EnsembleInputs.of(EnsemblePredictor.from_run(run))
    together = probabilities(inputs.arrays(_TEXTS))
    alone = [probabilities(inputs.arrays([text]))[0] for text in _TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("index_type", ["int32", "int64"])
def test_networks_share_an_input(network: Run, tmp_path: Path, index_type: Any) -> None:
    networks = {"network-1": network, "network-2": network}
    run = ensemble(network, tmp_path / "run", NgramSettings(), networks)
    exported = export_run(run, "onnx", tmp_path / "model.onnx", index_type=index_type)
    description = json.loads(exported.text.read_text())
    assert description["inputs"].keys() == {"words", "characters", "indices_1"}
    own = description["inputs"]["indices_1"] | {"classes": description["classes"]}
    parsed = parse_text_description(json.dumps(own).encode(), "indices_1")
    inputs = EnsembleInputs.of(EnsemblePredictor.from_run(run))
    data = network.recipe.data
    documents = parsed.vocabulary.encode_all(_TEXTS)
    expected = pad(documents, None, parsed.max_length, data.padding, data.truncating)
    np.testing.assert_array_equal(inputs.arrays(_TEXTS)["indices_1"], expected)
    assert "n-grams" in {case.inputs for case in exported.parity.cases}


def test_a_wrong_weight_is_found(
    network: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ensemble(network, tmp_path / "run", NgramSettings(), {"network-1": network})
    predictor = EnsemblePredictor.from_run(run)
    model = predictor.models[0][0]
    assert isinstance(model, LinearClassifier)
    place = int(np.abs(model.weights.coefficients).max(axis=1).argmax())
    monkeypatch.setattr("hoiquy.interop.export.onnx_ensemble", _without(place))
    with pytest.raises(HoiquyError, match="nothing was written: on "):
        export_run(run, "onnx", tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_keras_has_no_ensembles(network: Run, tmp_path: Path) -> None:
    run = ensemble(network, tmp_path / "run", NgramSettings(), {})
    with pytest.raises(InputError, match=r"but a \.keras file needs a network"):
        export_run(run, "keras", tmp_path / "model.keras")


def _without(place: int) -> Any:
    """An export that loses the coefficients of one n-gram."""

    def export(predictor: EnsemblePredictor, inputs: EnsembleInputs, index_type: Any) -> bytes:
        model = inputs.models[0]
        assert isinstance(model, LinearClassifier)
        kept = model.weights.coefficients.copy()
        model.weights.coefficients[place] = 0
        content = onnx_ensemble(predictor, inputs, index_type)
        model.weights.coefficients[:] = kept
        return content

    return export


def _words(text: str, values: dict[str, Any]) -> list[int]:
    assert (values["normalization"], values["segmentation"]) == ("nfc", "none")
    text, rule = unicodedata.normalize("NFC", text).lower(), values["tokenizer_rule"]
    for pattern, replacement in rule["replace_first"]:
        text = regex.sub(pattern, replacement, text)
    words = regex.findall(rule["regex_of_a_word"], text)
    return [values["vocabulary"].get(word, 0) for word in words]


def _characters(text: str, values: dict[str, Any]) -> list[int]:
    assert (values["normalization"], values["segmentation"]) == ("nfc", "none")
    text = unicodedata.normalize("NFC", text).lower()
    return [ord(character) for character in f" {' '.join(text.split())} "]


_INPUTS = {"words": _words, "characters": _characters}


def _padded(rows: list[list[int]]) -> np.ndarray:
    longest = max(1, *map(len, rows))
    return np.array([row + [0] * (longest - len(row)) for row in rows], np.int64)
