"""An ensemble pseudo-labels texts alone: it was trained on all labelled documents."""

from pathlib import Path

import numpy as np
import pytest

from hoiquy.errors import RunError
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.ensemble import load_ensemble
from hoiquy.workflows.distillation.pseudo_label import pseudo_label
from hoiquy.workflows.run import Run
from own_tables import rows, write_csv
from small_ensembles import small_ensemble

TEXTS = [text for text, _ in rows(4, seed=9)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("teacher")
    return small_ensemble(place / "run", write_csv(place / "phim.csv", rows(20)))


def test_its_labels_are_its_predictions_and_its_measures_those_held_out(
    run: Run, tmp_path: Path
) -> None:
    found = pseudo_label([TEXTS], [run], tmp_path / "labels", sharpness=1.0)
    documents = found.documents()
    expected = load_predictor(run).predict_proba(list(documents.texts))
    assert np.allclose(documents.probabilities, expected, atol=2e-5)  # cut off at 1e-5
    (teacher,) = found.facts.teachers
    held_out = load_ensemble(run.folder, 3).held_out
    assert teacher.weight == 1.0
    assert (found.facts.together.accuracy, found.facts.together.loss) == (
        held_out.accuracy, held_out.log_loss,
    )  # fmt: skip


def test_it_is_not_weighted_beside_others(run: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is an ensemble.*name it alone"):
        pseudo_label([TEXTS], [run, "nb-svm"], tmp_path / "labels")
