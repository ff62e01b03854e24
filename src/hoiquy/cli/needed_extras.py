"""What has to be installed before a command of the next steps."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hoiquy.messages import Lang

_EXTRAS = {"next_serve": "serve", "next_docx": "docx", "serve": "serve"}


def needed_for(step: str, lang: "Lang") -> str:
    """The command that installs what a step needs, in brackets; empty if nothing is missing."""
    from hoiquy.messages import text
    from hoiquy.system.extras import install_command, is_missing

    extra = _EXTRAS.get(step)
    if extra is None or not is_missing(extra):
        return ""
    return f" ({text('progress.needs', lang, command=install_command(extra))})"
