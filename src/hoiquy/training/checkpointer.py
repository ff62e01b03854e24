"""Saves a training's state to its folder while it runs."""

import json
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from hoiquy.errors import StoppedError
from hoiquy.runs.checkpoint import save_checkpoint
from hoiquy.runs.files import Cost, parse_cost
from hoiquy.system.signals import Interruption
from hoiquy.training.checkpoint_state import TrainState

CHECKPOINT_SECONDS = 300.0


State = TypeVar("State", bound=TrainState)


@dataclass(frozen=True)
class Stopwatch:
    """Measures the cost from now on."""

    _start: float = field(default_factory=time.perf_counter)
    _processor_start: float = field(default_factory=time.process_time)

    def cost(self, before: Cost | None = None) -> Cost:
        """Time and peak memory, earlier sessions included."""
        before = before or Cost()
        processor_seconds = time.process_time() - self._processor_start
        return replace(
            before,
            seconds=before.seconds + time.perf_counter() - self._start,
            processor_seconds=before.processor_seconds + processor_seconds,
            peak_memory_bytes=max(before.peak_memory_bytes, peak_memory_bytes()),
        )


@dataclass
class Checkpointer(ABC, Generic[State]):
    """Saves each finished epoch, and a checkpoint then, every few minutes and before a stop."""

    folder: Path
    interruption: Interruption
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    before: Cost = field(default_factory=Cost)  # of earlier sessions
    _stopwatch: Stopwatch = field(default_factory=Stopwatch)
    _saved: float = field(default_factory=time.perf_counter)

    @abstractmethod
    def save_epoch(self, state: State) -> None:
        """Save the files of a finished epoch, marked as interrupted."""

    @abstractmethod
    def resume_hint(self) -> str:
        """The command that resumes in the folder."""

    def add_earlier_cost(self, facts: Mapping[str, Any]) -> None:
        """Add the cost that a checkpoint recorded. Raises RunError if it is damaged."""
        before = parse_cost(json.dumps(facts.get("cost", {})).encode(), str(self.folder))
        self.before = replace(before, resumed=before.resumed + 1)

    def cost(self) -> Cost:
        """The cost so far, earlier sessions included."""
        return self._stopwatch.cost(self.before)

    def after_step(self, state: State) -> None:
        """Save what is due. Raises StoppedError, after saving, if a signal requested a stop."""
        position = state.position
        epoch_is_done = position.step == 0
        if epoch_is_done:
            self.save_epoch(state)
        signal = self.interruption.signal_name
        is_due = time.perf_counter() - self._saved >= self.checkpoint_seconds
        if not (epoch_is_done or signal or is_due):
            return
        self.save_checkpoint(state)
        if signal:
            epoch, step = position.epoch, position.step
            where = f"epoch {epoch - 1}" if epoch_is_done else f"epoch {epoch}, step {step}"
            hint = self.resume_hint()
            raise StoppedError(
                f"stopped by {signal} after {where}; resume with: {hint}",
                self.interruption.exit_code,
            )

    def save_checkpoint(self, state: State) -> None:
        """Save the state."""
        position = state.position
        number = position.updates + position.epoch  # rises at the end of an epoch, too
        facts = state.facts() | {"cost": asdict(self.cost())}
        save_checkpoint(self.folder, number, facts, state.arrays())
        self._saved = time.perf_counter()


def peak_memory_bytes() -> int:
    """Peak memory of this process; 0 where the system does not report it."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
