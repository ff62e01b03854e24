"""Teams for tests: workers as threads of this process, which begin at once, and bits to compare."""

import threading
from hashlib import sha256

from hoiquy.distributed.handshake import Invitation
from hoiquy.distributed.wire import LostError
from hoiquy.distributed.worker import work
from hoiquy.errors import HoiquyError
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.loop import Fitted
from miniatures import miniature

# Dropout, a mask, n-grams, adversaries; 144 documents: steps of 4 shards and of 2.
EVERYTHING = (
    "training.batch_size=110", "training.epochs=25", "training.clip_norm=0.5",
    "training.class_weight={neg=0.4, pos=1.7}",
    "training.schedule={type='exponential', decay_rate=0.9}",
)  # fmt: skip
DOCUMENTS = 160


def everything(name: str, *settings: str) -> Recipe:
    """A miniature of fifty steps with every setting that has a part in a step."""
    return miniature(name, *EVERYTHING, *settings)


def bits(fitted: Fitted) -> dict[str, object]:
    """All that training decides, hashed by array."""
    hashes = {
        name: sha256(array.tobytes()).hexdigest() for name, array in fitted.parameters.items()
    }
    return {**hashes, "history": fitted.history}


class ThreadWorkers:
    """Workers in threads: they begin at once, and cannot be killed."""

    def __init__(self, invitation: Invitation, count: int) -> None:
        self._why: list[str] = []
        self._threads = [
            threading.Thread(target=self._run, args=(invitation,)) for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, invitation: Invitation) -> None:
        try:
            work(invitation)
        except (HoiquyError, LostError) as error:
            self._why.append(str(error))

    def failure(self) -> str | None:
        return self._why[0] if self._why else None

    def end(self) -> None:
        for thread in self._threads:
            thread.join()
