"""Suggests a file or folder where a path does not exist."""

from difflib import get_close_matches
from itertools import islice
from pathlib import Path

_MOST_ENTRIES = 10_000  # of a folder that are looked at
_CUTOFF = 0.7  # of the similarity of two names, 0 to 1


def near_path(path: str | Path) -> str | None:
    """The existing path most like one that does not exist, or None.

    The last part may be misspelt, have another case or lack its extension; if its folder does not
    exist, the same holds for that.
    """
    wanted = Path(path)
    try:
        if wanted.parent.is_dir():
            return _near_in(wanted.parent, wanted.name)
        near = near_path(wanted.parent) if wanted.parent != wanted else None
        if near is None:
            return None
        corrected = Path(near) / wanted.name
        return str(corrected) if corrected.exists() else _near_in(Path(near), wanted.name)
    except (OSError, ValueError):  # a name too long, an unreadable folder, a null character
        return None


def suggestion(path: str | Path) -> str:
    """`; did you mean 'x'?` for the path of `near_path`, or an empty text."""
    near = near_path(path)
    return f"; did you mean {near!r}?" if near else ""


def _near_in(folder: Path, name: str) -> str | None:
    names = [one.name for one in islice(folder.iterdir(), _MOST_ENTRIES)]
    visible = sorted(one for one in names if not one.startswith("."))
    by_lower = {one.lower(): one for one in reversed(visible)}
    stems = {Path(one).stem.lower(): one for one in reversed(visible)}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=_CUTOFF)
    near = by_lower[found[0]] if found else stems.get(name.lower())
    return None if near is None else str(folder / near)
