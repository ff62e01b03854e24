"""One line a run, so that tuning hoiquy to the test files shows."""

import csv
import subprocess
from pathlib import Path
from typing import Any

from hoiquy.errors import WriteError
from hoiquy.system.atomic_write import make_folder
from judge.differences import Summary
from judge.process import BENCHMARKS
from judge.results import Results

HISTORY = BENCHMARKS.parent / "docs" / "judge_history.csv"


def append_history(path: Path, results: Results, summary: Summary) -> None:
    """Append the line, and the header to a new file. Raises WriteError if it cannot be written."""
    line = history_line(results, summary)
    make_folder(path.parent)
    is_new = not path.exists()
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(line), lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerow(line)
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error


def history_line(results: Results, summary: Summary) -> dict[str, Any]:
    """Differences to the best baseline in points, over the sets; verdicts as in the tables."""
    seeds = {one.seed for one in summary.comparisons}
    return {
        "date": results.machine["date"],
        "commit": results.settings["commit"],
        "minutes": f"{results.settings['minutes']:g}",
        "seeds": " ".join(map(str, sorted(seeds))),
        "sets": len(summary.sets),
        "accuracy_difference": f"{100 * summary.mean('accuracy'):.2f}",
        "macro_f1_difference": f"{100 * summary.mean('macro_f1'):.2f}",
        "better": summary.count("better"),
        "worse": summary.count("worse"),
        "better_uncorrected": summary.count_uncorrected("better"),
        "worse_uncorrected": summary.count_uncorrected("worse"),
        "names": " ".join(one.name for one in summary.sets),
    }


def current_commit() -> str:
    """The commit of this repository, with a + if src/ has other changes; "unknown" without git."""
    commit = _git("rev-parse", "--short=10", "HEAD")
    changed = _git("status", "--porcelain", "--", "src")
    return f"{commit}{'+' if changed else ''}" if commit else "unknown"


def _git(*arguments: str) -> str:
    try:
        found = subprocess.run(
            ["git", *arguments], cwd=BENCHMARKS.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()
