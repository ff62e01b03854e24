"""Encode and train on two million documents in limited memory."""

import argparse
import filecmp
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.random import Generator

WORDS, TELLING = 200_000, 100  # and so many more of each class
SHORTEST, LONGEST = 60, 100  # words of a document
PIECE = 50_000  # documents that are made at once
STEPS = 200
TEST_DOCUMENTS, VALIDATION = 5_000, 0.005
MEASURES = ("VmData", "RssAnon", "VmRSS")
SECONDS = 0.25  # between two looks at the memory
SETTINGS = ["text.ngrams=1", f"data.validation_fraction={VALIDATION}"]
AT_ONCE = ["training.schedule.warmup_epochs=0"]  # else 200 steps would be a part of the warm-up
MEGABYTE = 1e6


def texts(count: int, rng: Generator) -> tuple[list[str], np.ndarray]:
    """So many texts, and the class of each."""
    words = np.array([f"w{np.base_repr(number, 36).lower()}" for number in range(WORDS)], object)
    telling = np.array([f"{of}{number}" for of in "xy" for number in range(TELLING)], object)
    cumulative = np.cumsum(1 / np.arange(1, WORDS + 1))
    lengths = rng.integers(SHORTEST, LONGEST + 1, count)
    ends, labels = np.cumsum(lengths), rng.integers(0, 2, count)
    drawn = words[np.searchsorted(cumulative, rng.random(ends[-1]) * cumulative[-1])]
    for _ in range(3):  # words of a document's class, in random places
        places = ends - 1 - rng.integers(0, SHORTEST, count)
        drawn[places] = telling[labels * TELLING + rng.integers(0, TELLING, count)]
    return [" ".join(words) for words in np.split(drawn, ends[:-1])], labels


def write_corpus(path: Path, documents: int, seed: int) -> int:
    """A Parquet file with the columns text and label; returns the bytes of the texts."""
    schema = pa.schema([("text", pa.string()), ("label", pa.string())])
    size = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for number, first in enumerate(range(0, documents, PIECE)):
            rng = np.random.default_rng([seed, number])
            content, labels = texts(min(PIECE, documents - first), rng)
            size += sum(map(len, content))
            columns = [pa.array(content), pa.array(["no", "yes"]).take(pa.array(labels))]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return size


def run(limit: int, threads: int, *arguments: str | Path) -> tuple[float, float, float]:
    """Run hoiquy under the limit and print its memory.

    Returns seconds by the clock, of its processor, and of the processes that read texts for it.
    """
    program = (
        "import json, resource; "
        f"resource.setrlimit(resource.RLIMIT_DATA, ({limit}, {limit})); "
        "from hoiquy.cli.main import _run; import sys; code = _run(sys.argv[1:]); "
        "used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, "
        "resource.RUSAGE_CHILDREN)]; "
        "print(json.dumps([one.ru_utime + one.ru_stime for one in used]), file=sys.stderr); "
        "sys.exit(code)"
    )
    environment = os.environ | {"HOIQUY_THREADS": str(threads)}
    begun = time.perf_counter()
    command = [sys.executable, "-c", program, *map(str, arguments)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    looks = []
    while process.poll() is None:
        looks.append(memory(process.pid))
        time.sleep(SECONDS)
    seconds = time.perf_counter() - begun
    assert process.stderr is not None
    errors = process.stderr.read()
    if process.returncode:
        raise SystemExit(errors)
    show(np.array([look for look in looks if look]), seconds)
    own, children = json.loads(errors.splitlines()[-1])
    return seconds, own, children


def memory(process: int) -> list[float]:
    """MEASURES of a process in MB; nothing where it has just ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return []
    found = dict(line.split(":", 1) for line in lines)
    return [int(found[name].split()[0]) * 1024 / MEGABYTE for name in MEASURES if name in found]


def show(looks: np.ndarray, seconds: float) -> None:
    """Memory at its most, and at each tenth of the time."""
    for name, column in zip(MEASURES, looks.T, strict=True):
        tenths = [f"{part.max():.0f}" for part in np.array_split(column, 10)]
        print(f"    {name:8} at most {column.max():6.0f} MB; by tenths: {' '.join(tenths)}")


def size(folder: Path, pattern: str = "*") -> float:
    return sum(path.stat().st_size for path in folder.glob(pattern)) / MEGABYTE


def encode(folder: Path, limit: int, processes: int, documents: int) -> float:
    """Encode on so many processes; documents a second."""
    store = folder / f"store-{processes}"
    print(f"encode, {processes} {'process' if processes == 1 else 'processes'}:", flush=True)
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    seconds, own, children = run(
        limit, processes, "encode", folder / "train.parquet", "--test", folder / "test.parquet",
        "--recipe", "fast", *settings, "--out", store, "--quiet",
    )  # fmt: skip
    rate = documents / seconds
    print(
        f"    {seconds:.0f} s, {rate:,.0f} documents/s; processor: {own:.0f} s here and "
        f"{children:.0f} s in the processes that read, {documents / (own + children):,.0f} "
        f"documents a second of it; load {os.getloadavg()[0]:.1f}"
    )
    return rate


def train(folder: Path, limit: int, batch: int = 64) -> None:
    print(f"train, {STEPS} steps of {batch} documents from the store:", flush=True)
    settings = [part for setting in (*SETTINGS, *AT_ONCE) for part in ("--set", setting)]
    seconds, own, children = run(
        limit, 2, "train", folder / "store-2", "--recipe", "fast", *settings, "--set",
        f"training.max_steps={STEPS}", "--out", folder / "run", "--quiet",
    )  # fmt: skip
    result = json.loads((folder / "run" / "result.json").read_bytes())
    cost = json.loads((folder / "run" / "cost.json").read_bytes())
    print(
        f"    {seconds:.0f} s, of which training with validation {cost['seconds']:.0f}; processor "
        f"{own + children:.0f} s; test accuracy {result['test_accuracy']:.2%} on "
        f"{result['test_documents']:,}, validated on {result['validation_documents']:,}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=2_000_000)
    parser.add_argument("--limit", type=int, default=1_000_000_000, help="bytes of RLIMIT_DATA")
    chosen = parser.parse_args()
    folder, documents = chosen.out, chosen.documents
    folder.mkdir(parents=True)
    there = write_corpus(folder / "train.parquet", documents, 1) / MEGABYTE
    write_corpus(folder / "test.parquet", TEST_DOCUMENTS, 2)
    print(
        f"{documents:,} documents, {there:,.0f} MB of text, {size(folder, 'train.parquet'):,.0f} "
        f"MB as Parquet; RLIMIT_DATA {chosen.limit / MEGABYTE:,.0f} MB; {os.cpu_count()} cores",
        flush=True,
    )
    one, two = (encode(folder, chosen.limit, processes, documents) for processes in (1, 2))
    same = filecmp.cmp(folder / "store-1/manifest.json", folder / "store-2/manifest.json", False)
    print(f"two processes: {two / one:.2f} times as fast; the same bytes: {same}")
    store = folder / "store-2"
    print(f"store: {size(store):,.0f} MB, tokens {size(store, '*-tokens-*'):,.0f} MB")
    train(folder, chosen.limit)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
