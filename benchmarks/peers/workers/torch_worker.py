"""PyTorch: nn.LSTM, nn.GRU and nn.RNN in eager mode, as its users write them.

Time comes first inside the network. Adam is the fused one where PyTorch has it for processors.
"""

import os
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import torch
from torch import nn

torch.set_num_threads(int(os.environ["HOIQUY_BENCH_THREADS"]))

_CELLS: dict[str, Any] = {"simple_rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
_GATES = {"simple_rnn": (0,), "lstm": (0, 1, 2, 3), "gru": (1, 0, 2)}  # GRU: Keras zrh, torch rzn


def versions() -> dict[str, str]:
    return {"torch": torch.__version__, "numpy": np.__version__}


def prepare(task: dict[str, Any]) -> tuple[Callable[[], object], Callable[[], Any]]:
    network = Network(task)
    network.load(task["weights"])
    with np.load(task["documents"]) as arrays:
        batches = torch.from_numpy(arrays["batches"]).long()
        targets = torch.from_numpy(arrays["targets"])
    parts, ones = batches[0].split(task["batch_size"]), cycle(batches[0].split(1))
    steps: dict[str, Callable[[], object]] = {
        "training": _training(network, task, batches, targets),
        "inference": lambda: torch.cat([network.probabilities(part) for part in parts]),
        "latency": lambda: network.probabilities(next(ones)),
    }
    return steps[task["what"]], lambda: network.probabilities(batches[0][: task["check"]]).numpy()


class Network(nn.Module):
    """A recipe's layers; `forward` gives logits for (batch, time) indices."""

    def __init__(self, task: dict[str, Any]) -> None:
        super().__init__()
        recipe = task["recipe"]
        self.values = recipe["model"]["input"] == "values"
        self.tables = recipe["model"]["layers"]
        self.steps = nn.ModuleList()
        features = 1
        for table in self.tables:
            kind = table["type"]
            units = task["classes"] if table.get("units") == "classes" else table.get("units")
            if kind == "embedding":
                self.steps.append(nn.Embedding(task["embedding_rows"], units))
            elif kind == "dropout":
                self.steps.append(nn.Dropout(table["rate"]))
            elif kind == "dense":
                self.steps.append(nn.Linear(features, units))
            else:
                options = {"nonlinearity": table["activation"]} if kind == "simple_rnn" else {}
                self.steps.append(_CELLS[kind](features, units, **options))
            features = units or features

    def forward(self, indices: torch.Tensor) -> torch.Tensor:
        x = indices.t()
        x = x.float()[:, :, None] if self.values else x
        for table, layer in zip(self.tables, self.steps, strict=True):
            if table["type"] in _CELLS:
                if self.training and table["dropout"]:  # one mask for all steps, as in Keras
                    x = x * nn.functional.dropout(torch.ones_like(x[:1]), table["dropout"])
                x, _ = layer(x)
                x = x if table["return_sequences"] else x[-1]
            else:
                x = layer(x)
        return x

    def probabilities(self, indices: torch.Tensor) -> torch.Tensor:
        self.eval()
        with torch.inference_mode():
            return torch.sigmoid(self(indices))

    def penalty(self) -> Any:
        """l2 * sum of squares, as Keras adds it to the loss."""
        total: Any = 0.0
        for table, layer in zip(self.tables, self.steps, strict=True):
            if table["type"] in _CELLS and table["kernel_l2"]:
                total = total + table["kernel_l2"] * layer.weight_ih_l0.square().sum()
            if table["type"] in _CELLS and table["recurrent_l2"]:
                total = total + table["recurrent_l2"] * layer.weight_hh_l0.square().sum()
        return total

    def load(self, path: str) -> None:
        """Copy hoiquy's weights, which come layer by layer in Keras' order."""
        with np.load(path) as arrays, torch.no_grad():
            values = iter([torch.from_numpy(arrays[name]) for name in arrays])
            for table, layer in zip(self.tables, self.steps, strict=True):
                kind = table["type"]
                if kind == "embedding":
                    rows = next(values)
                    layer.weight[: len(rows)] = rows
                elif kind == "dense":
                    layer.weight.copy_(next(values).t())
                    layer.bias.copy_(next(values))
                elif kind in _CELLS:
                    _load_recurrent(kind, layer, next(values), next(values), next(values))


def _load_recurrent(
    kind: str, layer: Any, kernel: torch.Tensor, recurrent: torch.Tensor, bias: torch.Tensor
) -> None:
    def gates(array: torch.Tensor) -> torch.Tensor:
        parts = array.chunk(len(_GATES[kind]), dim=-1)
        return torch.cat([parts[gate] for gate in _GATES[kind]], dim=-1)

    layer.weight_ih_l0.copy_(gates(kernel).t())
    layer.weight_hh_l0.copy_(gates(recurrent).t())
    biases = bias if bias.dim() == 2 else torch.stack([bias, torch.zeros_like(bias)])
    layer.bias_ih_l0.copy_(gates(biases[0]))
    layer.bias_hh_l0.copy_(gates(biases[1]))


def _training(
    network: Network, task: dict[str, Any], batches: torch.Tensor, targets: torch.Tensor
) -> Callable[[], object]:
    rate = task["recipe"]["training"]["learning_rate"]
    optimizer = torch.optim.Adam(network.parameters(), lr=rate, eps=1e-7, fused=True)
    loss_function = nn.BCEWithLogitsLoss()
    turns = cycle(zip(batches, targets, strict=True))

    def step() -> float:
        indices, wanted = next(turns)
        network.train()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_function(network(indices), wanted) + network.penalty()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step
