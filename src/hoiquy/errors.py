"""The exceptions of hoiquy.

    HoiquyError             an error while running                        exit code 1
    ├── DownloadError       a download failed or has the wrong content
    ├── TrainingError       training cannot continue (the loss is not a number)
    ├── WriteError          a file cannot be written: a full disk, a read-only folder
    ├── StoppedError        the user stopped it: exit code 130 after Ctrl-C, 143 after SIGTERM
    └── InputError          invalid input                                 exit code 2
        ├── RecipeError     a recipe is unknown, malformed or out of range
        ├── DataError       a data set is unknown, empty, damaged or mislabelled
        ├── RunError        a run folder exists already, is missing or is damaged
        ├── ShapeError      array shapes disagree (the Python API only)
        └── MissingExtraError   an optional package is needed

RecipeError and DataError are also ValueErrors, as Python and scikit-learn expect.

A message is one line: what was wrong, what was expected, what to do. A line break in it, which may
come from a file name or a file, is written as \\n.
"""

CTRL_C = 130  # the exit code after SIGINT


class HoiquyError(Exception):
    """Base class of all exceptions of hoiquy."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__("\\n".join(message.splitlines()))


class DownloadError(HoiquyError):
    """A download failed, or its size or hash is not the published one."""


class TrainingError(HoiquyError):
    """Training cannot continue, for example because the loss is not a number."""


class WriteError(HoiquyError):
    """A file cannot be written; an existing file is unchanged."""


class StoppedError(HoiquyError):
    """The user stopped it; the message says what is saved and how to resume.

    exit_code: 128 and the number of the signal, as shells have it: 130 after Ctrl-C.
    """

    def __init__(self, message: str, exit_code: int = CTRL_C) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class InputError(HoiquyError):
    """Invalid input from the user."""

    exit_code = 2


class RecipeError(InputError, ValueError):
    """A recipe is unknown, malformed, or holds a value out of range."""


class DataError(InputError, ValueError):
    """A data set is unknown, empty or damaged, or has invalid labels."""


class RunError(InputError):
    """A run folder exists already, is missing, or is damaged."""


class ShapeError(InputError):
    """Array shapes disagree."""


class MissingExtraError(InputError):
    """An optional package is missing; the message names the extra to install."""
