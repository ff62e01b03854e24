"""Reports where data come from."""

import sys
from functools import cache

from hoiquy.messages import translated


@cache
def report_once(line: str) -> None:
    """Print a line on stderr in the default language, the first time only."""
    print(translated(line), file=sys.stderr)
