"""Labels of documents as an array."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer[Any]]  # see `Documents`
