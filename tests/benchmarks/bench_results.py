"""Results with invented times, for tables and charts."""

from hoiquy.bench.cases import SIZES
from hoiquy.bench.results import HOIQUY, CaseResult, Participant, Results

TITLES = {
    HOIQUY: "hoiquy",
    "keras-tensorflow": "Keras on TensorFlow",
    "keras-jax": "Keras on JAX",
    "torch": "PyTorch",
    "onnxruntime": "ONNX Runtime",
}


def participant(name: str, milliseconds: float, embedding: str = "full") -> Participant:
    """Three rounds of two steps around a time."""
    times = [[milliseconds * 0.9, milliseconds * 1.1], [milliseconds] * 2, [milliseconds * 1.2] * 2]
    embedding = "reachable" if name == HOIQUY else embedding
    versions = {name: "1.0"}
    return Participant(name, TITLES[name], embedding, versions, times, int(milliseconds) * 2**20)


def case(what: str, label: str, participants: list[Participant], **other: float) -> CaseResult:
    flops = other.get("flops", 0.0)
    result = CaseResult(what, label, "bai3", 128, 200, "", 0, flops)
    result.participants = participants
    result.sgemm_gflops = [100.0, 100.0, 50.0]
    return result


def invented_results() -> Results:
    """A run with every kind of case."""
    cases = []
    for number in range(1, 6):
        own = participant(HOIQUY, 100 * number)
        peers = []
        for place, name in enumerate(("keras-tensorflow", "keras-jax", "torch")):
            peers.append(participant(name, 100 * number * (2.5 - 0.2 * place)))
            if number > 2:
                peers.append(participant(name, 100 * number * (1.9 - 0.2 * place), "cut"))
        cases.append(case("training", f"bai{number}", [own, *peers]))
    both = [participant(HOIQUY, 80), participant("torch", 200)]
    cases.append(case("layers", "LSTM(200)", both, flops=6e9))
    for what in ("inference", "latency"):
        four = [participant(HOIQUY, 3), *(participant(name, 9) for name in list(TITLES)[1:])]
        cases.append(case(what, "bai3", four))
    for axis, sizes in SIZES.items():
        for size in sizes:
            point = [participant(HOIQUY, size), participant("torch", size * 1.5, "cut")]
            cases.append(case("sizes", f"{axis} {size}", point))
            cases[-1].axis, cases[-1].size = axis, size
    machine = {"processor": "invented", "date": "2026-01-02T03:04:05+00:00"}
    return Results(machine, {"threads": 2, "rounds": 3}, cases)
