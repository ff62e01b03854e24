"""The learning curves as JSON for charts.js."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from hoiquy.messages import LANGUAGES, text
from hoiquy.report.exercises import ExerciseRuns
from hoiquy.runs.history import EpochRecord

_TEXTS = ("epoch", "train", "validation", "test")
_DIGITS = 6


@dataclass(frozen=True)
class Curve:
    """The curves of one training; `number` is its place in the JSON."""

    number: int
    seed: int
    history: Sequence[EpochRecord]

    @property
    def last(self) -> EpochRecord:
        return self.history[-1]


def curves_json(groups: Sequence[tuple[ExerciseRuns, int]]) -> Markup:
    """All runs with a completed epoch and the colour of their group, for a <script>.

    `groups` come with their colour numbers; runs are in the order of `curves_of`.
    """
    runs = [
        _run(group, place, colour)
        for group, colour in groups
        for place, run in enumerate(group.runs)
        if run.history
    ]
    words = {
        lang: {name: text(f"curve.{name}", lang) for name in _TEXTS}
        | {
            "seed": text("page.seed", lang, seed="#"),
            "atEpoch": text("page.at_epoch", lang, epoch="#"),
        }
        for lang in LANGUAGES
    }
    return escaped_json({"runs": runs, "texts": words})


def curves_of(groups: Sequence[ExerciseRuns]) -> list[list[Curve]]:
    """The curves of each group, numbered consecutively."""
    number = 0
    found = []
    for group in groups:
        curves = []
        for run in group.runs:
            if run.history:
                curves.append(Curve(number, run.result.seed, run.history))
                number += 1
        found.append(curves)
    return found


def escaped_json(content: Any) -> Markup:
    """JSON that is safe inside a <script>: it cannot end the element or open a comment."""
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        plain = plain.replace(character, f"\\u{ord(character):04x}")
    return Markup(plain)


def _run(group: ExerciseRuns, place: int, colour: int) -> dict[str, Any]:
    run = group.runs[place]
    several = len(group.runs) > 1
    test = run.result.test_accuracy
    return {
        "label": {lang: group.label(lang) for lang in LANGUAGES},
        "seed": run.result.seed if several else None,
        "colour": colour,
        "accuracy": [_number(100 * record.accuracy) for record in run.history],
        "val_accuracy": [_number(100 * record.val_accuracy) for record in run.history],
        "loss": [_number(record.loss) for record in run.history],
        "val_loss": [_number(record.val_loss) for record in run.history],
        "test": None if test is None else _number(100 * test),
    }


def _number(value: float) -> float | None:
    """Six digits suffice for a screen; JSON has no NaN."""
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
