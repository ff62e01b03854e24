"""A pickle that leaves a trace when somebody opens it."""

import os
import pickle
import tempfile
from pathlib import Path
from typing import Any

TRACE = Path(tempfile.gettempdir()) / "hoiquy-planted-pickle-was-run"


class Trap:
    """Makes the folder TRACE when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(TRACE),)


PLANTED = [pickle.dumps(Trap(), protocol) for protocol in range(6)]
