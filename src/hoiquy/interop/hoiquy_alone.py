"""What hoiquy's networks may have and no other library's layers do."""

from hoiquy.errors import InputError


def refuse_what_hoiquy_alone_has(name: str, *, ngrams: bool, wide: bool, to: str) -> None:
    """Raise InputError with every setting to change: a network is trained again but once."""
    parts = {"n-grams": (ngrams, "text.ngrams=1"), "a wide part": (wide, "model.wide=false")}
    there = {part: setting for part, (has, setting) in parts.items() if has}
    if there:
        settings = " ".join(f"--set {setting}" for setting in there.values())
        raise InputError(
            f"{name} has {' and '.join(there)}, for which {to} has no layer: train with {settings} "
            f"for {to}"
        )
