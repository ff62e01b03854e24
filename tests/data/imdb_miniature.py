"""Miniatures of the official layout, as folders and archives."""

import io
import tarfile
from pathlib import Path


def write_tree(root: Path, each: int = 3) -> Path:
    """Write a miniature of the official layout with `each` reviews a class, and return it."""
    for part in ("train", "test"):
        for label in ("neg", "pos"):
            folder = root / part / label
            folder.mkdir(parents=True)
            for number in range(each):
                text = f"{part} {label} number {number}, caf\xe9"
                (folder / f"{number}_7.txt").write_bytes(text.encode("latin-1"))
    unsup = root / "train" / "unsup"
    unsup.mkdir()
    (unsup / "0_0.txt").write_text("without a label")
    (root / "train" / "pos" / "._0_7.txt").write_bytes(b"left by a file manager")
    (root / "train" / "urls_pos.txt").write_text("not a review")
    return root


def pack_tree(root: Path, target: Path) -> Path:
    """Pack a tree as the official archive is packed, and return the archive."""
    with tarfile.open(target, "w:gz") as archive:
        archive.add(root, arcname="aclImdb")
    return target


def add_file(archive: tarfile.TarFile, name: str, content: bytes = b"good") -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
