"""Optional packages: whether an extra is installed, and the command that installs it here."""

import json
import re
import shlex
import shutil
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

_MODULES = {"docx": "docx", "serve": "uvicorn"}  # of extras that are asked for beforehand
_COMMAND = re.compile(r"pip install 'hoiquy\[(\w+)\]'")


def is_missing(extra: str) -> bool:
    """Whether the packages of an extra are not installed."""
    return find_spec(_MODULES[extra]) is None


def install_command(extra: str) -> str:
    """The command that adds an extra to this installation.

    A checkout is installed from its folder, since an index may not have this version; pip is that
    of the environment which runs hoiquy.
    """
    return f"{_pip()} install {_requirement(extra)}"


def with_install_commands(words: str) -> str:
    """The words, with `pip install 'hoiquy[…]'` as it works in this installation."""
    return _COMMAND.sub(lambda found: install_command(found[1]), words)


def _pip() -> str:
    python = shlex.quote(sys.executable)
    if find_spec("pip") is None:
        return f"pip --python {python}"
    found = shutil.which("pip")
    beside = found is not None and Path(found).parent == Path(sys.executable).parent
    return "pip" if beside else f"{python} -m pip"


def _requirement(extra: str) -> str:
    source = _source()
    url, editable = str(source.get("url", "")), "-e " if _is_editable(source) else ""
    if "dir_info" in source and (folder := _folder(url)) is not None:
        here = "." if folder.samefile(Path()) else folder
        return editable + shlex.quote(f"{here}[{extra}]")
    vcs = source.get("vcs_info")
    if isinstance(vcs, dict) and url:
        return shlex.quote(f"hoiquy[{extra}] @ {vcs.get('vcs', 'git')}+{url}")
    return f"'hoiquy[{extra}]'"


def _source() -> dict[str, Any]:
    """Where pip installed hoiquy from, by PEP 610; empty if that was an index."""
    try:
        found = json.loads(metadata.distribution("hoiquy").read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_editable(source: dict[str, Any]) -> bool:
    info = source.get("dir_info")
    return isinstance(info, dict) and bool(info.get("editable"))


def _folder(url: str) -> Path | None:
    parts = urlsplit(url)
    folder = Path(url2pathname(parts.path))
    return folder if parts.scheme == "file" and folder.is_dir() else None
