"""The ablation of the default reads a run folder, and its steps are cross-fitted."""

import numpy as np
import pytest

from default_ablation import Ablation, table_of_networks, table_of_steps
from own_tables import rows, write_csv
from small_ensembles import small_ensemble


@pytest.fixture(scope="module")
def ablation(tmp_path_factory: pytest.TempPathFactory) -> Ablation:
    place = tmp_path_factory.mktemp("ablation")
    run = small_ensemble(place / "run", write_csv(place / "phim.csv", rows(20)))
    return Ablation.of(run.folder)


def test_each_part_has_predictions_of_every_document(ablation: Ablation) -> None:
    assert set(ablation.linear) == {"C = 1", "C = 0.1", "C = 0.3"}
    for log_p in (*ablation.linear.values(), ablation.members["linear"]):
        assert log_p.shape == (len(ablation.labels), 3)
        assert np.exp(log_p).sum(axis=1) == pytest.approx(1)
    right = ablation.members["linear"].argmax(axis=1) == ablation.labels
    assert right.mean() > 0.9


def test_tables_have_a_row_for_each_set(ablation: Ablation) -> None:
    steps = table_of_steps([ablation])
    assert [line.split(" | ")[0] for line in steps.splitlines()[2:]] == ["| run", "| mean"]
    assert "+ naive Bayes" in steps and "+ offsets" in steps
    assert table_of_networks([ablation]).splitlines()[0] == "| set | words |"
