"""Documents per second of `hoiquy predict`, from a CSV file to a CSV file."""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

import hoiquy
from hoiquy.nn.shards import default_threads
from hoiquy.prediction.load import load_predictor
from hoiquy.recipe.recipe import parse_recipe

WORDS, LENGTH = 20_000, 40
RECIPE = f"""
name = "short"
data = {{max_length = {LENGTH}}}
training = {{epochs = 1}}
[[model.layers]]
type = "embedding"
units = 64
[[model.layers]]
type = "lstm"
units = 64
[[model.layers]]
type = "dense"
activation = "sigmoid"
"""
PROGRAM = [sys.executable, "-c", "from hoiquy.cli.main import main; main()"]


def texts(count: int, seed: int) -> list[str]:
    """Texts of LENGTH words, each as frequent as its rank lets it be (Zipf)."""
    rng = np.random.default_rng(seed)
    words = np.array([f"w{np.base_repr(number, 36).lower()}" for number in range(WORDS)])
    weights = 1 / np.arange(1, WORDS + 1)
    drawn = rng.choice(WORDS, (count, LENGTH), p=weights / weights.sum())
    return [" ".join(row) for row in words[drawn]]


def write_table(path: Path, content: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows(enumerate(content))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--repetitions", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), chosen.documents, chosen.repetitions)


def measure(folder: Path, documents: int, repetitions: int) -> None:
    labelled = [(text, "ab"[at % 2]) for at, text in enumerate(texts(4000, 1))]
    hoiquy.train(labelled, parse_recipe(RECIPE, "benchmark"), folder / "run")
    content = texts(documents, 2)
    write_table(folder / "short.csv", content)
    predictor = load_predictor(folder / "run")
    encoded = predictor.vocabulary.encode_all(content)
    write_table(folder / "one.csv", content[:1])
    predictor.predict_proba_encoded(encoded)  # loads the kernels
    whole, start, alone = [], [], []
    print(f"{os.cpu_count()} processors, {default_threads()} threads")
    print("seconds: the whole program, its start, the network alone")
    for _ in range(repetitions):
        whole.append(program_seconds(folder, "short.csv"))
        start.append(program_seconds(folder, "one.csv"))
        begun = time.perf_counter()
        predictor.predict_proba_encoded(encoded)
        alone.append(time.perf_counter() - begun)
        load = os.getloadavg()[0]
        print(f"  {whole[-1]:5.2f}  {start[-1]:5.2f}  {alone[-1]:5.2f}  load {load:.1f}")
    started = median(one - other for one, other in zip(whole, start, strict=True))
    print(f"{documents:,} documents, medians of {repetitions}:")
    for what, seconds in (
        ("whole program", median(whole)),
        ("once started", started),
        ("network alone", median(alone)),
    ):
        print(f"  {what:14} {seconds:5.2f} s  {documents / seconds:8,.0f} documents/s")


def program_seconds(folder: Path, table: str) -> float:
    """How long `hoiquy predict` takes for a table, from its start to its end."""
    files = ["--file", str(folder / table), "--out", str(folder / "answers.csv")]
    begun = time.perf_counter()
    subprocess.run([*PROGRAM, "predict", str(folder / "run"), "--quiet", *files], check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
