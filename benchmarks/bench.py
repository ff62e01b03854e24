"""Training and prediction beside Keras, PyTorch and ONNX Runtime (`make bench`)."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from grid.design import SEED
from grid.heat_map import draw_heat_map
from grid.measure import GridWorkers
from grid.participants import (
    DEFAULT_PEERS,
    GRID_PEERS,
    LAYER_PEERS,
    OWN,
    OWN_LAYER,
    SGEMM_PEER,
    UNROLLED,
    gather,
)
from grid.plan import CELLS, MINUTES, measure_grid, plan_cells, plan_layers
from grid.results import GridResults
from grid.tables import to_markdown as grid_to_markdown
from hoiquy.errors import HoiquyError
from hoiquy.nn.shards import default_threads
from hoiquy.system.atomic_write import make_folder, write_text
from hoiquy.training.kernel_compilation import finish_compiling
from machine import machine
from peers.cases import WHATS, Case, plan_cases
from peers.chart import draw_chart
from peers.libraries import PEERS, ensure_environment
from peers.results import HOIQUY, CaseResult, Results
from peers.rounds import Method, measure_case
from peers.table import to_markdown

ROUNDS, GRID_ROUNDS = 7, 5
_NAMES = [*dict.fromkeys([*PEERS, *DEFAULT_PEERS])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--against", nargs="*", choices=[*_NAMES, UNROLLED], default=_NAMES, metavar="NAME",
        help=f"default: {', '.join(_NAMES)}; without a name: hoiquy alone; also {UNROLLED}",
    )  # fmt: skip
    parser.add_argument(
        "--what", nargs="+", choices=[*WHATS, "grid"], default=[*WHATS, "grid"], help="default: all"
    )
    parser.add_argument("--recipe", nargs="+", default=[], metavar="NAME|FILE")
    parser.add_argument("--vary", default="", metavar="KEY=VALUE,…", help="a setting's values")
    parser.add_argument("--rounds", type=int, help=f"default: {ROUNDS}, of the grid {GRID_ROUNDS}")
    parser.add_argument(
        "--documents", type=int, default=25_000, help="of inference in batches (default: 25000)"
    )
    parser.add_argument(
        "--cells", type=int, default=CELLS, help=f"drawn cells of the grid (default: {CELLS})"
    )
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help=f"of the grid at most ({MINUTES:g})"
    )
    parser.add_argument("--out", type=Path, default=Path("bench"))
    arguments = parser.parse_args()
    try:
        run(arguments)
    except KeyboardInterrupt:
        parser.exit(1, f"stopped by Ctrl-C; whole rounds are in {arguments.out}\n")
    except HoiquyError as error:
        parser.exit(1, f"{error}\n")


def run(arguments: argparse.Namespace) -> None:
    """Measure everything; the reports are written in any case, of what was measured by then."""
    cases = plan_cases(arguments.what, arguments.recipe, arguments.vary, arguments.documents)
    if cases:
        measure_recipes(cases, arguments)
    if "grid" in arguments.what:
        measure_cells(arguments)


def measure_recipes(cases: Sequence[Case], arguments: argparse.Namespace) -> None:
    """Training and inference of the recipes."""
    peers = [PEERS[name] for name in dict.fromkeys(arguments.against) if name in PEERS]
    pythons = {peer.name: ensure_environment(peer) for peer in peers}
    finish_compiling()
    rounds = arguments.rounds or ROUNDS
    method = Method(rounds, default_threads(), {HOIQUY: Path(sys.executable), **pythons})
    results = Results(machine(), {"threads": method.threads, "rounds": rounds})
    try:
        for number, case in enumerate(cases, start=1):
            print(f"{number}/{len(cases)} {case.what} {case.label}", end=": ", file=sys.stderr)
            sys.stderr.flush()
            results.cases.append(CaseResult(case))
            measure_case(case, peers, method, results.cases[-1])
            print(summary(results.cases[-1]), file=sys.stderr)
    finally:
        write_report(results, arguments.out)
    print(to_markdown(results))


def measure_cells(arguments: argparse.Namespace) -> None:
    """The grid: recurrent layers alone, then whole networks."""
    planned = plan_cells(arguments.cells)
    names = arguments.against
    layers = gather([OWN_LAYER, SGEMM_PEER], LAYER_PEERS, names)
    networks = gather([OWN], GRID_PEERS, names)
    left_out = layers.left_out | networks.left_out
    for name, reason in left_out.items():
        print(f"{name} is left out: {reason}", file=sys.stderr)
    finish_compiling()
    deadline = time.monotonic() + 60 * arguments.minutes
    rounds, threads = arguments.rounds or GRID_ROUNDS, default_threads()
    settings = {"threads": threads, "rounds": rounds, "cells": arguments.cells, "seed": SEED}
    results = GridResults(machine(), settings | {"against": names}, left_out)

    def save() -> None:
        write_text(arguments.out / "grid.json", results.to_json())

    make_folder(arguments.out)
    try:
        for part, of in ((plan_layers(planned), layers), (planned, networks)):
            with GridWorkers(of.peers, Method(rounds, threads, of.pythons)) as workers:
                measure_grid(part, workers, results, deadline, save)
    finally:
        write_grid(results, arguments.out)
    print(grid_to_markdown(results))


def summary(result: CaseResult) -> str:
    """One measured case in one line."""
    own, *peers = result.participants
    parts = [f"hoiquy {own.spread().median:,.2f} ms"]
    for peer in peers:
        parts.append(f"{peer.title} ({peer.embedding}) {result.ratio(peer).median:.2f}×")
    return "; ".join(parts)


def write_report(results: Results, folder: Path) -> None:
    """Write all times to bench.json, the tables to bench.md, the chart to training.png."""
    make_folder(folder)
    write_text(folder / "bench.json", results.to_json())
    write_text(folder / "bench.md", to_markdown(results))
    draw_chart(results, folder / "training.png")


def write_grid(results: GridResults, folder: Path) -> None:
    """Write all times to grid.json, the tables to grid.md, the heat map to grid.png."""
    make_folder(folder)
    write_text(folder / "grid.json", results.to_json())
    write_text(folder / "grid.md", grid_to_markdown(results))
    draw_heat_map(results, folder / "grid.png")


if __name__ == "__main__":
    main()
