"""`.keras` files whose config is changed after Keras has written them."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Config = dict[str, Any]


def changed(
    path: Path, change: Callable[[Config], None], more: dict[str, bytes] | None = None
) -> Path:
    """The file with its config changed in place, and with more members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members |= {"config.json": json.dumps(config).encode()} | (more or {})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def layer_config(config: Config, kind: str) -> Config:
    """The config of the first layer of a class."""
    nodes = config["config"]["layers"]
    found: Config = next(node for node in nodes if node["class_name"] == kind)["config"]
    return found
