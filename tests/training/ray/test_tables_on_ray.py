"""Tables come in the order of their parts, each once, also where a worker has died."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hoiquy.errors import DataError
from hoiquy.training.ray.session import Session
from hoiquy.training.ray.tables import tables_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray Data, of itself


def test_a_worker_that_dies_loses_and_doubles_nothing(ray_here: Session, tmp_path: Path) -> None:
    died = tmp_path / "died"

    def counted(part: dict[str, Any], died: Path) -> Iterator[pa.Table]:
        at = part["at"]
        yield pa.table({"number": [2 * at]})
        if at == 5 and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        yield pa.table({"number": [2 * at + 1]})

    tables = list(tables_of(counted, [{"at": at} for at in range(12)], [died], 4))
    assert died.exists()
    numbers = [number for table in tables for number in table.column("number").to_pylist()]
    assert numbers == list(range(24))


def test_an_error_comes_out_as_itself(ray_here: Session) -> None:
    def failing(part: dict[str, Any]) -> Iterator[pa.Table]:
        raise DataError(f"part {part['at']} is bad")
        yield

    with pytest.raises(DataError) as error:
        list(tables_of(failing, [{"at": 3}], [], 4))
    assert str(error.value) == "part 3 is bad" and type(error.value) is DataError
