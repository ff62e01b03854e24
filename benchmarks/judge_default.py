"""The default of `hoiquy train` beside simple baselines on labelled sets (`make judge`)."""

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path

from continued import run_continued
from hoiquy.system.atomic_write import make_folder, write_text
from hoiquy.training.kernel_compilation import finish_compiling
from judge.differences import Summary, summarise
from judge.history import HISTORY, append_history, current_commit
from judge.participants import HOIQUY, baseline_participants, own_participant
from judge.picture import draw_picture
from judge.plan import measure_steps, plan_steps
from judge.results import Results, facts_of, load_outcomes
from judge.sets import find_sets, read_set
from judge.tables import to_markdown
from machine import machine

MINUTES, SEEDS = 5.0, (1, 2, 3)
_ONLY = ("baselines", "hoiquy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sets", nargs="*", type=Path, default=[], metavar="FOLDER",
        help="folders of labelled sets, or sets (train.csv and test.csv, header text,label)",
    )  # fmt: skip
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help=f"of each training (default: {MINUTES:g})"
    )
    parser.add_argument(
        "--seeds", nargs="+", type=int, default=SEEDS, metavar="N", help="default: 1 2 3"
    )
    parser.add_argument("--only", choices=_ONLY, help="measure these alone; report all there is")
    parser.add_argument("--out", type=Path, default=Path("judge"), help="default: judge")
    parser.add_argument(
        "--history", type=Path, default=HISTORY, metavar="FILE",
        help="CSV file that gets a line (default: docs/judge_history.csv)",
    )  # fmt: skip
    arguments = parser.parse_args()
    if not arguments.minutes > 0:
        parser.error("--minutes: expected a number above 0")
    run_continued(parser, arguments, run)


def run(arguments: argparse.Namespace) -> None:
    """Measure what is missing; the reports are written in any case, of what is there by then."""
    sets = [read_set(folder) for folder in find_sets(arguments.sets)]
    baselines, left_out = baseline_participants(measured=arguments.only != "hoiquy")
    participants = [*baselines, own_participant()]
    seeds = list(dict.fromkeys(arguments.seeds))
    steps = plan_steps(sets, participants, seeds, arguments.minutes)
    settings = {"minutes": arguments.minutes, "seeds": seeds, "commit": current_commit()}
    results = Results(machine(), settings, facts_of(sets), [step.key for step in steps])
    results.outcomes = load_outcomes(arguments.out / "judge.json")
    results.not_measured = [f"{name}: {reason}" for name, reason in left_out.items()]
    skipped = {*left_out, *_skipped(arguments.only, [one.name for one in baselines])}
    finish_compiling()
    make_folder(arguments.out)

    def save(summary: Summary | None = None) -> None:
        derived = summary.to_json() if summary else {}
        write_text(arguments.out / "judge.json", results.to_json(derived))

    known = set(results.outcomes)
    chosen = [step for step in steps if step.key.participant not in skipped]
    try:
        measure_steps(chosen, results, arguments.out / "runs", save)
    finally:
        summary = summarise(results)
        save(summary)
        write_report(results, summary, arguments.out)
        new = [one for key, one in results.outcomes.items() if key not in known]
        if summary.sets and any(one.participant == HOIQUY for one in new):
            append_history(arguments.history, results, summary)
    print(to_markdown(results, summary))


def _skipped(only: str | None, baselines: Sequence[str]) -> list[str]:
    """The participants that --only leaves out."""
    return {None: [], "baselines": [HOIQUY], "hoiquy": list(baselines)}[only]


def write_report(results: Results, summary: Summary, folder: Path) -> None:
    """Write the tables to judge.md and the picture to judge.png."""
    write_text(folder / "judge.md", to_markdown(results, summary))
    draw_picture(summary, folder / "judge.png")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: no training is left
    main()
