"""`get_file`: the cache, hashes, archives, and what goes wrong."""

import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hoiquy.errors import DataError, DownloadError, HoiquyError
from hoiquy.keras.utils import download, get_file
from keras_datasets import isolate

CONTENT = b"some content"
SHA256, MD5 = hashlib.sha256(CONTENT).hexdigest(), hashlib.md5(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    isolate(folder, monkeypatch)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "time", NoWaiting)
    return folder


class NoWaiting:
    @staticmethod
    def sleep(seconds: float) -> None:
        pass


@pytest.fixture
def origin(tmp_path: Path) -> str:
    (tmp_path / "data.txt").write_bytes(CONTENT)
    return (tmp_path / "data.txt").as_uri()


class Server:
    """Answers with the given statuses in turn, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.requests = list(statuses), 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status = owner.statuses[min(owner.requests, len(owner.statuses) - 1)]
                owner.requests += 1
                self.send_response(status)
                self.end_headers()
                self.wfile.write(CONTENT if status == 200 else b"")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/data.txt?version=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def serve() -> Iterator[Any]:
    servers: list[Server] = []

    def start(*statuses: int) -> Server:
        servers.append(Server(*statuses))
        return servers[-1]

    yield start
    for one in servers:
        one.server.shutdown()
        one.server.server_close()


def test_a_file_is_downloaded_once(
    home: Path, serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(200)
    path = get_file(origin=server.url)
    assert path == str(home / ".keras" / "datasets" / "data.txt")
    assert Path(path).read_bytes() == CONTENT
    assert get_file(origin=server.url, file_hash=SHA256) == path
    assert get_file("data.txt", server.url, md5_hash=MD5) == path
    assert server.requests == 1
    assert capsys.readouterr().out == f"Downloading data from {server.url}\n"
    get_file(origin=server.url, force_download=True)
    assert server.requests == 2


def test_where_a_file_goes(home: Path, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get_file("own", origin, cache_dir=home / "a", cache_subdir="b") == str(
        home / "a" / "b" / "own"
    )
    monkeypatch.setenv("KERAS_HOME", str(home / "keras"))
    assert get_file(origin=origin) == str(home / "keras" / "datasets" / "data.txt")
    assert get_file(str(home / "here.txt"), origin) == str(home / "here.txt")  # as in Keras 2


def test_another_hash_is_an_error_and_keeps_the_old_file(home: Path, origin: str) -> None:
    target = Path(get_file(origin=origin))
    target.write_bytes(b"changed")
    for wrong in ({"file_hash": "0" * 64}, {"md5_hash": "0" * 32}):
        with pytest.raises(DownloadError, match="is not 000"):
            get_file(origin=origin, **wrong)
    assert target.read_bytes() == b"changed"
    assert [path.name for path in target.parent.iterdir()] == ["data.txt"]
    get_file(origin=origin, file_hash=SHA256)  # downloads it again
    assert target.read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(serve: Any) -> None:
    server = serve(503, 200)
    assert Path(get_file(origin=server.url)).read_bytes() == CONTENT
    assert server.requests == 2
    missing = serve(404)
    with pytest.raises(DownloadError, match="404"):
        get_file("other", missing.url)
    assert missing.requests == 1


def test_offline_is_one_line(home: Path) -> None:
    with pytest.raises(DownloadError, match="could not be downloaded") as caught:
        get_file(origin="http://127.0.0.1:9/data.txt")
    assert str(home / ".keras" / "datasets" / "data.txt") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list((home / ".keras" / "datasets").iterdir())
    with pytest.raises(DownloadError, match="cannot be read"):
        get_file(origin=(home / "missing").as_uri())


def archive(path: Path, names: list[str]) -> str:
    """Write a tar.gz or zip file with these members and return its URL."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as zipped:
            for name in names:
                zipped.writestr(name, CONTENT)
    else:
        with tarfile.open(path, "w:gz") as tarred:
            for name in names:
                member = tarfile.TarInfo(name)
                member.size = len(CONTENT)
                tarred.addfile(member, io.BytesIO(CONTENT))
    return path.as_uri()


@pytest.mark.parametrize("name", ["set.tar.gz", "set.zip"])
def test_archives_are_unpacked(home: Path, tmp_path: Path, name: str) -> None:
    url = archive(tmp_path / name, ["set/a.txt"])
    folder = Path(get_file(name, url, extract=True))
    assert folder == home / ".keras" / "datasets" / "set_extracted"
    assert (folder / "set" / "a.txt").read_bytes() == CONTENT
    (folder / "own note").touch()
    get_file(name, url, extract=True)
    assert (folder / "own note").exists()  # not unpacked again
    get_file(name, url, extract=True, force_download=True)
    assert not (folder / "own note").exists()
    assert Path(get_file("plain", url, extract=True)) == home / ".keras" / "datasets" / "plain"
    if name == "set.tar.gz":
        assert Path(get_file("own.tar.gz", url, untar=True)).is_dir()


@pytest.mark.parametrize("name", ["set.tar.gz", "set.zip"])
def test_members_that_point_outside_are_refused(home: Path, tmp_path: Path, name: str) -> None:
    url = archive(tmp_path / name, ["../../outside.txt"])
    with pytest.raises(DataError):
        get_file(name, url, extract=True)
    assert not list(home.rglob("outside.txt"))
    assert not (home / ".keras" / "datasets" / "set_extracted").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "origin is missing"),
        ({"origin": "http://127.0.0.1:9/"}, "pass fname"),
        ({"extract": True}, "is not tar or zip"),
        ({"extract": True, "archive_format": "rar"}, "archive_format is 'rar'"),
        ({"extract": True, "archive_format": None}, "is not any archive"),
        ({"file_hash": "0", "hash_algorithm": "crc"}, "hash_algorithm is 'crc'"),
    ],
)
def test_wrong_arguments(origin: str, arguments: dict[str, Any], message: str) -> None:
    if arguments:
        arguments = {"origin": origin, **arguments}
    with pytest.raises(ValueError, match=message):
        get_file(**arguments)


def test_a_folder_that_cannot_be_made(home: Path, origin: str) -> None:
    (home / "file").touch()
    with pytest.raises(HoiquyError, match="cannot make the folder"):
        get_file(origin=origin, cache_dir=home / "file")
