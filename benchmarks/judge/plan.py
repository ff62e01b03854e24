"""All measurements in order, without those that are done, with the time left."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from hoiquy.errors import HoiquyError
from judge.baseline_run import run_baseline
from judge.hoiquy_run import run_hoiquy
from judge.outcome import Key, Outcome
from judge.participants import HOIQUY, Participant
from judge.results import Results, facts_of, score
from judge.sets import LabelledSet


@dataclass(frozen=True)
class Step:
    """One participant on one set with one seed."""

    key: Key
    participant: Participant
    on: LabelledSet

    @property
    def label(self) -> str:
        seed = f" seed {self.key.seed}" if self.key.seed else ""
        return f"{self.on.name} {self.participant.title}{seed}"


def plan_steps(
    sets: Sequence[LabelledSet],
    participants: Sequence[Participant],
    seeds: Sequence[int],
    minutes: float,
) -> list[Step]:
    """Set after set: the baselines, then hoiquy with each seed."""
    steps = []
    for on in sets:
        for one in participants:
            if not one.takes_part(on):
                continue
            is_own = one.name == HOIQUY
            for seed in seeds if is_own else (0,):
                key = Key(on.name, on.digest, one.name, one.code, seed, minutes if is_own else 0.0)
                steps.append(Step(key, one, on))
    return steps


def measure_steps(
    steps: Sequence[Step], results: Results, runs: Path, save: Callable[[], None]
) -> list[Outcome]:
    """Measure into `results`, one after the other; a step that fails is reported there.

    Args:
        steps: What is to be measured; steps with an outcome are left out.
        results: Gets the outcomes.
        runs: Folder of hoiquy's run folders.
        save: Called after each step, so that a killed run keeps the others.

    Returns:
        The new outcomes.
    """
    todo = [step for step in steps if step.key not in results.outcomes]
    if len(todo) < len(steps):
        print(f"{len(steps) - len(todo)} of {len(steps)} are done already", file=sys.stderr)
    new = []
    for number, step in enumerate(todo, start=1):
        left = sum(expected_seconds(one, steps, results) for one in todo[number - 1 :])
        heading = f"{number}/{len(todo)} {step.label}, about {left / 60:.1f} min left"
        print(heading, end=": ", file=sys.stderr, flush=True)
        try:
            outcome = _measure(step, runs)
        except HoiquyError as error:
            results.not_measured.append(str(error))
            print(error, file=sys.stderr)
            continue
        results.add(outcome)
        new.append(outcome)
        print(_summary(outcome, step.on), file=sys.stderr)
        save()
    return new


def expected_seconds(step: Step, steps: Sequence[Step], results: Results) -> float:
    """Of hoiquy its minutes; of a baseline by its times so far and the sets' sizes, 0 at first."""
    if step.key.participant == HOIQUY:
        return 60 * step.key.minutes
    rates = [
        results.outcomes[one.key].seconds / one.on.megabytes
        for one in steps
        if one.key.participant == step.key.participant and one.key in results.outcomes
    ]
    return median(rates) * step.on.megabytes if rates else 0.0


def _measure(step: Step, runs: Path) -> Outcome:
    if step.key.participant != HOIQUY:
        return run_baseline(step.key, step.participant, step.on)
    folder = runs / f"{step.on.name}-seed{step.key.seed}"
    return run_hoiquy(step.key, step.participant, step.on, folder)


def _summary(outcome: Outcome, on: LabelledSet) -> str:
    (facts,) = facts_of([on])
    accuracy, f1 = (score(facts, outcome, measure) for measure in ("accuracy", "macro_f1"))
    return f"accuracy {accuracy:.2%}, macro-F1 {f1:.2%}, {outcome.seconds:.0f} s"
