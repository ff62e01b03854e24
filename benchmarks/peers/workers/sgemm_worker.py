"""NumPy's product of two square float32 matrices, the rate that layers are compared with."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[2]))

from layer_rate import sgemm


def versions() -> dict[str, str]:
    return {"numpy": np.__version__}


def prepare(task: dict[str, Any]) -> tuple[dict[str, Callable[[], object]], None]:
    return {"layer": sgemm()}, None
