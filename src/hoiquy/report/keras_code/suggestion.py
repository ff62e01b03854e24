"""A suggested setting of a recipe in the terms of its Keras code."""

import re
from dataclasses import dataclass, fields
from difflib import SequenceMatcher

from hoiquy.errors import RecipeError
from hoiquy.messages import Lang, text
from hoiquy.recipe.recipe import Recipe
from hoiquy.report.keras_code.script import can_be_keras, code_parts, layer_calls
from hoiquy.runs.diagnostic import Diagnostic

_BETWEEN = "`, `"


@dataclass(frozen=True)
class CodeDiagnostic(Diagnostic):
    """A diagnostic beside the Keras code of a recipe, which suggests a change of that code."""

    recipe: Recipe | None = None

    def suggestion(self, lang: Lang) -> str | None:
        """The change of the code; the setting where the code cannot express it."""
        assert self.recipe is not None
        code = suggested_code(self.recipe, self.setting, lang) if self.setting else None
        return code or self.setting


def beside_code(diagnostic: Diagnostic, recipe: Recipe) -> CodeDiagnostic:
    """The diagnostic for a report that shows the code of the recipe."""
    known = {field.name: getattr(diagnostic, field.name) for field in fields(diagnostic)}
    return CodeDiagnostic(**known, recipe=recipe)


def suggested_code(recipe: Recipe, setting: str, lang: Lang) -> str | None:
    """The layers and arguments that a setting adds to the code, and the lines that it removes.

    They are for a text that encloses them in backquotes. None if the code stays the same, or there
    is none before or after.

    Args:
        recipe: Of the code.
        setting: As `--set` takes it.
        lang: Of the words between them.
    """
    try:
        changed = recipe.with_settings([setting])
    except RecipeError:
        return None
    if not (can_be_keras(recipe) and can_be_keras(changed)):
        return None
    before, after = code_parts(recipe), code_parts(changed)
    added, removed = [], []
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, first, end, new_first, new_end in changes:
        if kind != "equal":
            removed += before[first:end]
            added += after[new_first:new_end]
    left_out = [one for one in removed if _called(one) not in map(_called, added)]
    if not added and left_out:
        added, left_out = layer_calls(changed), []
    if not added:
        return None
    shown = _BETWEEN.join(added)
    if not left_out:
        return shown
    return text("code.without", lang, added=shown, removed=_BETWEEN.join(left_out))


def _called(part: str) -> str:
    """What a part calls, or the argument that it is."""
    return re.split(r"[(\[]|=\d", part)[0]
