"""One Ray for all tests of this folder: it takes five seconds to start."""

from collections.abc import Iterator

import pytest

from hoiquy.errors import MissingExtraError
from hoiquy.training.ray.session import Session, check_installed, ray_session

WORKERS = 4  # whatever the machine has


@pytest.fixture(scope="package")
def needs_ray() -> None:
    try:  # it is not imported before the session has set what it reads then
        check_installed()
    except MissingExtraError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="package")
def ray_here(needs_ray: None) -> Iterator[Session]:
    with ray_session("auto", WORKERS) as session:
        yield session
