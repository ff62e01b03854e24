"""Processes that run a module of hoiquy with the packages of this process."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

Process = subprocess.Popen[bytes]


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module in another process."""
    # -P: else a file in the current folder with the name of a module would be imported instead.
    return [sys.executable, "-P", "-m", module, *arguments]


def start_process(command: Sequence[str], **options: Any) -> Process:
    """Start a command of `module_command`; options: of Popen. Raises OSError."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=environment, **options)
