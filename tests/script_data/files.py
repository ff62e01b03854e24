"""Write imitated data as the files that scripts open."""

import csv
import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from script_data.tables import Table
from script_data.texts import text_of


def write_table(
    path: Path, data: Table, *, separator: str = ",", header: bool = True, encoding: str = "utf-8"
) -> None:
    """A text table with or without a line of names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=separator)
        if header:
            writer.writerow(data)
        writer.writerows(zip(*data.values(), strict=True))


def write_workbook(path: Path, data: Table, *, header: bool = True) -> None:
    """An Excel workbook of one sheet; needs openpyxl."""
    from openpyxl import Workbook  # not a dependency of the tests otherwise

    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    if header:
        book.active.append(list(data))
    for row in zip(*data.values(), strict=True):
        book.active.append(list(row))
    book.save(path)


def write_vectors(
    path: Path, words: Sequence[str], width: int, *, first_line: bool = False, seed: int = 0
) -> None:
    """Word vectors as text: of GloVe, or of word2vec and fastText with a first line of sizes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).normal(scale=0.3, size=(len(words), width))
    with path.open("w", encoding="utf-8") as file:
        if first_line:
            file.write(f"{len(words)} {width}\n")
        for word, vector in zip(words, values, strict=True):
            file.write(" ".join([word, *(f"{each:.4f}" for each in vector)]) + "\n")


def write_class_folders(
    folder: Path, classes: Sequence[str], each: int, *, length: int = 20, seed: int = 0
) -> None:
    """A folder a class with a file a text, named as in aclImdb: `0_9.txt`."""
    rng = np.random.default_rng(seed)
    for label, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            text = text_of(rng, label, length)
            (folder / name / f"{number}_{9 - 7 * (label % 2)}.txt").write_text(
                text, encoding="utf-8"
            )


def write_stories(path: Path, members: Sequence[str], stories: int, *, seed: int = 0) -> None:
    """A tar.gz of questions in the format of bAbI: who went where, and where somebody is."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            content = "".join(_story(rng) for _ in range(stories)).encode()
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def _story(rng: np.random.Generator) -> str:
    people, rooms = ["Ana", "Binh", "Carl"], ["kitchen", "garden", "office", "hallway"]
    lines, known = [], {}
    for number in range(1, 5):
        person, room = str(rng.choice(people)), str(rng.choice(rooms))
        known[person] = (room, number)
        lines.append(f"{number} {person} went to the {room}.")
    person = str(rng.choice(list(known)))
    room, number = known[person]
    return "\n".join([*lines, f"5 Where is {person}?\t{room}\t{number}"]) + "\n"
