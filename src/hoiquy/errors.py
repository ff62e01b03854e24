"""Everything hoiquy raises on purpose.

    HoiquyError             something went wrong while running            exit code 1
    ├── DownloadError       a download failed or was not what it should be
    ├── TrainingError       training cannot go on (the loss is not a number)
    ├── WriteError          a file cannot be written: a full disk, a folder that is read-only
    ├── StoppedError        the user stopped it with Ctrl-C
    └── InputError          what the user gave cannot be used             exit code 2
        ├── RecipeError     a recipe is unknown, malformed or out of range
        ├── DataError       a data set is unknown, empty, damaged or mislabelled
        ├── RunError        a run folder exists already, is missing or is damaged
        ├── ShapeError      arrays that disagree (the Python API only)
        └── MissingExtraError   an optional package is needed

RecipeError and DataError are ValueErrors, too: what Python and scikit-learn expect of such values.

The message is one line: what was wrong, what was expected, what to do. A line break in it, which
can come from a file's name or from within a file, is written as \\n.
"""


class HoiquyError(Exception):
    """Base of all errors that hoiquy raises on purpose."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__("\\n".join(message.splitlines()))


class DownloadError(HoiquyError):
    """A download failed, or its size or hash is not the published one."""


class TrainingError(HoiquyError):
    """Training cannot go on, for example because the loss is not a number."""


class WriteError(HoiquyError):
    """A file cannot be written; what was there before is still whole."""


class StoppedError(HoiquyError):
    """The user stopped it; the message says what is kept and how to go on."""


class InputError(HoiquyError):
    """What the user gave cannot be used as it is."""

    exit_code = 2


class RecipeError(InputError, ValueError):
    """A recipe is unknown, malformed, or holds a value out of range."""


class DataError(InputError, ValueError):
    """A data set is unknown, empty, damaged, or has labels that cannot be used."""


class RunError(InputError):
    """A run folder exists already, is missing, or is damaged."""


class ShapeError(InputError):
    """Arrays disagree about a dimension."""


class MissingExtraError(InputError):
    """An optional package is needed; the message says what to install."""
