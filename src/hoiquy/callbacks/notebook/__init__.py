"""Display of runs, comparisons and training progress in Jupyter.

IPython is looked up, never imported: without it nothing happens.
"""

import sys
from typing import Any

from hoiquy.events import Listener, ignore

__all__ = ["default_listener", "show_results_in"]


def default_listener() -> Listener:
    """The listener if none is given: progress in a notebook, otherwise none."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if getattr(shell, "kernel", None) is None:  # a terminal, with or without IPython
        return ignore
    from hoiquy.callbacks.notebook.progress import NotebookProgress

    return NotebookProgress()


def show_results_in(shell: Any) -> None:
    """Show runs and comparisons as HTML if they are the last line of a cell."""
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type_by_name("hoiquy.runs.folder", "Run", _run)
    formatter.for_type_by_name("hoiquy.comparison.compare", "Comparison", _comparison)


def _run(run: Any) -> str:
    from hoiquy.callbacks.notebook.html import run_html

    return run_html(run)


def _comparison(comparison: Any) -> str:
    from hoiquy.callbacks.notebook.html import comparison_html

    return comparison_html(comparison)
