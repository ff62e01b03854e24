"""One Ray for all tests of this folder: it takes five seconds to start."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from hoiquy.cluster.session import Session, ray_session

WORKERS = 4  # whatever the machine has


@pytest.fixture(scope="package")
def ray_here() -> Iterator[Session]:
    pytest.importorskip(
        "ray", reason="the extra hoiquy[ray] is not installed", exc_type=ImportError
    )
    with ray_session("auto", WORKERS) as session:
        yield session
