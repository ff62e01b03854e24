"""Keeps a folder up to date while something is trained in it, so that nothing is lost."""

import json
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from hoiquy.errors import StoppedError
from hoiquy.nn.kernels import Array
from hoiquy.runs.checkpoint import save_checkpoint
from hoiquy.runs.files import Cost, parse_cost
from hoiquy.system.signals import Interruption

CHECKPOINT_SECONDS = 300.0


class Progress(Protocol):
    """How far a training is: the epoch under way, steps of it that are done, and of all."""

    epoch: int
    step: int
    updates: int


class TrainState(Protocol):
    """The state of a training between two steps."""

    @property
    def position(self) -> Progress: ...

    def facts(self) -> dict[str, Any]: ...

    def arrays(self) -> dict[str, Array]: ...


State = TypeVar("State", bound=TrainState)


@dataclass(frozen=True)
class Stopwatch:
    """Measures what is taken from now on."""

    _begun: float = field(default_factory=time.perf_counter)
    _begun_processor: float = field(default_factory=time.process_time)

    def cost(self, before: Cost | None = None) -> Cost:
        """Time so far, with that of earlier sessions; the most memory of this and of them."""
        before = before or Cost()
        processor_seconds = time.process_time() - self._begun_processor
        return replace(
            before,
            seconds=before.seconds + time.perf_counter() - self._begun,
            processor_seconds=before.processor_seconds + processor_seconds,
            peak_memory_bytes=max(before.peak_memory_bytes, peak_memory_bytes()),
        )


@dataclass
class Checkpointer(ABC, Generic[State]):
    """Saves an epoch when it is done; a checkpoint then, every few minutes, and before a stop."""

    folder: Path
    interruption: Interruption
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    before: Cost = field(default_factory=Cost)  # what earlier sessions took
    _stopwatch: Stopwatch = field(default_factory=Stopwatch)
    _saved: float = field(default_factory=time.perf_counter)

    @abstractmethod
    def save_epoch(self, state: State) -> None:
        """Save what is known after an epoch, as that of an interrupted training."""

    @abstractmethod
    def resume_hint(self) -> str:
        """The command that goes on in the folder."""

    def add_earlier_cost(self, facts: Mapping[str, Any]) -> None:
        """Count on from the costs that a checkpoint has. Raises RunError if they are damaged."""
        before = parse_cost(json.dumps(facts.get("cost", {})).encode(), str(self.folder))
        self.before = replace(before, resumed=before.resumed + 1)

    def cost(self) -> Cost:
        """What the training has taken so far, earlier sessions included."""
        return self._stopwatch.cost(self.before)

    def after_step(self, state: State) -> None:
        """Save what is due. Raises StoppedError, when all is saved, if a signal asked to stop."""
        position = state.position
        epoch_is_done = position.step == 0
        if epoch_is_done:
            self.save_epoch(state)
        wish = self.interruption.wish
        if not (epoch_is_done or wish or self._is_due()):
            return
        self.save_checkpoint(state)
        if wish:
            epoch, step = position.epoch, position.step
            where = f"epoch {epoch - 1}" if epoch_is_done else f"epoch {epoch}, step {step}"
            raise StoppedError(
                f"stopped by {wish} after {where}; resume with: {self.resume_hint()}"
            )

    def save_checkpoint(self, state: State) -> None:
        """Save where the training stands."""
        position = state.position
        number = position.updates + position.epoch  # rises at an epoch's end, too
        facts = state.facts() | {"cost": asdict(self.cost())}
        save_checkpoint(self.folder, number, facts, state.arrays())
        self._saved = time.perf_counter()

    def _is_due(self) -> bool:
        return time.perf_counter() - self._saved >= self.checkpoint_seconds


def peak_memory_bytes() -> int:
    """The most memory that this process has held at once so far; 0 where nobody tells."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
