"""The page's scripts ask for the texts that the catalogue has, and for all of them."""

import re
from pathlib import Path

import hoiquy.server
from hoiquy.messages import catalogue

PAGE = Path(hoiquy.server.__file__).parent / "page"
VIEWS = {"serve.try", "serve.runs", "serve.report"}  # asked for by the view's name


def asked_for() -> set[str]:
    """Keys, and beginnings of keys (`serve.status_${…}`), in the page's files."""
    files = [*PAGE.glob("*.js"), *PAGE.glob("*.html")]
    content = "\n".join(file.read_text("utf-8") for file in files)
    return set(re.findall(r'["`]((?:serve|page|curve)\.[a-z_0-9]*)', content)) - {"serve."}


def test_every_text_that_is_asked_for_exists() -> None:
    known = set(catalogue("en"))
    asked = asked_for()
    assert len(asked) > 80
    missing = {
        key
        for key in asked
        if not (any(one.startswith(key) for one in known) if key[-1] in "_." else key in known)
    }
    assert not missing


def test_no_text_is_left_over() -> None:
    asked = asked_for() | VIEWS
    beginnings = tuple(key for key in asked if key.endswith("_"))
    texts = {key for key in catalogue("en") if key.startswith("serve.")}
    assert {key for key in texts if key not in asked and not key.startswith(beginnings)} == set()
