"""The code cells of a Jupyter notebook, without the commands of IPython in them."""

import io
import json
import linecache
import re
import tokenize
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from hoiquy.errors import InputError
from hoiquy.keras.messages import print_note

# Commands over a whole cell, the rest of which is Python.
PYTHON_CELL = re.compile(r"%%(capture|debug|prun|time)\b")
_TIMED_LINE = re.compile(r"(?P<indent>\s*)%time\s+(?P<code>\S.*)")
_COMMAND = re.compile(
    r"""(?P<indent>\s*)(
        [%!].*                              # %matplotlib inline, !pip install …
        | [\w\s,.]+=\s*[%!]\s*\w.*          # files = !ls
        | \?{1,2}[\w.]+ | [\w.]+\?{1,2}     # ?name, name?
        | (pip|conda)\s+install\s.*
    )\s*$""",
    re.VERBOSE,
)
_SHOWN = 3


def notebook_cells(path: Path, content: bytes) -> list[Callable[[], CodeType]]:
    """The code of each cell that has some; a note on standard error counts what is left out.

    Raises:
        InputError: If the file is not a notebook.
    """
    cells: list[Callable[[], CodeType]] = []
    left_out: list[str] = []
    for number, source in enumerate(_sources(path, content), 1):
        code = without_commands(source, left_out)
        if code.strip():
            filename = f"{path}, cell {number}"
            lines = code.splitlines(keepends=True)
            linecache.cache[filename] = (len(code), None, lines, filename)
            cells.append(partial(compile, code, filename, "exec", dont_inherit=True))
    if left_out:
        print_note(left_out_note(left_out))
    return cells


def left_out_note(commands: list[str]) -> str:
    """The note that counts and names the commands of IPython that were left out."""
    number = "1 IPython command" if len(commands) == 1 else f"{len(commands):,} IPython commands"
    named = ", ".join(commands[:_SHOWN]) + (", …" if len(commands) > _SHOWN else "")
    return f"left out {number}: {named}"


def _sources(path: Path, content: bytes) -> list[str]:
    """The source of each code cell, of version 3 or 4 of the format."""
    try:
        notebook: Any = json.loads(content)
        if "worksheets" in notebook:
            sheets = notebook["worksheets"]
            notebook = {"cells": [cell for sheet in sheets for cell in sheet["cells"]]}
        sources = [
            cell["source"] if "source" in cell else cell["input"]
            for cell in notebook["cells"]
            if cell["cell_type"] == "code"
        ]
        return ["".join(source) for source in sources]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a Jupyter notebook: {error!r}") from error


def without_commands(source: str, left_out: list[str]) -> str:
    """The Python code of a cell, with the same number of lines; adds what it leaves out."""
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        left_out.append(first)
        return "\n" + without_commands(rest, left_out) if PYTHON_CELL.match(first) else ""
    lines: list[str] = []
    for statement in _statements(source):
        command = _COMMAND.match(statement[0])
        timed = _TIMED_LINE.match(statement[0])
        if timed:
            left_out.append("%time")
            lines += [timed["indent"] + timed["code"], *statement[1:]]
        elif command:
            left_out.append(statement[0].strip())
            lines += [f"{command['indent']}pass", *[""] * (len(statement) - 1)]
        else:
            lines += statement
    return "\n".join(lines)


def _statements(source: str) -> Iterator[list[str]]:
    """The lines of each statement or command: several where it goes on in the next line."""
    statement: list[str] = []
    for line in source.splitlines():
        statement.append(line)
        is_command = _COMMAND.match(statement[0]) and not _TIMED_LINE.match(statement[0])
        if not line.endswith("\\") and (is_command or not _is_open("\n".join(statement))):
            yield statement
            statement = []
    if statement:
        yield statement


def _is_open(text: str) -> bool:
    """Whether a bracket or a string of several lines is not closed."""
    try:
        list(tokenize.generate_tokens(io.StringIO(text).readline))
    except tokenize.TokenError:
        return True
    except SyntaxError:
        return False  # Python reports it when the cell is compiled
    return False
