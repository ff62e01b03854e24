"""How many processors this process may use."""

import os


def available_processors() -> int:
    """Those that the process is allowed to run on; all of the machine where that is unknown."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
