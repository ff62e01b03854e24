"""Kill a training again and again, at random moments, and resume it until it is done.

    python killed_again_and_again.py RECIPE KILLS SEED DATA FOLDER

RECIPE is a recipe of the lab, or "auto" for an ensemble. Prints JSON: how many processes were
killed, how many of them while they wrote a checkpoint, how many trainings that were, and which
files differ from those of a training that nobody disturbed.
A script of its own, because it forks: a child begins at once, with everything imported.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from hoiquy.runs.files import REPEATABLE
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import verify
from miniatures import miniature
from small_ensembles import TINY, ensemble_bits


def settings(name: str) -> list[str]:
    """Enough steps to be killed at; every part of a recipe that resuming has to get right."""
    return [
        "training.epochs=4", "training.batch_size=20", "training.clip_norm=1",
        "training.early_stopping.restore_best=true", "training.schedule.type=cosine",
        "training.schedule.warmup_epochs=1", f"training.seed={len(name)}",
    ]  # fmt: skip


class Training:
    def __init__(self, name: str, data: Path, folder: Path) -> None:
        self.is_ensemble = name == "auto"
        self.recipe = "auto" if self.is_ensemble else miniature(name, *settings(name))
        self.data, self.folder = data, folder

    def work(self, run: Path) -> None:
        if (run / "recipe.toml").exists():
            resume(run, checkpoint_seconds=0)
        else:
            own = TINY if self.is_ensemble else {}
            train(self.data, self.recipe, run, settings=own, checkpoint_seconds=0)

    def bits(self, run: Path) -> dict[str, bytes]:
        """The files that equal trainings have in common."""
        if self.is_ensemble:
            return ensemble_bits(run)
        return {name: (run / name).read_bytes() for name in REPEATABLE}

    def start(self, run: Path) -> int:
        """Fork a process that trains; its number."""
        child = os.fork()
        if child:
            return child
        try:
            self.work(run)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)


def main() -> None:
    name, kills, seed, data, place = sys.argv[1:]
    training = Training(name, Path(data), Path(place))
    rng = np.random.default_rng(int(seed))
    reference = training.folder / "undisturbed"
    training.work(reference)
    begun = time.perf_counter()
    training.work(training.folder / "timed")
    seconds = time.perf_counter() - begun
    killed = writing = trainings = 0
    differ: list[str] = []
    while killed < int(kills):
        run = training.folder / f"run{trainings}"
        trainings += 1
        while not is_done(training.start(run), run, rng, seconds):
            killed += 1
            writing += is_writing(run)
        expected, found = training.bits(reference), training.bits(run)
        names = sorted(expected.keys() | found.keys())
        differ += [f"{run.name}/{name}" for name in names if expected.get(name) != found.get(name)]
        differ += verify(run)[1]
        differ += [str(path) for path in run.rglob(".*")]  # nothing is left lying about
    print(
        json.dumps({"killed": killed, "writing": writing, "trainings": trainings, "differ": differ})
    )


def is_done(child: int, run: Path, rng: np.random.Generator, seconds: float) -> bool:
    """Kill a process after a while, every other time while it writes; True if it was quicker."""
    until = time.perf_counter() + rng.uniform(0, seconds)
    while time.perf_counter() < until:
        time.sleep(0.0005)
    if rng.integers(2):
        while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if is_writing(run):
                break
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a training failed")
    return os.WIFEXITED(status)


def is_writing(run: Path) -> bool:
    """Whether a checkpoint is being written; of an ensemble, any file."""
    pattern = "members/*/*.tmp" if (run / "members").exists() else "checkpoint/*.tmp"
    try:
        return next(run.glob(pattern), None) is not None
    except FileNotFoundError:  # a finished training removes its checkpoints
        return False


if __name__ == "__main__":
    main()
