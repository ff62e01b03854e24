"""The initial result of a run."""

from collections.abc import Sequence

from hoiquy.data import Dataset
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import Result
from hoiquy.training.encoding.prepared import Prepared


def untrained_result(
    recipe: Recipe,
    dataset: Dataset,
    prepared: Prepared,
    model: Model,
    engine: str = "hoiquy",
    changes: Sequence[str] = (),
) -> Result:
    """The result of a run before its first epoch."""
    return Result(
        recipe=recipe.name,
        status="interrupted",
        engine=engine,
        seed=recipe.training.seed,
        data=dataset.name,
        data_description=dataset.description,
        official_test=dataset.official_test,
        data_fingerprint=dataset.fingerprint(),
        classes=list(dataset.classes),
        train_documents=len(prepared.train) - prepared.soft_labelled,
        validation_documents=len(prepared.validation),
        test_documents=len(prepared.test),
        test_accuracy=None,
        test_loss=None,
        test_macro_f1=None,
        parameters=model.parameter_count,
        unreachable_parameters=model.unreachable_parameter_count,
        epochs=0,
        best_epoch=0,
        changes=list(changes),
        soft_labelled_documents=prepared.soft_labelled,
        multilabel=dataset.multilabel,
    )
