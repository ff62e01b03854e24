"""Run a command and record its time and memory: python measured.py REPORT COMMAND….

A process of its own, because the memory of a child counts from before its exec: this one is small.
Standard library only. The exit code is the command's.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of `ru_maxrss`


def main() -> None:
    report, *command = sys.argv[1:]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
    measured = {
        "seconds": time.perf_counter() - start,
        "processor_seconds": used.ru_utime + used.ru_stime,  # with its own children
        "peak_bytes": used.ru_maxrss * _UNIT,  # of the largest process
    }
    Path(report).write_text(json.dumps(measured), encoding="utf-8")
    sys.exit(process.returncode if process.returncode >= 0 else 128 - process.returncode)


if __name__ == "__main__":
    main()
