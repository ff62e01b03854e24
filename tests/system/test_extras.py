"""The command that installs an extra works where it is printed."""

import json
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from hoiquy.system import extras

Source = dict[str, Any] | str | None


class Installed:
    """A distribution with only the file of PEP 610."""

    def __init__(self, source: Source) -> None:
        self.text = source if source is None or isinstance(source, str) else json.dumps(source)

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.text


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def install(source: Source) -> None:
        monkeypatch.setattr(metadata, "distribution", lambda name: Installed(source))
        monkeypatch.setattr(shutil, "which", lambda name: str(Path(sys.executable).parent / name))
        monkeypatch.setattr(extras, "find_spec", lambda name: object())

    return install


def test_a_checkout_is_installed_from_its_folder(
    installed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bài tập"
    folder.mkdir()
    installed({"url": folder.as_uri(), "dir_info": {"editable": True}})
    assert extras.install_command("docx") == f"pip install -e '{folder}[docx]'"
    monkeypatch.chdir(folder)
    assert extras.install_command("docx") == "pip install -e '.[docx]'"
    installed({"url": folder.as_uri(), "dir_info": {}})
    assert extras.install_command("docx") == "pip install '.[docx]'"


@pytest.mark.parametrize(
    "source", [None, "", "[1]", "{", {"url": "file:///no/such/folder", "dir_info": {}}]
)
def test_otherwise_from_an_index(installed: Any, source: Source) -> None:
    installed(source)
    assert extras.install_command("serve") == "pip install 'hoiquy[serve]'"


def test_from_the_repository_it_came_from(installed: Any) -> None:
    installed({"url": "https://a.example/hoiquy", "vcs_info": {"vcs": "git", "commit_id": "1"}})
    expected = "pip install 'hoiquy[docx] @ git+https://a.example/hoiquy'"
    assert extras.install_command("docx") == expected


def test_with_the_pip_of_the_environment(installed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(None)
    monkeypatch.setattr(sys, "executable", "/my env/bin/python")
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/pip")
    assert extras.install_command("docx").startswith("'/my env/bin/python' -m pip install ")
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert extras.install_command("docx").startswith("pip --python '/my env/bin/python' install ")


def test_commands_within_sentences(installed: Any, tmp_path: Path) -> None:
    installed({"url": tmp_path.as_uri(), "dir_info": {}})
    words = "--ray cần Ray: pip install 'hoiquy[ray]'"
    assert extras.with_install_commands(words) == f"--ray cần Ray: pip install '{tmp_path}[ray]'"
