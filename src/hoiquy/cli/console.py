"""Where tables are printed."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def table_console(width: int = 120) -> "Console":
    """Standard output, `width` columns wide unless it is a terminal.

    A file or a pipe has no width of its own; rich would take 80 columns.
    """
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else width)
