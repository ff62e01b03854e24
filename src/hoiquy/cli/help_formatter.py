"""Lay out the help of commands in the language of the command line."""

import re
from collections.abc import Iterable

import click

from hoiquy.messages import translated

_VERBATIM = "\b\n"  # click's mark of a paragraph whose lines are kept
_EXTRA = re.compile(r"(.*?)  \[(.*)\]", re.DOTALL)  # help and "default: 5; required"
_USAGE = ("[OPTIONS]", "[COMMAND] [ARGS]...", "COMMAND [ARGS]...")
_TYPES = (" INTEGER RANGE", " FLOAT RANGE")


class HelpFormatter(click.HelpFormatter):
    """Translates what click writes: usage, headings, paragraphs and tables of options."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for word in _USAGE:
            args = args.replace(word, translated(word))
        super().write_usage(prog, args, prefix or f"{translated('Usage:')} ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(translated(heading))

    def write_text(self, text: str) -> None:
        super().write_text("\n\n".join(map(_paragraph, text.split("\n\n"))))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        super().write_dl(
            [(_names(names), _option_help(text)) for names, text in rows], col_max, col_spacing
        )


class HelpContext(click.Context):
    """A context whose help is written by `HelpFormatter`."""

    formatter_class = HelpFormatter


def use_help_context(command: click.Command) -> None:
    """Have `HelpFormatter` write the help of a command, and of the commands in it."""
    command.context_class = HelpContext
    for inner in getattr(command, "commands", {}).values():
        use_help_context(inner)


def _paragraph(text: str) -> str:
    if text.startswith(_VERBATIM):
        first, *lines = text.removeprefix(_VERBATIM).split("\n")
        return _VERBATIM + "\n".join([translated(first), *lines])
    return translated(" ".join(text.split()))


def _names(names: str) -> str:
    for kind in _TYPES:
        names = names.replace(kind, translated(kind))
    return names


def _option_help(text: str) -> str:
    found = _EXTRA.fullmatch(text)
    if found is None:
        return translated(text)
    extra = "; ".join(_extra(part) for part in _parts(found[2]))
    return f"{translated(found[1])}  [{extra}]"


def _parts(extra: str) -> list[str]:
    """The parts of `default: imdb; with --quick imdb-train; required`, defaults whole."""
    known = r"; (?=required$|default: |env var: |x[<>]|\d[^;]*x)"
    return re.split(known, extra)


def _extra(part: str) -> str:
    """`default: all processors` or `required`, translated."""
    name, separator, value = part.partition(": ")
    if value.startswith("(") and value.endswith(")"):  # no value of the option
        return f"{translated(name + separator)}({translated(value[1:-1])})"
    return translated(part)
