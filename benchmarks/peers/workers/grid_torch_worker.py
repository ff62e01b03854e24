"""A cell of the grid in PyTorch, eager or (HOIQUY_BENCH_COMPILE) with `torch.compile`.

The network is what its users write: nn.LSTM, nn.GRU or nn.RNN with all layers and directions in one
module, `pack_padded_sequence` for masked documents, BCEWithLogitsLoss and the fused Adam.
`torch.compile` compiles the module with its defaults. It does not enter nn.LSTM, nn.GRU and nn.RNN
then (`torch._dynamo.config.allow_rnn` is off): their own kernels run as in eager mode. "unrolled"
switches that on: the steps become one long graph, which takes about a minute to compile for 50.
"""

import os
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import torch
from torch import nn

torch.set_num_threads(int(os.environ["HOIQUY_BENCH_THREADS"]))

COMPILES = os.environ.get("HOIQUY_BENCH_COMPILE", "")
if COMPILES == "unrolled":
    torch._dynamo.config.allow_rnn = True
_KINDS: dict[str, Any] = {"SimpleRNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
_GATES = {"SimpleRNN": (0,), "LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2)}  # GRU: Keras zrh, torch rzn


def versions() -> dict[str, str]:
    return {"torch": torch.__version__, "numpy": np.__version__}


class Network(nn.Module):
    def __init__(self, task: dict[str, Any]) -> None:
        super().__init__()
        ways = 2 if task["bidirectional"] else 1
        self.masked = task["masked"]
        self.ways, self.units = ways, task["units"]
        self.embedding = nn.Embedding(task["words"], task["embedding"])
        self.recurrent = _KINDS[task["kind"]](
            task["embedding"],
            task["units"],
            num_layers=task["layers"],
            bidirectional=task["bidirectional"],
        )
        self.dense = nn.Linear(ways * task["units"], 1)

    def forward(self, indices: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Logits (batch, 1) of indices (time, batch)."""
        x = self.embedding(indices)
        if self.masked:
            x = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        _, state = self.recurrent(x)
        last = state[0] if isinstance(state, tuple) else state
        return self.dense(torch.cat([last[i - self.ways] for i in range(self.ways)], dim=-1))


def prepare(task: dict[str, Any]) -> tuple[dict[str, Callable[[], object]], Callable[[], Any]]:
    network = Network(task)
    load(network, task)
    with np.load(task["documents"]) as arrays:
        batches = torch.from_numpy(arrays["batches"]).long().transpose(1, 2).contiguous()
        lengths, targets = torch.from_numpy(arrays["lengths"]), torch.from_numpy(arrays["targets"])
    forward: Any = network
    if COMPILES:
        torch._dynamo.reset()  # the graphs of earlier cells
        forward = torch.compile(network)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7, fused=True)
    loss_function = nn.BCEWithLogitsLoss()
    turns = cycle(zip(batches, lengths, targets, strict=True))

    def step() -> float:
        indices, sizes, wanted = next(turns)
        network.train()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_function(forward(indices, sizes), wanted)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    def predict() -> Any:
        network.eval()
        with torch.inference_mode():
            return torch.sigmoid(forward(batches[0], lengths[0])).numpy()

    return {"step": step, "predict": predict}, predict


def load(network: Network, task: dict[str, Any]) -> None:
    """Copy hoiquy's weights, which come layer by layer, forward before backward, in Keras' form."""
    with np.load(task["weights"]) as arrays, torch.no_grad():
        values = iter([torch.from_numpy(arrays[name]) for name in arrays])
        network.embedding.weight.copy_(next(values))
        for layer in range(task["layers"]):
            for way in ("", "_reverse")[: network.ways]:
                ending = f"l{layer}{way}"
                _load_direction(task["kind"], network.recurrent, ending, values)
        network.dense.weight.copy_(next(values).t())
        network.dense.bias.copy_(next(values))


def _load_direction(kind: str, recurrent: Any, ending: str, values: Any) -> None:
    kernel, recurrent_kernel, bias = next(values), next(values), next(values)
    biases = bias if bias.dim() == 2 else torch.stack([bias, torch.zeros_like(bias)])
    getattr(recurrent, f"weight_ih_{ending}").copy_(_gates(kind, kernel).t())
    getattr(recurrent, f"weight_hh_{ending}").copy_(_gates(kind, recurrent_kernel).t())
    getattr(recurrent, f"bias_ih_{ending}").copy_(_gates(kind, biases[0]))
    getattr(recurrent, f"bias_hh_{ending}").copy_(_gates(kind, biases[1]))


def _gates(kind: str, array: torch.Tensor) -> torch.Tensor:
    """The gates of the last axis in PyTorch's order."""
    parts = array.chunk(len(_GATES[kind]), dim=-1)
    return torch.cat([parts[gate] for gate in _GATES[kind]], dim=-1)
