"""ONNX Runtime: inference with the graph of `hoiquy export`, and default options but threads."""

import os
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import onnxruntime


def versions() -> dict[str, str]:
    return {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}


def prepare(task: dict[str, Any]) -> tuple[Callable[[], object], Callable[[], Any]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["HOIQUY_BENCH_THREADS"])
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        task["onnx"], options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    with np.load(task["documents"]) as arrays:
        documents = arrays["batches"][0]

    def run(indices: Any) -> Any:
        return session.run(None, {name: indices})[0]

    size = task["batch_size"]
    parts = [documents[i : i + size] for i in range(0, len(documents), size)]
    ones = cycle(np.split(documents, len(documents)))
    steps: dict[str, Callable[[], object]] = {
        "inference": lambda: np.concatenate([run(part) for part in parts]),
        "latency": lambda: run(next(ones)),
    }
    return steps[task["what"]], lambda: run(documents[: task["check"]])
