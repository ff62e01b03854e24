"""Recipes that number words otherwise than IMDB: trained, resumed, encoded, exported, evaluated."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_resume import EVERYTHING, bits, stopped

from hoiquy.errors import RecipeError
from hoiquy.interop.export import export_run
from hoiquy.interop.onnx.model import onnx_probabilities
from hoiquy.interop.text_description import parse_text_description
from hoiquy.prediction.load import load_predictor
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.text import SCHEMES, pad
from hoiquy.workflows.encode import encode
from hoiquy.workflows.train import resume, train
from miniatures import NUM_WORDS, miniature, random_dataset

TOKENIZER = ("text.start=none", "text.unknown=dropped", "text.first_word=1")
OOV = ("text.start=none", "text.unknown=1", "text.first_word=2")


def test_toml_keeps_the_index_scheme() -> None:
    other = miniature("bai3", *TOKENIZER)
    assert parse_recipe(other.to_toml(), "other") == other
    assert other.text.scheme == SCHEMES["tokenizer"]
    assert miniature("bai3", *OOV).text.scheme == SCHEMES["text-vectorization"]


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("bai3", ["text.start=4"], "start 4, unknown 2, first word 4: expected different"),
        ("bai3", ["text.unknown=1"], "start 1, unknown 1"),
        ("bai3", ["text.start=no"], "text.start = 'no'"),
        ("bai3", ["text.first_word=0"], "text.first_word = 0"),
        ("bai3", ["text.first_word=9", "text.num_words=8"], "num_words = 8: expected 9 or more"),
        ("strong", ["text.ngrams=1", "model.wide=false", *OOV], "word_dropout needs text.start"),
        ("fast", ["text.ngrams=1", *OOV], "model.wide: needs text.start = 1"),
        ("fast", ["model.wide=false", *OOV], "ngrams: more than 1 needs text.start = 1"),
    ],
)
def test_what_does_not_go_with_it_is_named(name: str, settings: list[str], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        miniature(name).with_settings(settings)


@pytest.mark.parametrize("settings", [TOKENIZER, OOV])
def test_a_training_resumes_and_encodes_to_the_same_bits(
    settings: tuple[str, ...], tmp_path: Path
) -> None:
    recipe, data = miniature("bai3", *EVERYTHING, *settings), random_dataset()
    whole = train(data, recipe, tmp_path / "whole")
    again = resume(stopped(data, recipe, tmp_path / "again", 6), data=data)
    assert bits(again.folder) == bits(whole.folder)
    rows = load_predictor(whole).model.parameters["embedding/embeddings"].shape[0]
    assert rows == NUM_WORDS


def tables(folder: Path) -> Path:
    data = random_dataset()
    rows = zip(data.train.texts, data.train.labels, strict=True)
    path = folder / "rows.jsonl"
    path.write_text(
        "".join(json.dumps({"text": t, "label": ["neg", "pos"][k]}) + "\n" for t, k in rows)
    )
    return path


def test_a_token_store_has_the_same_bits_and_minds_the_numbering(tmp_path: Path) -> None:
    recipe: Recipe = miniature("bai3", *TOKENIZER)
    path = tables(tmp_path)
    encode(path, recipe, tmp_path / "store")
    direct = train(path, recipe, tmp_path / "direct")
    stored = train(tmp_path / "store", recipe, tmp_path / "stored")
    assert (direct.folder / "weights.safetensors").read_bytes() == (
        stored.folder / "weights.safetensors"
    ).read_bytes()
    with pytest.raises(RecipeError, match=r"text\.start = none, but the recipe has 1"):
        train(tmp_path / "store", miniature("bai3"), tmp_path / "other")


def test_what_is_exported_reads_texts_alike(tmp_path: Path) -> None:
    recipe = miniature("bai5", *TOKENIZER)
    run = train(random_dataset(), recipe, tmp_path / "run")
    exported = export_run(run, "onnx", tmp_path / "model.onnx")
    found = parse_text_description(exported.text.read_bytes(), "model.text.json")
    values: dict[str, Any] = json.loads(exported.text.read_text())
    assert (values["start"], values["oov"], min(values["vocabulary"].values())) == (None, None, 1)
    texts = ["", "ba nothing bo", "Ba, ba ba bo", "ba " * 30]
    table = recipe.data
    indices = pad(
        found.vocabulary.encode_all(texts), None, found.max_length, table.padding, table.truncating
    )
    theirs = onnx_probabilities(exported.model.read_bytes())(indices)
    np.testing.assert_allclose(load_predictor(run).predict_proba(texts), theirs, atol=1e-6)
    scores, labels = load_predictor(run).score(random_dataset())
    assert scores.accuracy == run.result.test_accuracy and len(labels)
