"""Who takes part: hoiquy and the baselines, and the version of each one's code."""

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sklearn

import hoiquy
from hoiquy.errors import HoiquyError
from judge.sets import LabelledSet
from judge.words import has_no_spaces
from peers.libraries import NUMPY, Peer, ensure_environment

HOIQUY, FASTTEXT, CHARACTERS = "hoiquy", "fasttext", "char-svc"
TITLES = {
    HOIQUY: "hoiquy",
    "tfidf-lr": "TF-IDF + LR",
    "tfidf-char-svc": "words + characters SVC",
    "nb-svm": "NB-SVM",
    CHARACTERS: "character SVC",
    FASTTEXT: "fastText",
}
BASELINES = tuple(name for name in TITLES if name != HOIQUY)
FASTTEXT_PEER = Peer(
    FASTTEXT, TITLES[FASTTEXT], "fasttext_worker", ("fasttext-numpy2==0.10.4", NUMPY)
)
_OWN = Path(__file__).parent
_SOURCES = {  # a baseline's results are those of these files
    FASTTEXT: ("fasttext_worker.py", "words.py"),
    "nb-svm": ("nb_svm.py", "words.py"),
}


@dataclass(frozen=True)
class Participant:
    """One of TITLES, ready to be measured."""

    name: str
    code: str  # hash of its code: outcomes of other code are not reused
    python: Path

    @property
    def title(self) -> str:
        return TITLES[self.name]

    def takes_part(self, on: LabelledSet) -> bool:
        """The machine on characters alone is for texts without spaces."""
        return self.name != CHARACTERS or has_no_spaces(on.texts)


def own_participant() -> Participant:
    """hoiquy; its code is every file of the package."""
    folder = Path(hoiquy.__file__).parent
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    code = hash_files(folder, filter(Path.is_file, files))
    return Participant(HOIQUY, code, Path(sys.executable))


def baseline_participants(measured: bool) -> tuple[list[Participant], dict[str, str]]:
    """The baselines, and why one of them is left out, by name.

    measured: False if only outcomes that are there already are reported: then nothing is installed.
    """
    found, left_out = [], {}
    for name in BASELINES:
        files = (_OWN / file for file in _SOURCES.get(name, ("linear.py", "words.py")))
        code = hash_files(_OWN, files)
        if name != FASTTEXT:
            found.append(Participant(name, f"{code} {sklearn.__version__}", Path(sys.executable)))
            continue
        python = Path()
        try:
            python = ensure_environment(FASTTEXT_PEER) if measured else python
        except HoiquyError:
            left_out[name] = "it cannot be installed (see pip's message above)"
        found.append(Participant(name, f"{code} {FASTTEXT_PEER.requirements[0]}", python))
    return found, left_out


def hash_files(folder: Path, files: Iterable[Path]) -> str:
    """The hash of the names and contents of files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]
