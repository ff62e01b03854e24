"""Two workers on a PostgreSQL server, which is started in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_search import share

from hoiquy.errors import InputError
from searches import searched, told

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
OWNER = "nobody"  # the server refuses to run as root

pytestmark = pytest.mark.process


def as_owner(*command: str) -> list[str]:
    """The command, run by an ordinary user."""
    if os.geteuid():
        return list(command)
    return ["setpriv", f"--reuid={OWNER}", "--clear-groups", "--", *command]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a database of a server that listens on a socket only."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if not BINARIES:
        pytest.skip("no PostgreSQL server in /usr/lib/postgresql")
    if not os.geteuid() and not shutil.which("setpriv"):
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv")
    # not in tmp_path: other users may not enter it, and a socket's path has to be short
    place = Path(tempfile.mkdtemp(prefix="hoiquy-pg-"))
    if not os.geteuid():
        shutil.chown(place, OWNER)
    control = [str(BINARIES[-1] / "pg_ctl"), "--pgdata", str(place / "data")]
    settings = f"-c listen_addresses='' -k {place} -c fsync=off"
    initialize = ["initdb", "-o", "--auth=trust --username=postgres --encoding=UTF8 --locale=C"]
    start = ["start", "--wait", "--log", str(place / "log"), "-o", settings]
    try:
        for arguments in (initialize, start):
            run = subprocess.run(
                as_owner(*control, *arguments), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=place, check=False,
            )  # fmt: skip
            if run.returncode:
                pytest.skip(f"PostgreSQL does not start here: {run.stderr.decode()[-300:]}")
        yield f"postgresql+psycopg://postgres@/postgres?host={place}"
    finally:
        stop = ["stop", "--mode", "immediate"]
        subprocess.run(as_owner(*control, *stop), capture_output=True, cwd=place, check=False)
        shutil.rmtree(place, ignore_errors=True)


def test_workers_share_the_trials_of_a_server(server: str, tmp_path: Path) -> None:
    results, events = share(tmp_path / "shared", server, trials=6)
    last = max(results, key=lambda found: len(found.ranked()))
    assert [trial.state for trial in last.trials] == ["complete"] * 6
    assert all(events)
    assert not (tmp_path / "shared" / "study.db").exists()


def test_one_worker_gives_the_trials_of_a_file(server: str, tmp_path: Path) -> None:
    """Whatever database remembers them, the numbers keep every bit."""
    in_file = searched(tmp_path / "file", trials=3)
    assert told(searched(tmp_path / "alone", storage=server, trials=3)) == told(in_file)


def test_a_database_that_is_not_there(server: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot open the storage .*none.*does not exist"):
        searched(tmp_path, storage=server.replace("/postgres?", "/none?"))
