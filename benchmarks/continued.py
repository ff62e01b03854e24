"""Run a benchmark whose results are kept: the same command continues it."""

import argparse
from collections.abc import Callable

from hoiquy.errors import HoiquyError


def run_continued(
    parser: argparse.ArgumentParser,
    arguments: argparse.Namespace,
    run: Callable[[argparse.Namespace], None],
) -> None:
    """Run, and end with one line after Ctrl-C or an error of hoiquy.

    arguments: with `out`, where results are kept.
    """
    try:
        run(arguments)
    except KeyboardInterrupt:
        parser.exit(1, f"stopped; the same command continues in {arguments.out}\n")
    except HoiquyError as error:
        parser.exit(error.exit_code, f"{error}\n")
