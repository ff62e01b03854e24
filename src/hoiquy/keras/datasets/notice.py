"""Reports where data come from."""

import sys
from functools import cache


@cache
def report_once(line: str) -> None:
    """Print a line on stderr, the first time only."""
    print(line, file=sys.stderr)
