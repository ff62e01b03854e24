"""N-grams and the wide part in ONNX Runtime give what hoiquy gives."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.interop.onnx.model import onnx_model, onnx_probabilities
from hoiquy.interop.onnx.ngrams import add_ngram_rows
from hoiquy.interop.onnx.nodes import Nodes, load_onnx, load_onnxruntime
from hoiquy.interop.parity import check_parity
from hoiquy.nn.kernels import NgramTable
from hoiquy.nn.kernels.plain import ngrams as plain
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import EncodedDocuments, Ngrams, Vocabulary
from hoiquy.training.model_building import build_model
from miniatures import miniature

WORDS = 40
DOCUMENTS = np.random.default_rng(1).integers(0, 12, (50, 12), np.int32)
NGRAMS = Ngrams.count(EncodedDocuments(DOCUMENTS.ravel(), np.arange(0, 601, 12)), 3, 2)
VOCABULARY = Vocabulary(tuple(f"word{n}" for n in range(WORDS)), WORDS + 4, ngrams=NGRAMS)
KINDS = {
    "both": ["model.wide=true", "text.ngrams=3"],
    "wide": ["model.wide=true", "text.ngrams=1"],
    "ngrams": ["model.wide=false", "text.ngrams=3"],
    "without-mask": ["model.wide=true", "text.ngrams=3", "model.layers.0.mask_zero=false"],
    "padded-right": ["model.wide=true", "text.ngrams=3", "data.padding=right"],
}


def network(kind: str, ngrams: Ngrams = NGRAMS) -> tuple[Recipe, Model]:
    """Random weights, large enough that a missing n-gram shows."""
    recipe = miniature("auto", f"text.num_words={WORDS + 4}", *KINDS[kind])
    of_recipe = ngrams if recipe.text.ngrams > 1 else None
    model = build_model(recipe, vocabulary_size=WORDS, classes=3, seed=1, ngrams=of_recipe)
    rng = np.random.default_rng(2)
    for array in model.parameters.values():
        array[...] = rng.normal(0, 0.5, array.shape)
    return recipe, model


@pytest.mark.parametrize("kind", KINDS)
def test_the_probabilities_are_those_of_hoiquy(kind: str) -> None:
    recipe, model = network(kind)
    run = onnx_probabilities(onnx_model(model, "m"))
    vocabulary = VOCABULARY if recipe.text.ngrams > 1 else replace(VOCABULARY, ngrams=None)
    parity = check_parity(model, recipe, vocabulary, run, any_length=True)
    assert parity.largest.largest_difference < 1e-5
    assert ("n-grams" in {case.inputs for case in parity.cases}) == (recipe.text.ngrams > 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("index_type", ["int32", "int64"])
def test_zeros_in_the_middle_repeated_words_and_documents_of_zeros(
    kind: str, index_type: str
) -> None:
    _, model = network(kind)
    indices = np.random.default_rng(3).integers(0, 9, (64, 12), np.int32)
    indices[3], indices[4] = 0, 7
    run = onnx_probabilities(onnx_model(model, "m", index_type), index_type)
    np.testing.assert_allclose(run(indices), model.probabilities(indices), atol=1e-5)


def test_a_vocabulary_without_a_frequent_ngram() -> None:
    none = Ngrams(np.zeros((0, 3), np.int32))
    _, model = network("both", none)
    run = onnx_probabilities(onnx_model(model, "m"))
    np.testing.assert_allclose(run(DOCUMENTS), model.probabilities(DOCUMENTS), atol=1e-5)


def test_a_changed_row_of_an_ngram_is_noticed() -> None:
    recipe, model = network("both")
    _, other = network("both")
    other.parameters["embedding/ngrams"][0] += 1
    run = onnx_probabilities(onnx_model(other, "m"))
    parity = check_parity(model, recipe, VOCABULARY, run, any_length=True)
    assert parity.failed is not None


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), words=st.sampled_from([5, 50, 2_000_000]))
def test_any_table_is_found_as_the_kernel_finds_it(seed: int, words: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4 + words, (6, 9), np.int32)
    known = Ngrams.count(EncodedDocuments(x[::2].ravel(), np.arange(0, 28, 9)), 3, 1)
    table = NgramTable.of(known.indices)
    onnx = load_onnx()
    nodes = Nodes(onnx)
    outputs = add_ngram_rows(nodes, "x", table)
    found = plain.find_ngrams(np.ascontiguousarray(x.T), table)
    if not outputs:  # the runtime takes no graph without a node
        assert not found.any()
        return
    kinds, describe = onnx.TensorProto, onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes.nodes, "g", [describe("x", kinds.INT64, ["batch", "time"])],
        [describe(name, kinds.INT64, ["batch", "time"]) for name in outputs], nodes.constants,
    )  # fmt: skip
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    session = load_onnxruntime().InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    rows = dict(zip(outputs, session.run(outputs, {"x": x.astype(np.int64)}), strict=True))
    got = sum(found_rows.astype(bool).sum() for found_rows in rows.values())
    assert got == (found > 0).sum()
    for of_length in rows.values():
        assert any(np.array_equal(of_length.T, expected) for expected in found)
