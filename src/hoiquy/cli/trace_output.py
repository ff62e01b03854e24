"""Print a reading trace with coloured words, or as a line of JSON."""

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

    from hoiquy.data.unlabelled.rows import Document
    from hoiquy.messages import Lang
    from hoiquy.prediction.explain import ReadingTrace

# Change of the predicted class's probability by one word.
_STRONG, _CLEAR, _SLIGHT = 0.2, 0.05, 0.01


def print_trace(trace: "ReadingTrace", lang: "Lang") -> None:
    """Print the prediction, the coloured text, and the words that changed the prediction most.

    Green words raised the predicted class's probability, red ones lowered it. Colour is not the
    only sign: the most important words are listed with their figures.
    """
    from rich.console import Console
    from rich.text import Text

    from hoiquy.messages import text
    from hoiquy.nn.metrics import THRESHOLD

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    predicted = trace.classes[trace.answer]
    before, after = (float(trace.probabilities[at, trace.answer]) for at in (0, -1))
    if trace.multilabel:
        if trace.labels:
            console.print(
                text("predict.labels", lang, labels=", ".join(trace.labels)), markup=False
            )
        else:
            console.print(text("predict.no_label", lang, threshold=THRESHOLD), markup=False)
        console.print(text("predict.shown_for", lang), markup=False)
    console.print(
        text("predict.answer", lang, answer=predicted, before=before, after=after), markup=False
    )
    if trace.not_read:
        console.print(text("predict.not_read", lang, words=trace.not_read), markup=False)
    line = Text()
    for word in trace.words:
        line.append(_visible(word.word), _style(word.change))
        line.append(" ")
    console.print(line)
    changes = trace.largest_changes()
    if changes:
        console.print(text("predict.turned_by", lang), markup=False)
    for at in changes:
        console.print(_change_line(trace, at, lang))


def _change_line(trace: "ReadingTrace", at: int, lang: "Lang") -> "Text":
    from rich.text import Text

    from hoiquy.messages import format_number, text

    word = trace.words[at]
    after = float(trace.probabilities[at + 1, trace.answer])
    unknown = "" if word.known else f"  {text('predict.unknown', lang)}"
    sign = "+" if word.change > 0 else "−"
    change = format_number(abs(100 * word.change), "decimal2", lang)
    line = Text("  ")
    line.append(f"{sign}{change:>6}", _style(word.change))
    line.append(f"  → {format_number(after, 'percent2', lang)}  {_visible(word.word)}{unknown}")
    return line


def _style(change: float) -> str:
    if abs(change) < _SLIGHT:
        return ""
    colour = "green" if change > 0 else "red"
    if abs(change) >= _STRONG:
        return f"bold reverse {colour}"
    return f"bold {colour}" if abs(change) >= _CLEAR else colour


def _visible(word: str) -> str:
    """Replace control characters, which could move the cursor."""
    sound = word.encode("utf-8", "replace").decode("utf-8")
    return "".join(letter if letter.isprintable() else "·" for letter in sound)


def echo_trace(document: "Document", trace: "ReadingTrace") -> None:
    """Print the trace as one line of JSON."""
    from hoiquy.cli.prediction_output import decimals, prediction_facts
    from hoiquy.prediction.table import sound

    rows = decimals(trace.probabilities).tolist()
    prediction = trace.labels if trace.multilabel else trace.classes[trace.answer]
    facts = prediction_facts(document, prediction, rows[-1], trace.classes)
    facts["not_read"] = trace.not_read
    facts["before"] = dict(zip(trace.classes, rows[0], strict=True))
    facts["trace"] = [
        {
            "word": sound(word.word),
            "known": word.known,
            "change": word.change,
            "probabilities": dict(zip(trace.classes, row, strict=True)),
        }
        for word, row in zip(trace.words, rows[1:], strict=True)
    ]
    facts["largest_changes"] = trace.largest_changes()
    click.echo(json.dumps(facts, ensure_ascii=False))
