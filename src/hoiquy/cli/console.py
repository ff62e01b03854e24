"""The console that tables are printed on."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def table_console(width: int = 120) -> "Console":
    """Return standard output, `width` columns wide unless it is a terminal (rich: 80)."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else width)
