"""The command that starts hoiquy in the user's shell: by name where that works, else by path."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

NAME = "hoiquy"


def program() -> str:
    """`hoiquy`, or the path of its script, relative to the current folder if it is below it.

    The path is needed where the environment of this Python is not active.
    """
    script = Path(sys.executable).with_name(NAME)
    found = shutil.which(NAME)
    if not script.is_file() or (found is not None and Path(found).samefile(script)):
        return NAME
    path = os.path.relpath(script)
    if path.startswith(os.pardir):
        return shlex.quote(str(script))
    return shlex.quote(path if os.sep in path else f"./{path}")


def with_program(words: str, commands: Iterable[str]) -> str:
    """The words, with `hoiquy COMMAND` as it can be called in this shell."""
    called = program()
    if called == NAME:
        return words
    names = "|".join(map(re.escape, commands))
    return re.sub(rf"(?<![\w./-]){NAME} (?=(?:{names})\b)", lambda found: f"{called} ", words)
