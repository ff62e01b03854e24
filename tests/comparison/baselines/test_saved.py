"""A baseline's folder: written whole, read again, trained again when it is another's."""

from dataclasses import replace
from pathlib import Path

import pytest

import hoiquy.comparison.baselines.training as training
from hoiquy.comparison.baselines import Baseline, load_baseline, save_baseline
from hoiquy.comparison.baselines.training import NAMES, PROGRESS, kept_baselines, train_baselines
from hoiquy.errors import RunError
from hoiquy.events import Event, Preparing
from hoiquy.messages import translated
from miniatures import random_dataset


def messages_of(events: list[Event]) -> list[str]:
    return [event.detail for event in events if isinstance(event, Preparing)]


def test_they_are_trained_once_for_a_data_set(tmp_path: Path) -> None:
    events: list[Event] = []
    dataset = random_dataset()
    first = train_baselines(dataset, tmp_path, events.append)
    assert [one.name for one in first] == list(NAMES)
    assert messages_of(events) == [PROGRESS[name] for name in NAMES]
    assert translated(PROGRESS["majority"], "vi").endswith(": luôn dự đoán lớp chiếm đa số")
    events.clear()
    again = train_baselines(dataset, tmp_path, events.append)
    assert not events
    assert [one.facts for one in again] == [one.facts for one in first]
    for one, other in zip(first, again, strict=True):
        kept = other.predictions.probabilities
        assert kept.tobytes() == one.predictions.probabilities.tobytes()
    assert [one.facts for one in kept_baselines([tmp_path], dataset.fingerprint())] == [
        one.facts for one in first
    ]


def test_other_data_other_settings_and_damage_are_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []
    train_baselines(random_dataset(), tmp_path, events.append)
    events.clear()
    train_baselines(random_dataset(seed=2), tmp_path, events.append)
    assert len(events) == 3
    events.clear()
    (tmp_path / "majority" / "predictions.parquet").write_bytes(b"damaged")
    changed = (training._METHODS["nb-svm"][0], {"alpha": 2.0}, 2)
    monkeypatch.setitem(training._METHODS, "nb-svm", changed)  # type: ignore[arg-type]
    train_baselines(random_dataset(seed=2), tmp_path, events.append)
    assert messages_of(events) == [PROGRESS["majority"], PROGRESS["nb-svm"]]


def test_all_or_none_are_kept(tmp_path: Path) -> None:
    dataset = random_dataset()
    train_baselines(dataset, tmp_path / "whole")
    assert len(kept_baselines([tmp_path, tmp_path / "whole"], dataset.fingerprint())) == 3
    assert kept_baselines([tmp_path / "whole"], "0" * 64) == []
    (tmp_path / "whole" / "nb-svm" / "baseline.json").unlink()
    assert kept_baselines([tmp_path / "whole"], dataset.fingerprint()) == []


def test_without_a_folder_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    train_baselines(random_dataset())
    assert not list(tmp_path.iterdir())


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, Baseline]:
    (baseline, *_) = train_baselines(random_dataset())
    save_baseline(baseline, tmp_path / "majority")
    return tmp_path / "majority", baseline


def test_it_is_read_as_it_was_written(saved: tuple[Path, Baseline]) -> None:
    folder, baseline = saved
    again = load_baseline(folder)
    assert again.facts == baseline.facts
    assert (again.predictions.labels == baseline.predictions.labels).all()


@pytest.mark.parametrize("name", ["baseline.json", "predictions.parquet", "manifest.json"])
def test_a_flipped_bit_is_seen(saved: tuple[Path, Baseline], name: str) -> None:
    folder, _ = saved
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        load_baseline(folder)


def test_facts_of_another_kind_are_refused(saved: tuple[Path, Baseline]) -> None:
    folder, baseline = saved
    wrong = replace(baseline, facts=replace(baseline.facts, seconds="long"))  # type: ignore[arg-type]
    save_baseline(wrong, folder)
    with pytest.raises(RunError, match=r"baseline\.json is damaged: seconds"):
        load_baseline(folder)
