"""The machine that a benchmark ran on."""

import datetime
import os
import platform
from typing import Any

from hoiquy.runs.environment import processor_name


def machine() -> dict[str, Any]:
    """The machine and the date."""
    return {
        "processor": processor_name(),
        "cpu_count": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
