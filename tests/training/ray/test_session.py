"""A Ray that cannot be had is one line that names the way out, in seconds."""

import importlib.util
import os
import re
import signal
import socket
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import hoiquy
from hoiquy.data.stored_texts import StoredTexts, TextStore
from hoiquy.errors import HoiquyError, InputError, MissingExtraError
from hoiquy.training.ray import session as sessions
from hoiquy.training.ray.nodes import check_seen, check_shared, check_versions
from hoiquy.training.ray.session import Session, Spread, check_reachable, ray_session
from hoiquy.training.ray.tasks import run_tasks
from miniatures import miniature


def test_without_ray_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(sessions, "find_spec", lambda name: None if name == "ray" else find(name))
    out = tmp_path / "out"
    with pytest.raises(MissingExtraError, match=r"pip install 'hoiquy\[ray\]'"):
        hoiquy.compare(recipes=[miniature("bai3")], data="nowhere", out=out, ray="auto")
    assert not out.exists()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("", "expected auto, or HOST:PORT"),
        ("localhost", "expected auto, or HOST:PORT"),
        ("ray://localhost:10001", "expected auto, or HOST:PORT"),
        ("127.0.0.1:99999", "no Ray can be reached at 127.0.0.1:99999"),
        ("nowhere.invalid:6379", "no Ray can be reached at nowhere.invalid:6379: "),
    ],
)
def test_addresses_that_lead_nowhere(where: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        check_reachable(where)


def test_a_port_that_nobody_listens_at_is_told_before_data_is_read(needs_ray: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(InputError, match=f"at 127.0.0.1:{port}: Connection refused; start one"):
        hoiquy.compare(recipes=["bai3"], data="nowhere", out="x", ray=f"127.0.0.1:{port}")


def test_who_listens_and_is_no_ray_is_not_waited_for(
    needs_ray: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_RESPONSE_SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InputError, match="does not respond as Ray within 2 s"):
            sessions._check_answers(where)


def test_a_wish_for_no_workers() -> None:
    with pytest.raises(InputError, match="0 workers: expected 1 or more"):
        Spread.from_options("auto", 0)


def test_workers_of_nobody_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"recipes": ["bai3"], "data": "nowhere", "out": tmp_path / "out"}, "ray='auto'"),
        ({"runs": [tmp_path]}, "trained already"),
    ]
    for given, said in cases:
        with pytest.raises(InputError, match=said):
            hoiquy.compare(*given.pop("runs", []), workers=2, **given)


@pytest.mark.parametrize(("folder", "taken"), [("/tmp", None), ("/var/" + 50 * "x", "/tmp")])
def test_sockets_have_short_paths(
    folder: str, taken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", folder)
    assert sessions._short_folder() == taken


def test_a_session_that_is_there_is_taken_and_stays(ray_here: Session) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ray_session("auto", 1) as inner:
        assert inner == ray_here
    assert signal.getsignal(signal.SIGTERM) == before
    with ray_session("127.0.0.1:1"):
        pass


def test_sigterm_ends_the_process_in_good_order_without_a_word(
    ray_here: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
    assert end.value.code == 128 + signal.SIGTERM
    assert capfd.readouterr() == ("", "")


def test_a_node_with_another_hoiquy_is_named(
    ray_here: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_versions(ray_here.nodes)
    mine = metadata.version("hoiquy")
    monkeypatch.setattr(metadata, "version", lambda name: "9.9")
    said = f"the node {socket.gethostname()} has hoiquy {mine}, this process 9.9: install"
    with pytest.raises(InputError, match=re.escape(said)):
        check_versions(ray_here.nodes)


def test_a_folder_that_a_node_does_not_see_is_named(ray_here: Session, tmp_path: Path) -> None:
    check_shared(tmp_path / "new", ray_here.nodes)
    assert not list((tmp_path / "new").iterdir())
    check_seen([tmp_path], ray_here.nodes)
    with pytest.raises(InputError, match=f"does not see {tmp_path / 'no'}: it has to be on a disk"):
        check_seen([tmp_path, tmp_path / "no"], ray_here.nodes)


def test_a_task_whose_workers_all_die_is_an_error(ray_here: Session) -> None:
    def dying() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(HoiquyError, match="a worker has died 4 times"):
        run_tasks(dying, [()], 1)


def test_tasks_take_one_thread_and_come_in_order(ray_here: Session) -> None:
    def threads(number: int) -> tuple[int, str]:
        return number, os.environ["HOIQUY_THREADS"]

    assert run_tasks(threads, [(n,) for n in range(6)], 2) == [(n, "1") for n in range(6)]
    assert "HOIQUY_THREADS" not in os.environ


def test_texts_in_a_file_reach_a_worker(ray_here: Session) -> None:
    store = TextStore()
    for text in ("một", "hai", "", "ba \ud800"):
        store.append(text)
    some = store.texts()[1:]

    def read(texts: StoredTexts) -> list[str]:
        return list(texts)

    assert run_tasks(read, [(some,)], 1) == [["hai", "", "ba \ud800"]]
