"""A search whose workers Ray starts does each trial once, whatever happens to a worker."""

import signal
from pathlib import Path

import pytest
from killing import has_checkpoint, killing

from hoiquy.errors import InputError
from hoiquy.runs.folder import load_environment_of, load_run
from hoiquy.training.ray.session import Session
from hoiquy.workflows.search.results import BEST
from hoiquy.workflows.search.study import Trial
from searches import KEY, NO_PRUNER, searched, tiny, told

# a grid's trials do not depend on who is quicker
GRID = {
    "sampler": {"type": "grid"},
    "pruner": NO_PRUNER,
    "space": {KEY: {"choices": [0.001, 0.004, 0.01, 0.03]}},
}


def test_four_workers_find_what_one_finds_though_one_is_killed(
    ray_here: Session, tmp_path: Path
) -> None:
    recipe = tiny("training.epochs=6")
    one = searched(tmp_path / "one", space=GRID, recipe=recipe, seeds=1)
    first = tmp_path / "four" / "trials" / "0001"
    killer = killing(first, has_checkpoint(first), signal.SIGKILL)
    heard: list[Trial] = []
    four = searched(
        tmp_path / "four", space=GRID, recipe=recipe, seeds=1, ray="auto", workers=4,
        on_trial=lambda trial, best: heard.append(trial),
    )  # fmt: skip
    killer.join()
    assert told(four) == told(one)
    assert load_run(first).cost().resumed == 1
    assert four.comparison is not None and four.pair == one.pair  # Ray trained these, too
    assert (tmp_path / "four" / BEST).read_bytes() == (tmp_path / "one" / BEST).read_bytes()
    states = [(trial.number, trial.state) for trial in heard]
    assert sorted(states) == sorted((n, s) for n in (1, 2, 3, 4) for s in ("running", "complete"))
    for name in ("data_source", "data_options"):
        in_one, in_four = (
            load_environment_of(tmp_path / out / "trials/0001").get(name) for out in ("one", "four")
        )
        assert in_one == in_four


def test_several_machines_need_a_database(ray_here: Session, tmp_path: Path) -> None:
    two = Session(4, (*ray_here.nodes, *ray_here.nodes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hoiquy.workflows.search.search.ray_session", lambda *of: _Given(two))
        with pytest.raises(InputError, match="2 machines need a study in a database server"):
            searched(tmp_path, ray="auto")


class _Given:
    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> Session:
        return self._session

    def __exit__(self, *of: object) -> None:
        pass
