"""hoiquy: recurrent text classifiers on an ordinary CPU.

The public names are imported when they are first used, so that `import hoiquy` costs nothing.
"""

import sys
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hoiquy.data import TableOptions, load_dataset
    from hoiquy.errors import HoiquyError
    from hoiquy.messages import set_language
    from hoiquy.prediction.estimator.classifier import RecurrentClassifier
    from hoiquy.prediction.predictor import Predictor, load_predictor
    from hoiquy.recipe.recipe import Recipe, load_recipe
    from hoiquy.runs.folder import Run, load_run
    from hoiquy.workflows.compare import compare
    from hoiquy.workflows.distillation.pseudo_label import pseudo_label
    from hoiquy.workflows.encode import encode
    from hoiquy.workflows.pretraining.pretrain import pretrain
    from hoiquy.workflows.search.search import search
    from hoiquy.workflows.self_train import self_train
    from hoiquy.workflows.train import resume, train

__all__ = [
    "HoiquyError",
    "Predictor",
    "Recipe",
    "RecurrentClassifier",
    "Run",
    "TableOptions",
    "compare",
    "encode",
    "load_dataset",
    "load_predictor",
    "load_recipe",
    "load_run",
    "pretrain",
    "pseudo_label",
    "resume",
    "search",
    "self_train",
    "set_language",
    "train",
]

_HOMES = {
    "HoiquyError": "hoiquy.errors",
    "Predictor": "hoiquy.prediction.predictor",
    "Recipe": "hoiquy.recipe.recipe",
    "RecurrentClassifier": "hoiquy.prediction.estimator.classifier",
    "Run": "hoiquy.runs.folder",
    "TableOptions": "hoiquy.data",
    "compare": "hoiquy.workflows.compare",
    "encode": "hoiquy.workflows.encode",
    "load_dataset": "hoiquy.data",
    "load_predictor": "hoiquy.prediction.predictor",
    "load_recipe": "hoiquy.recipe.recipe",
    "load_run": "hoiquy.runs.folder",
    "pretrain": "hoiquy.workflows.pretraining.pretrain",
    "resume": "hoiquy.workflows.train",
    "search": "hoiquy.workflows.search.search",
    "set_language": "hoiquy.messages",
    "self_train": "hoiquy.workflows.self_train",
    "pseudo_label": "hoiquy.workflows.distillation.pseudo_label",
    "train": "hoiquy.workflows.train",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return metadata.version("hoiquy")
    if name not in _HOMES:
        raise AttributeError(f"module 'hoiquy' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def _show_results_in_notebooks() -> None:
    """Where IPython runs, have results show themselves; it is never imported, only looked up."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None:
        import_module("hoiquy.callbacks.notebook").show_results_in(shell)


_show_results_in_notebooks()
