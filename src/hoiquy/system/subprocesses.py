"""Processes that run a module of hoiquy: with the very packages of this one, wherever they are."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

Process = subprocess.Popen[bytes]


def module_command(module: str, *arguments: str) -> list[str]:
    """What runs a module in another process."""
    # -P: a file in the current folder that is named like a module would be imported instead.
    return [sys.executable, "-P", "-m", module, *arguments]


def start_process(command: Sequence[str], **options: Any) -> Process:
    """Start a command of `module_command`; options: as of Popen. Raises OSError."""
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=surroundings, **options)
