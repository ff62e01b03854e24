"""hoiquy: recurrent text classifiers on an ordinary CPU.

The public names are imported when they are first used, so that `import hoiquy` costs nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hoiquy.comparison import Comparison
    from hoiquy.data import Dataset, TableOptions, load_dataset
    from hoiquy.errors import HoiquyError
    from hoiquy.estimator.classifier import RecurrentClassifier
    from hoiquy.messages import set_language
    from hoiquy.prediction.explain import ReadingTrace
    from hoiquy.prediction.load import load_predictor
    from hoiquy.prediction.predictor import Predictor
    from hoiquy.prediction.text_classifier import TextClassifier
    from hoiquy.recipe.recipe import Recipe, load_recipe
    from hoiquy.workflows.compact import compact
    from hoiquy.workflows.compare import compare
    from hoiquy.workflows.distillation.pseudo_label import pseudo_label
    from hoiquy.workflows.encode import encode
    from hoiquy.workflows.evaluate import Measures, evaluate
    from hoiquy.workflows.export import export
    from hoiquy.workflows.import_keras import import_keras
    from hoiquy.workflows.predict import explain, predict
    from hoiquy.workflows.pretraining.pretrain import pretrain
    from hoiquy.workflows.report import report
    from hoiquy.workflows.run import Run, load_run
    from hoiquy.workflows.search.search import search
    from hoiquy.workflows.train import resume, train
    from hoiquy.workflows.verify import verify

__all__ = [
    "Comparison",
    "Dataset",
    "HoiquyError",
    "Measures",
    "Predictor",
    "ReadingTrace",
    "Recipe",
    "RecurrentClassifier",
    "Run",
    "TableOptions",
    "TextClassifier",
    "compact",
    "compare",
    "encode",
    "evaluate",
    "explain",
    "export",
    "import_keras",
    "load_dataset",
    "load_predictor",
    "load_recipe",
    "load_run",
    "predict",
    "pretrain",
    "pseudo_label",
    "report",
    "resume",
    "search",
    "set_language",
    "train",
    "verify",
]

_MODULES = {
    "Comparison": "comparison",
    "Dataset": "data",
    "HoiquyError": "errors",
    "Measures": "workflows.evaluate",
    "Predictor": "prediction.predictor",
    "TextClassifier": "prediction.text_classifier",
    "ReadingTrace": "prediction.explain",
    "Recipe": "recipe.recipe",
    "RecurrentClassifier": "estimator.classifier",
    "Run": "workflows.run",
    "TableOptions": "data",
    "compact": "workflows.compact",
    "compare": "workflows.compare",
    "encode": "workflows.encode",
    "evaluate": "workflows.evaluate",
    "explain": "workflows.predict",
    "export": "workflows.export",
    "import_keras": "workflows.import_keras",
    "load_dataset": "data",
    "load_predictor": "prediction.load",
    "load_recipe": "recipe.recipe",
    "load_run": "workflows.run",
    "predict": "workflows.predict",
    "pretrain": "workflows.pretraining.pretrain",
    "pseudo_label": "workflows.distillation.pseudo_label",
    "report": "workflows.report",
    "resume": "workflows.train",
    "search": "workflows.search.search",
    "set_language": "messages",
    "train": "workflows.train",
    "verify": "workflows.verify",
}


class _Package(ModuleType):
    """This package. `hoiquy.report` is the function, whether or not the package is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _MODULES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata  # takes longer than all the rest of `import hoiquy`

        return metadata.version("hoiquy")
    if name not in _MODULES:
        raise AttributeError(f"module 'hoiquy' has no attribute {name!r}")
    return getattr(import_module(f"hoiquy.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def _show_results_in_notebooks() -> None:
    """Where IPython runs, have results show themselves; it is never imported, only looked up."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None:
        import_module("hoiquy.callbacks.notebook").show_results_in(shell)


_show_results_in_notebooks()
