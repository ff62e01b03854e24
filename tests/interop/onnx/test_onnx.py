"""An ONNX model in ONNX Runtime answers as hoiquy, for every layer, size and kind of padding."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from hoiquy.errors import MissingExtraError
from hoiquy.interop.onnx.model import onnx_model, onnx_probabilities
from hoiquy.interop.parity import Case, Parity, check_parity
from hoiquy.text import Vocabulary
from small_models import NAMES, WORDS, small_model, small_recipe

VOCABULARY = Vocabulary(tuple(f"word{number}" for number in range(WORDS)), 30)


@pytest.mark.parametrize("name", NAMES)
def test_the_probabilities_are_those_of_hoiquy(name: str) -> None:
    recipe = small_recipe(name)
    model = small_model(recipe)
    run = onnx_probabilities(onnx_model(model, name))
    parity = check_parity(model, recipe, VOCABULARY, run, any_length=True)
    assert parity.failed is None, parity.largest
    assert {case.batch for case in parity.cases} >= {1, 64}
    assert {case.length for case in parity.cases} >= {1, recipe.data.max_length, 500}


@pytest.mark.parametrize("name", [name for name in NAMES if "masked" in name])
def test_zeros_in_the_middle_and_documents_of_zeros(name: str) -> None:
    model = small_model(small_recipe(name))
    indices = np.random.default_rng(2).integers(0, 5, (64, 12), np.int32)
    indices[3] = 0
    run = onnx_probabilities(onnx_model(model, name))
    np.testing.assert_allclose(run(indices), model.probabilities(indices), atol=1e-5)


@pytest.mark.parametrize("index_type", ["int32", "int64"])
def test_both_types_of_indices(index_type: str) -> None:
    import onnx

    model = small_model(small_recipe("stacked/masked_left"))
    content = onnx_model(model, "m", index_type)
    kind = onnx.load_from_string(content).graph.input[0].type.tensor_type.elem_type
    assert kind == onnx.TensorProto.DataType.Value(index_type.upper())
    indices = np.array([[0, 0, 5, 7]], np.int32)
    got = onnx_probabilities(content, index_type)(indices)
    np.testing.assert_allclose(got, model.probabilities(indices), atol=1e-6)


def test_the_same_model_gives_the_same_bytes_and_the_operators_that_are_promised() -> None:
    import onnx

    model = small_model(small_recipe("stacked/unmasked"))
    content = onnx_model(model, "m")
    assert content == onnx_model(model, "m")
    nodes = {node.op_type: node for node in onnx.load_from_string(content).graph.node}
    assert {"GRU", "LSTM"} <= nodes.keys() and "TopK" not in nodes
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in nodes["GRU"].attribute}
    assert attributes["linear_before_reset"] == 1


def test_a_wrong_weight_is_noticed() -> None:
    recipe = small_recipe("lstm/unmasked")
    model, other = small_model(recipe), small_model(recipe)
    other.parameters["lstm/kernel"][0, 5] += 0.01  # one number of the forget gate
    run = onnx_probabilities(onnx_model(other, "m"))
    parity = check_parity(model, recipe, VOCABULARY, run, any_length=True)
    assert parity.failed == parity.largest


def test_documents_that_overflow_are_counted_and_left_out() -> None:
    recipe = small_recipe("relu/unmasked")
    model = small_model(recipe)
    model.parameters["simple_rnn/recurrent_kernel"][...] = np.eye(5, dtype=np.float32) * 3
    run = onnx_probabilities(onnx_model(model, "m"))
    parity = check_parity(model, recipe, VOCABULARY, run, any_length=True)
    undefined = {(case.batch, case.length): case.undefined for case in parity.cases}
    assert undefined[64, 1] == 0 and undefined[64, 500] == 64
    assert parity.failed is None, parity.largest


def test_rounding_excuses_little() -> None:
    case = Case("random indices", 64, 500, 5e-5, own_rounding=2e-5)
    assert case.within(1e-5, hard=False) and not case.within(1e-5, hard=True)
    assert Parity((case,)).failed is None and Parity((case,)).explained_by_rounding == case
    assert Parity((case,), 1e-5).failed == case  # a tolerance that was given is a hard limit
    assert not replace(case, own_rounding=1e-6).within(1e-5, hard=False)
    assert not replace(case, largest_difference=0.01, own_rounding=0.1).within(1e-5, hard=False)
    assert not replace(case, largest_difference=float("inf"), own_rounding=0.1).within(
        1e-5, hard=False
    )


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_what_to_install_is_said(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = onnx_model(small_model(small_recipe("lstm/unmasked")), "m")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"hoiquy\[onnx\]"):
        if package == "onnx":
            onnx_model(small_model(small_recipe("lstm/unmasked")), "m")
        else:
            onnx_probabilities(content)
