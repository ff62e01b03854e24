"""Read a hoiquy run folder without hoiquy: python read_run.py RUN TEXT …

It cuts texts as the lab does (text.tokenizer = "keras", text.normalization = "none").
"""

import sys
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

ACTIVATIONS = {
    "linear": lambda x: x, "relu": lambda x: np.maximum(x, 0), "tanh": np.tanh,
    "sigmoid": lambda x: 0.5 + 0.5 * np.tanh(x / 2),
    "softmax": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
}  # fmt: skip
sigmoid = ACTIVATIONS["sigmoid"]
MARKS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def below(arrays, name):
    return {k.removeprefix(f"{name}/"): v for k, v in arrays.items() if k.startswith(f"{name}/")}


def recurrent(table, w, x, counts):
    """x (time, features), one document; returns (time, units). A masked step keeps the state."""
    h = c = np.zeros(table["units"], np.float32)
    states = []
    for at, counted in zip(x @ w["kernel"], counts, strict=True):
        before, bias = (h, c), w["bias"]
        if table["type"] == "lstm":  # gates i f c o
            i, f, g, o = np.split(at + h @ w["recurrent_kernel"] + bias, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        elif table["type"] == "gru":  # gates z r h, two biases
            xz, xr, xh = np.split(at + bias[0], 3)
            hz, hr, hh = np.split(h @ w["recurrent_kernel"] + bias[1], 3)
            z = sigmoid(xz + hz)
            h = z * h + (1 - z) * np.tanh(xh + sigmoid(xr + hr) * hh)
        else:
            h = ACTIVATIONS[table["activation"]](at + h @ w["recurrent_kernel"] + bias)
        h, c = (h, c) if counted else before
        states.append(h)
    return np.array(states)


def layer(table, w, x, counts):
    if table["type"] == "dense":
        return ACTIVATIONS[table["activation"]](x @ w["kernel"] + w["bias"])
    if table["type"] == "pooling":
        return x[counts].max(axis=0) if table["over_time"] == "max" else x[counts].mean(axis=0)
    if not table["bidirectional"]:
        y = recurrent(table, w, x, counts)
        return y if table["return_sequences"] else y[-1]
    ahead = recurrent(table, below(w, "forward"), x, counts)
    behind = recurrent(table, below(w, "backward"), x[::-1], counts[::-1])
    if table["return_sequences"]:
        return np.concatenate([ahead, behind[::-1]], axis=1)
    return np.concatenate([ahead[-1], behind[-1]])


def indices(text, recipe, words):
    """0 pads, 1 starts, 2 is any other word, the word of rank r (from 1) has index r + 3."""
    kept = words[: recipe["text"]["num_words"] - 4]
    index = {word: number for number, word in enumerate(kept, 4)}
    spaced = text.lower().translate({ord(mark): " " for mark in MARKS})
    found = [1] + [index.get(word, 2) for word in spaced.split(" ") if word]
    data = recipe["data"]
    longest = data["max_length"]
    found = found[-longest:] if data["truncating"] == "left" else found[:longest]
    pad = [0] * (longest - len(found))
    return np.array(pad + found if data["padding"] == "left" else found + pad)


def probabilities(run, text):
    """(classes,): they add up to 1 after a softmax, and need not after sigmoids."""
    recipe = tomllib.loads(Path(run, "recipe.toml").read_text("utf-8"))
    content = Path(run, "vocabulary.txt").read_bytes().decode("utf-8", "surrogatepass")
    words = content.split("\n")[:-1]
    weights = load_file(Path(run, "weights.safetensors"))
    found, tables = indices(text, recipe, words), recipe["model"]["layers"]
    x, counts, seen = found[:, None].astype(np.float32), np.ones(len(found), bool), Counter()
    for table in tables:
        kind = "bidirectional" if table.get("bidirectional") else table["type"]
        name = f"{kind}_{seen[kind]}" if seen[kind] else kind  # as Keras numbers them
        seen[kind] += 1
        w = below(weights, name)
        if kind == "embedding":
            x, counts = w["embeddings"][found], found != 0 if table["mask_zero"] else counts
        elif kind != "dropout":
            x = layer(table, w, x, counts)
    return x


if __name__ == "__main__":
    for text in sys.argv[2:]:
        print(*(f"{p:.6f}" for p in probabilities(sys.argv[1], text)))
