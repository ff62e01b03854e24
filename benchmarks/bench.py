"""Training and prediction beside Keras, PyTorch and ONNX Runtime (`make bench`)."""

import argparse
import datetime
import os
import platform
import sys
from pathlib import Path

from hoiquy.errors import HoiquyError
from hoiquy.nn.shards import default_threads
from hoiquy.runs.environment import processor_name
from hoiquy.system.atomic_write import make_folder, write_text
from hoiquy.training.kernel_compilation import finish_compiling
from peers.cases import WHATS, plan_cases
from peers.chart import draw_chart
from peers.libraries import PEERS, ensure_environment
from peers.results import HOIQUY, CaseResult, Results
from peers.rounds import Method, measure_case
from peers.table import to_markdown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--against", nargs="*", choices=[*PEERS], default=[*PEERS], metavar="NAME",
        help=f"default: {', '.join(PEERS)}; without a name: hoiquy alone",
    )  # fmt: skip
    parser.add_argument("--what", nargs="+", choices=WHATS, default=[*WHATS], help="default: all")
    parser.add_argument("--recipe", nargs="+", default=[], metavar="NAME|FILE")
    parser.add_argument("--vary", default="", metavar="KEY=VALUE,…", help="a setting's values")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--documents", type=int, default=25_000, help="of inference in batches (default: 25000)"
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
    """Measure everything; the report is written in any case, of what was measured by then."""
    cases = plan_cases(arguments.what, arguments.recipe, arguments.vary, arguments.documents)
    peers = [PEERS[name] for name in dict.fromkeys(arguments.against)]
    pythons = {peer.name: ensure_environment(peer) for peer in peers}
    finish_compiling()
    method = Method(arguments.rounds, default_threads(), {HOIQUY: Path(sys.executable), **pythons})
    results = empty_results(method)
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


def empty_results(method: Method) -> Results:
    """Results without a case yet: the machine, the date and the settings."""
    machine = {
        "processor": processor_name(),
        "cpu_count": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    return Results(machine, {"threads": method.threads, "rounds": method.rounds})


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


if __name__ == "__main__":
    main()
