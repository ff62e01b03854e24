"""What gives the numbers of a run again: its command, its plan, or nothing for certain."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from hoiquy.messages import Lang, text
from hoiquy.runs.folder import Run

Repetition = Literal["command", "plan", "resume", "changed"]
ORDER: tuple[Repetition, ...] = ("command", "plan", "resume", "changed")


def repetition_of(run: Run, environment: Mapping[str, Any]) -> Repetition:
    """How to get the numbers of a run again.

    command   the same command, data, seed and processor family
    plan      `hoiquy verify --retrain`: the command had a time limit, and time decided
    resume    the training is unfinished
    changed   versions or the processor changed while it was trained
    """
    if run.result.changes:
        return "changed"
    if run.result.status == "interrupted":
        return "resume"
    return "plan" if _is_timed(run, environment) else "command"


def repetition_sentences(
    found: Iterable[tuple[Run, Repetition]], lang: Lang
) -> list[tuple[str, Sequence[Run]]]:
    """A sentence for each way that occurs, with its runs."""
    by_way: dict[Repetition, list[Run]] = {}
    for run, way in found:
        by_way.setdefault(way, []).append(run)
    return [(text(f"report.repeat_{way}", lang), by_way[way]) for way in ORDER if way in by_way]


def _is_timed(run: Run, environment: Mapping[str, Any]) -> bool:
    if run.result.minutes is not None:
        return True
    try:
        words = shlex.split(str(environment.get("command", "")))
    except ValueError:  # a damaged command
        return False
    return any(word == "--minutes" or word.startswith("--minutes=") for word in words)
