"""Signals for whatever process trains in a run folder, when it is ripe for it."""

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path


def killing(folder: Path, ripe: Callable[[], bool], *signals: int) -> threading.Thread:
    """A thread that sends signals to whatever trains in a folder, once it is ripe for it."""

    def kill() -> None:
        deadline = time.monotonic() + 60
        while not ripe() and time.monotonic() < deadline:
            time.sleep(0.005)
        owner = re.search(r"process (\d+)", (folder / ".lock-owner").read_text())
        assert owner is not None
        for number in signals:
            os.kill(int(owner[1]), number)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def has_checkpoint(folder: Path) -> Callable[[], bool]:
    return lambda: any(folder.glob("checkpoint/*.json"))
