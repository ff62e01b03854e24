"""A peer's environment is made once, whole, and made again if its making was interrupted."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hoiquy.bench import environments
from hoiquy.bench.environments import ensure_environment, environment_folder
from hoiquy.bench.peers import PEERS, find_peers

from hoiquy.errors import HoiquyError, InputError

PEER = PEERS["torch"]


class FakePrograms:
    """venv and pip that only note what they are asked."""

    def __init__(self) -> None:
        self.installs: list[list[str]] = []
        self.fails = False

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        if "venv" in command:
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.touch()
        elif "install" in command:
            self.installs.append(command)
            if self.fails:
                words = "Looking …\nERROR: No matching distribution found for torch\nhint"
                return subprocess.CompletedProcess(command, 1, "", words)
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePrograms:
    fake = FakePrograms()
    monkeypatch.setenv("HOIQUY_CACHE", str(tmp_path))
    monkeypatch.setattr(environments.subprocess, "run", fake.run)
    return fake


def test_made_once(programs: FakePrograms) -> None:
    said: list[str] = []
    python = ensure_environment(PEER, said.append)
    assert python == environment_folder(PEER) / "bin" / "python"
    assert len(said) == 2
    assert "torch==" in said[0]
    assert ensure_environment(PEER, said.append) == python
    assert len(programs.installs) == 1
    assert len(said) == 2
    command = programs.installs[0]
    assert command[command.index("--python") + 1] == str(python)
    assert set(PEER.requirements) <= set(command)


def test_a_half_made_one_is_made_again(programs: FakePrograms) -> None:
    programs.fails = True
    with pytest.raises(HoiquyError, match="torch cannot be made: ERROR: No matching distribution"):
        ensure_environment(PEER, lambda line: None)
    left = environment_folder(PEER) / "left-over"
    left.touch()
    programs.fails = False
    ensure_environment(PEER, lambda line: None)
    assert not left.exists()
    assert len(programs.installs) == 2


def test_other_versions_get_another_folder() -> None:
    folders = {environment_folder(peer) for peer in PEERS.values()}
    assert len(folders) == len(PEERS)


def test_everything_that_computes_is_pinned() -> None:
    assert all("==" in line for peer in PEERS.values() for line in peer.requirements)


def test_peers_by_name() -> None:
    assert find_peers([]) == []
    assert [peer.name for peer in find_peers(["torch", "keras-jax", "torch"])] == [
        "keras-jax",
        "torch",
    ]
    assert find_peers(["all"]) == list(PEERS.values())
    with pytest.raises(InputError, match=r"'pytorch'.*torch"):
        find_peers(["pytorch"])
