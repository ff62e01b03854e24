"""One Ray for all tests of this folder: it takes five seconds to start."""

from collections.abc import Iterator

import pytest

from hoiquy.cluster.session import Session, check_reachable, ray_session
from hoiquy.errors import MissingExtraError

WORKERS = 4  # whatever the machine has


@pytest.fixture(scope="package")
def ray_here() -> Iterator[Session]:
    try:
        check_reachable("auto")
    except MissingExtraError as error:
        pytest.skip(str(error))
    with ray_session("auto", WORKERS) as session:
        yield session
