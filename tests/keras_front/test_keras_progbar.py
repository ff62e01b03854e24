"""`keras.utils.Progbar`."""

import sys

import pytest

from hoiquy.keras.utils import Progbar


@pytest.fixture(autouse=True)
def no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)  # of another test


def test_it_shows_means_weighted_by_steps(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Progbar(6, stateful_metrics=["rate"])
    bar.add(2, values=[("loss", 1.0), ("rate", 5)])
    bar.update(6, [("loss", 4.0), ("rate", 7)])
    printed = capsys.readouterr().out
    assert printed.startswith("6/6 ")
    assert printed.endswith(" - loss: 3.0000 - rate: 7.0000\n")


def test_the_line_ends_at_the_target_or_where_it_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bar = Progbar(None)
    bar.add(3, [("loss", 2.0)])
    assert capsys.readouterr().out == ""
    bar.update(4, finalize=True)
    assert "4/4" in capsys.readouterr().out
    Progbar(2, verbose=0).update(2, [("loss", 1.0)])
    assert capsys.readouterr().out == ""
