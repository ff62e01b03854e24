"""The cache folder: data sets, compiled kernels and other files that can be made again."""

import os
from pathlib import Path

from platformdirs import user_cache_dir


def cache_root() -> Path:
    """`$HOIQUY_CACHE`, or hoiquy's folder in the user's cache. It may not exist yet."""
    return Path(os.environ.get("HOIQUY_CACHE") or user_cache_dir("hoiquy"))
