"""Folders and files that a training started from, as the environment of its run records them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from hoiquy.errors import RunError

T = TypeVar("T")


def load_recorded(
    run: Path,
    environment: Mapping[str, Any],
    key: str,
    sha256_key: str,
    load: Callable[[Path], tuple[T, str]],
    place_key: str = "folder",
) -> tuple[Path, T] | None:
    """The place recorded under `key` and its contents; None if none is recorded.

    What is missing there may be in the run folder, by the same name.

    Args:
        run: the run folder, for errors.
        environment: of the run.
        key: the kind of the input, such as "soft_labels".
        sha256_key: the key of the recorded hash.
        load: reads the place and returns its contents with their hash.
        place_key: the key of the recorded folder or file.

    Raises:
        RunError: the place is missing, damaged or has changed.
    """
    facts, kind = environment.get(key), key.replace("_", " ")
    if facts is None:
        return None
    try:
        place, expected = Path(facts[place_key]), str(facts[sha256_key])
    except (TypeError, KeyError) as error:
        raise RunError(f"{run} is damaged: its environment names no {kind}") from error
    inside = run / place.name
    if inside.exists() and not place.exists():
        place = inside  # the run folder holds it, and was moved
    try:
        contents, found = load(place)
    except RunError as error:
        raise RunError(f"{run} was started from {kind}: {error}; put it back") from error
    if found != expected:
        raise RunError(
            f"{run} was started from {kind} {place}, changed since: sha256 "
            f"{found[:12]}, expected {expected[:12]}; put it back, or train again"
        )
    return place, contents
