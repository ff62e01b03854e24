"""hoiquy: recurrent text classifiers on an ordinary CPU.

The public names are imported when they are first used, so that `import hoiquy` costs nothing.
"""

import sys
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hoiquy.comparison_run import compare
    from hoiquy.data import TableOptions, load_dataset
    from hoiquy.encode_run import encode
    from hoiquy.errors import HoiquyError
    from hoiquy.estimator import RecurrentClassifier
    from hoiquy.messages import set_language
    from hoiquy.predictor import Predictor, load_predictor
    from hoiquy.pretraining.run import pretrain
    from hoiquy.recipe import Recipe, load_recipe
    from hoiquy.runs import Run, load_run
    from hoiquy.self_training import self_train
    from hoiquy.teaching.teach import teach
    from hoiquy.train_run import resume, train
    from hoiquy.tuning.run import search

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
    "resume",
    "search",
    "self_train",
    "set_language",
    "teach",
    "train",
]

_HOMES = {
    "HoiquyError": "hoiquy.errors",
    "Predictor": "hoiquy.predictor",
    "Recipe": "hoiquy.recipe",
    "RecurrentClassifier": "hoiquy.estimator",
    "Run": "hoiquy.runs",
    "TableOptions": "hoiquy.data",
    "compare": "hoiquy.comparison_run",
    "encode": "hoiquy.encode_run",
    "load_dataset": "hoiquy.data",
    "load_predictor": "hoiquy.predictor",
    "load_recipe": "hoiquy.recipe",
    "load_run": "hoiquy.runs",
    "pretrain": "hoiquy.pretraining.run",
    "resume": "hoiquy.train_run",
    "search": "hoiquy.tuning.run",
    "set_language": "hoiquy.messages",
    "self_train": "hoiquy.self_training",
    "teach": "hoiquy.teaching.teach",
    "train": "hoiquy.train_run",
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
        import_module("hoiquy.notebook").show_results_in(shell)


_show_results_in_notebooks()
