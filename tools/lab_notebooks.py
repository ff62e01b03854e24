"""Write the lab's Keras notebooks, one a language, from the source tools/lab_keras.txt.

Usage: python tools/lab_notebooks.py

The notebooks are executed and saved with their outputs. In the source a comment begins a cell:
`vi` and `en` of one language, `both` of both, `answer` to fill in, `recipe NAME` a built-in recipe;
a fenced block is a cell of code. `<<Vietnamese|English>>` is replaced in all of them.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

LANGUAGES = ("vi", "en")
SOURCE = Path(__file__).with_name("lab_keras.txt")
EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOKS = {"en": EXAMPLES / "lab_keras.ipynb", "vi": EXAMPLES / "lab_keras.vi.ipynb"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_MARK = re.compile(r"<!-- (vi|en|both|answer|recipe (\w+)) -->\n|```python(?: (\w+))?\n")
_EITHER = re.compile(r"<<(.*?)\|(.*?)>>", re.DOTALL)
_ANSWER = "**<<Trả lời|Your answer>>:** …"
_RECIPE = """\
<details><summary><<Cùng mạng này dưới dạng công thức: |The same network as a recipe: >>\
<code>{name}</code></summary>

```toml
{recipe}
```

<<Huấn luyện từ dòng lệnh|Train it from the command line>>: \
`hoiquy train imdb-train --recipe {name} --out runs/{name}`

</details>"""


class Cell(NamedTuple):
    """A cell of one language."""

    kind: str  # "code" or "markdown"
    source: str
    tags: tuple[str, ...] = ()


def cells(lang: str) -> list[Cell]:
    """The cells of a language, in order."""
    side = LANGUAGES.index(lang)
    return [
        cell._replace(source=_EITHER.sub(lambda found: found[1 + side], cell.source))
        for cell, language in _cells(SOURCE.read_text(encoding="utf-8"))
        if language in (lang, "both")
    ]


def _cells(source: str) -> Iterator[tuple[Cell, str]]:
    """The cells with their language, or "both"."""
    marks = list(_MARK.finditer(source))
    ends = [mark.start() for mark in marks[1:]] + [len(source)]
    for mark, end in zip(marks, ends, strict=True):
        text, kind = source[mark.end() : end].strip(), mark[1]
        if kind is None:
            tags = (mark[3],) if mark[3] else ()
            yield Cell("code", text.removesuffix("```").rstrip(), tags), "both"
        elif kind == "answer":
            yield Cell("markdown", _ANSWER), "both"
        elif mark[2]:
            yield Cell("markdown", _recipe(mark[2])), "both"
        else:
            yield Cell("markdown", text), kind


def _recipe(exercise: str) -> str:
    """The quick recipe of an exercise as it is written, without its comment."""
    name = f"{exercise}-quick"
    path = resources.files("hoiquy.recipe").joinpath("builtin", f"{name}.toml")
    lines = path.read_text(encoding="utf-8").splitlines()
    recipe = "\n".join(line for line in lines if not line.startswith("#"))
    return _RECIPE.format(name=name, recipe=recipe.strip())


def notebook(lang: str) -> Any:
    """The notebook of a language, without outputs."""
    from nbformat import v4

    made = []
    for number, cell in enumerate(cells(lang)):
        new = v4.new_code_cell if cell.kind == "code" else v4.new_markdown_cell
        metadata = {"tags": list(cell.tags)} if cell.tags else {}
        made.append(new(cell.source, id=f"cell-{number:02}", metadata=metadata))
    return v4.new_notebook(cells=made, metadata=METADATA)


def main() -> None:
    import nbformat

    for lang, path in NOTEBOOKS.items():
        nbformat.write(executed(notebook(lang), lang), path)
        print(path)


def executed(made: Any, lang: str) -> Any:
    """The notebook with its outputs in a language, on the reviews of the installation."""
    import matplotlib
    import nbclient

    fonts = {"MPLCONFIGDIR": matplotlib.get_cachedir()}  # else a note that they are looked up
    with tempfile.TemporaryDirectory() as folder:
        unused = {"HOIQUY_IMDB", "HOIQUY_CACHE", "KERAS_HOME", "XDG_CACHE_HOME"}
        kept = {name: value for name, value in os.environ.items() if name not in unused}
        nbclient.NotebookClient(
            made, timeout=3600, kernel_name="python3", record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute(env=kept | fonts | {"HOME": folder, "HOIQUY_LANG": lang})  # fmt: skip
        for cell in made.cells:
            for output in cell.get("outputs", []):
                if "text" in output:
                    output.text = output.text.replace(folder, "~")
    made.metadata = METADATA
    return made


if __name__ == "__main__":
    main()
