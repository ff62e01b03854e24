"""Where a single network is needed, an ensemble's error names one, if it has any."""

from pathlib import Path

import pytest

from example_run import error_line
from hoiquy.errors import InputError
from hoiquy.prediction.load import load_network
from small_ensembles import write_ensemble
from synthetic_runs import write_run

LINEAR = ("linear", 0.75, 1)


@pytest.mark.parametrize(
    ("members", "end"),
    [
        (
            [LINEAR, ("gru", 0.5, 2)],
            "with several models, but X needs a single network: name one, such as {}/members/gru-0",
        ),
        ([LINEAR], "with a linear classifier alone, but X needs a network"),
    ],
)
def test_the_error_names_a_network_or_says_that_there_is_none(
    members: list[tuple[str, float, int]], end: str, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", "auto", official_test=False, history=[], metric="accuracy")
    write_ensemble(run, *members)
    line = error_line(lambda: load_network(run, "X"), InputError)
    assert line == f"{run.folder} predicts {end.format(run.folder)}"
