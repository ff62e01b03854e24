"""Convert an ensemble to one ONNX graph, and run it with ONNX Runtime.

The inputs are those of `interop/ensemble_inputs.py`; the output is the probabilities (batch,
classes) float32.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import InputError
from hoiquy.interop.ensemble_inputs import EnsembleInputs
from hoiquy.interop.onnx.linear import add_linear
from hoiquy.interop.onnx.model import (
    OUTPUT,
    IndexType,
    add_network,
    add_probabilities,
    onnx_file,
)
from hoiquy.interop.onnx.nodes import Nodes, load_onnx, load_onnxruntime
from hoiquy.interop.onnx.supported_layers import check_onnx_has_layers
from hoiquy.linear.model import LinearClassifier
from hoiquy.nn.losses import MIN_PROBABILITY, log_odds
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.prediction.predictor import Predictor

Arrays = Mapping[str, NDArray[np.int64]]

_OPSET = 18  # of 2023: the first with exclusive or of bits


def onnx_ensemble(
    predictor: EnsemblePredictor, inputs: EnsembleInputs, index_type: IndexType = "int64"
) -> bytes:
    """Return the bytes of an ensemble's ONNX file.

    Raises:
        InputError: A network has a layer that the export cannot write.
        MissingExtraError: The package onnx is not installed.
    """
    for model, name in zip(inputs.models, inputs.folders, strict=True):
        if isinstance(model, Predictor):
            check_onnx_has_layers(model.model, name)
    onnx = load_onnx()
    nodes = Nodes(onnx, _OPSET)
    offsets = np.array(predictor.ensemble.offsets, np.float32)[None]
    total = nodes.constant(offsets, "offsets")
    several = predictor.multilabel
    numbers = iter(range(len(inputs.models)))
    for member, models in zip(predictor.ensemble.members, predictor.models, strict=True):
        share = nodes.constant(np.array(member.weight / len(models), np.float32))
        for model in models:
            own = _add_logits(nodes, model, inputs, next(numbers), index_type, several)
            total = nodes.add("Add", total, nodes.add("Mul", own, share))
    nodes.prefix = ""
    if several:
        nodes.add("Sigmoid", total, output=OUTPUT)
    else:
        nodes.add("Softmax", total, output=OUTPUT, axis=1)
    kinds = onnx.TensorProto
    describe = onnx.helper.make_tensor_value_info
    given = [
        describe(
            name,
            kinds.INT32 if name in inputs.networks and index_type == "int32" else kinds.INT64,
            ["batch", f"{name}_length"],
        )
        for name in inputs.names
    ]
    output = describe(OUTPUT, kinds.FLOAT, ["batch", len(predictor.classes)])
    return onnx_file(nodes, predictor.recipe.name, given, output)


def _add_logits(
    nodes: Nodes,
    model: LinearClassifier | Predictor,
    inputs: EnsembleInputs,
    number: int,
    index_type: IndexType,
    multilabel: bool,
) -> str:
    """A model's log probabilities; where it predicts several labels, its log odds."""
    nodes.prefix = f"{inputs.folders[number]}/"
    sources = inputs.sources[number]
    if isinstance(model, LinearClassifier):
        margins = add_linear(nodes, model, sources)
        return margins if multilabel else nodes.add("LogSoftmax", margins, axis=1)
    (source,) = sources.values()
    logits = add_network(nodes, model.model, source, index_type)
    if multilabel:
        return _add_log_odds(nodes, logits)
    return _add_log_probabilities(nodes, add_probabilities(nodes, model.model, logits))


def _add_log_probabilities(nodes: Nodes, probabilities: str) -> str:
    """As `log_probabilities`."""
    sums = nodes.add("ReduceSum", probabilities, nodes.axes(1))
    least, most = (nodes.constant(np.array(x, np.float32)) for x in (MIN_PROBABILITY, 1))
    return nodes.add("Log", nodes.add("Clip", nodes.add("Div", probabilities, sums), least, most))


def _add_log_odds(nodes: Nodes, logits: str) -> str:
    """As `log_odds`, from a network's logits, which are not rounded to probabilities."""
    bound = float(log_odds(np.array(1 - MIN_PROBABILITY)))
    least, most = (nodes.constant(np.array(x, np.float32)) for x in (-bound, bound))
    return nodes.add("Clip", logits, least, most)


def onnx_ensemble_probabilities(
    content: bytes, index_types: Mapping[str, IndexType]
) -> Callable[[Arrays], NDArray[np.float32]]:
    """Return a function that runs the ONNX file of an ensemble on the CPU.

    index_types: the types of inputs that are not int64. Raises MissingExtraError.
    """
    runtime = load_onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # errors only
    try:
        session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except runtime.capi.onnxruntime_pybind11_state.NotImplemented as error:
        raise InputError(f"this version of onnxruntime cannot run the model: {error}") from error

    def run(arrays: Arrays) -> NDArray[np.float32]:
        given = {
            name: array.astype(index_types.get(name, "int64")) for name, array in arrays.items()
        }
        return np.asarray(session.run([OUTPUT], given)[0], np.float32)

    return run
