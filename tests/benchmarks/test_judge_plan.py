"""The judge's steps: order, what is done, failures, limits; and how a process is measured."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hoiquy.errors import HoiquyError
from judge import plan
from judge.outcome import Outcome
from judge.participants import HOIQUY, Participant
from judge.plan import Step, expected_seconds, measure_steps, plan_steps
from judge.process import run_measured
from judge.results import Results, facts_of
from judge.sets import LabelledSet, read_set
from labelled_sets import write_set

PARTICIPANTS = [Participant(name, "c", Path(sys.executable)) for name in ("nb-svm", HOIQUY)]


def made(step: Step) -> Outcome:
    predicted = step.on.test_labels.tolist()
    return Outcome(**step.key._asdict(), predicted=predicted, log_loss=None, seconds=8.0,
                   processor_seconds=8.0, peak_bytes=1, model_bytes=1, predict_seconds=1.0,
                   documents_per_second=1.0)  # fmt: skip


@pytest.fixture
def sets(tmp_path: Path) -> list[LabelledSet]:
    return [read_set(write_set(tmp_path / name, train=9, test=6)) for name in "ab"]


@pytest.fixture
def steps(sets: list[LabelledSet]) -> list[Step]:
    return plan_steps(sets, PARTICIPANTS, (1, 2), 0.5)


@pytest.fixture
def results(sets: list[LabelledSet], steps: list[Step]) -> Results:
    return Results({}, {}, facts_of(sets), [step.key for step in steps])


def test_set_after_set(steps: list[Step]) -> None:
    found = [(step.key.set, step.key.participant, step.key.seed) for step in steps]
    assert found == [
        ("a", "nb-svm", 0),
        ("a", HOIQUY, 1),
        ("a", HOIQUY, 2),
        ("b", "nb-svm", 0),
        ("b", HOIQUY, 1),
        ("b", HOIQUY, 2),
    ]


def test_what_is_done_is_not_done_again_and_what_failed_is(
    steps: list[Step],
    results: Results,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried, saved, failing = [], [], {steps[1].key}

    def measure(step: Step, runs: Path) -> Outcome:
        tried.append(step.key)
        if step.key in failing:
            raise HoiquyError("hoiquy train on a failed: out of memory")
        return made(step)

    monkeypatch.setattr(plan, "_measure", measure)
    measure_steps(steps, results, tmp_path, lambda: saved.append(len(results.outcomes)))
    assert tried == [step.key for step in steps]
    assert saved == [1, 2, 3, 4, 5]
    assert results.not_measured == ["hoiquy train on a failed: out of memory"]

    tried.clear()
    failing.clear()
    capsys.readouterr()
    (new,) = measure_steps(steps, results, tmp_path, lambda: None)
    assert tried == [new.key] == [steps[1].key]
    assert "5 of 6 are done already\n1/1 a hoiquy seed 1, about 0.5 min left: " in (
        capsys.readouterr().err
    )


def test_time_left_follows_from_minutes_and_from_other_sets(
    steps: list[Step], results: Results
) -> None:
    assert [expected_seconds(step, steps, results) for step in steps[:2]] == [0, 30]
    results.add(made(steps[0]))
    sizes = [step.on.megabytes for step in (steps[0], steps[3])]
    expected = 8.0 * sizes[1] / sizes[0]
    assert expected_seconds(steps[3], steps, results) == pytest.approx(expected)


def run(code: str, limit: float = 60.0) -> object:
    return run_measured([sys.executable, "-c", code], "It", limit, os.environ)


@pytest.mark.process
def test_memory_and_processor_time_are_those_of_the_command() -> None:
    small = run_measured([sys.executable, "-c", ""], "It", 60, os.environ)
    large = run_measured(
        [sys.executable, "-c", "b'1' * 200_000_000; sum(range(10**7))"], "It", 60, os.environ
    )
    assert small.peak_bytes < 100e6  # not that of this process
    assert large.peak_bytes - small.peak_bytes == pytest.approx(200e6, rel=0.1)
    assert large.processor_seconds > small.processor_seconds > 0


@pytest.mark.process
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; print('first'); sys.exit('the reason')", "It failed: the reason"),
        ("import os; os.kill(os.getpid(), 9)", "It failed: exit code 137"),
        ("import time; time.sleep(60)", "It took more than 1 seconds"),
    ],
)
def test_failures_have_a_reason(code: str, message: str) -> None:
    with pytest.raises(HoiquyError, match=message):
        run(code, limit=1.0 if "sleep" in code else 60.0)


@pytest.mark.process
def test_what_takes_too_long_ends_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    sleep = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {sleep!r}])"
    with pytest.raises(HoiquyError, match="took more than"):
        run(code, limit=3.0)
    child = int(pid.read_text())
    for _ in range(100):
        found = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True)
        if not found.stdout.strip() or found.stdout.strip().startswith(b"Z"):
            return
        time.sleep(0.1)
    pytest.fail("the child is still running")
