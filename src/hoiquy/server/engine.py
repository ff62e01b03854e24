"""The one thread in which networks read: what waits for the same network is read together.

A caller's few documents cost little more beside others' than alone, so nobody is made to wait for
a batch to fill: the thread takes what is there. It reads for the networks in turn, and nothing
else computes beside it, so that requests do not fight for the processors.
"""

import asyncio
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.prediction.predictor import Predictor
from hoiquy.server.api_error import ApiError
from hoiquy.server.error_place import place_of
from hoiquy.server.limits import RETRY_SECONDS, Limits
from hoiquy.server.metrics import Metrics
from hoiquy.text import EncodedDocuments

Probabilities = NDArray[np.float32]
logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Job:
    """Documents of one caller; or something else that computes, and then counts as one."""

    documents: "Sequence[str] | EncodedDocuments | Callable[[], Any]"
    size: int
    answer: "asyncio.Future[Any]"
    ends: float  # by `time.monotonic`: then nobody waits for it any more


class Engine:
    """Starts its thread when it is made; `close` ends it."""

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._queues: OrderedDict[int, tuple[Predictor, deque[_Job]]] = OrderedDict()
        self._closing = False
        self._waiting = 0  # documents; only the event loop's thread counts
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Documents that were taken and are not answered."""
        return self._waiting

    def check_room(self, size: int = 1) -> None:
        """Raises ApiError 429 unless so many documents more may wait. An empty queue takes any."""
        if self._waiting and self._waiting + size > self._limits.waiting:
            self._metrics.shed.inc()
            raise ApiError(
                429, "queue_full", "too many texts are waiting already; try again in a moment",
                retry_after=RETRY_SECONDS,
            )  # fmt: skip

    async def read(
        self, predictor: Predictor, documents: Sequence[str] | EncodedDocuments
    ) -> Probabilities:
        """(documents, classes). Raises ApiError 429 if too much waits, 503 if it waits too long."""
        self.check_room(len(documents))
        return await self.read_on(predictor, documents)

    async def read_on(
        self, predictor: Predictor, documents: Sequence[str] | EncodedDocuments
    ) -> Probabilities:
        """Do as `read` for a request that was let in already: what was begun is finished."""
        answer: Probabilities = await self._answer(predictor, documents, len(documents))
        return answer

    async def call(self, predictor: Predictor, function: Callable[[], Any]) -> Any:
        """What the function returns, which has its turn among the jobs of this network."""
        self.check_room()
        return await self._answer(predictor, function, 1)

    async def _answer(self, predictor: Predictor, documents: Any, size: int) -> Any:
        answer = self._loop.create_future()
        ends = time.monotonic() + self._limits.answer_seconds
        self._waiting += size
        try:
            with self._changed:
                _, queue = self._queues.setdefault(id(predictor), (predictor, deque()))
                queue.append(_Job(documents, size, answer, ends))
                self._changed.notify()
            return await answer
        finally:
            self._waiting -= size

    def close(self) -> None:
        """End the thread when it has done what was taken."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        with shard_pool() as pool:
            while (taken := self._take()) is not None:
                predictor, jobs = taken
                now = time.monotonic()
                late = [job for job in jobs if job.ends < now]
                jobs = [job for job in jobs if job.ends >= now and not job.answer.cancelled()]
                answers = self._answers(predictor, jobs, pool) if jobs else []
                answers += [_too_slow() for _ in late]
                self._loop.call_soon_threadsafe(_deliver, jobs + late, answers)

    def _take(self) -> tuple[Predictor, list[_Job]] | None:
        """The next jobs of the network whose turn it is; None when all is done and it closes."""
        with self._changed:
            while not self._queues:
                if self._closing:
                    return None
                self._changed.wait()
            key, (predictor, queue) = self._queues.popitem(last=False)
            jobs = [queue.popleft()]
            size = jobs[0].size
            if not callable(jobs[0].documents):
                while queue and size + queue[0].size <= self._limits.batch:
                    if callable(queue[0].documents):
                        break
                    jobs.append(queue.popleft())
                    size += jobs[-1].size
            if queue:
                self._queues[key] = predictor, queue  # behind the others
            return predictor, jobs

    def _answers(self, predictor: Predictor, jobs: list[_Job], pool: ShardPool) -> list[Any]:
        try:
            return self._computed(predictor, jobs, pool)
        except Exception as error:  # the thread must go on, whatever the texts were
            logger.error("a batch failed: %s", place_of(error))
            return [error] * len(jobs)

    def _computed(self, predictor: Predictor, jobs: list[_Job], pool: ShardPool) -> list[Any]:
        first = jobs[0].documents
        if callable(first):
            return [first()]
        size = sum(job.size for job in jobs)
        self._metrics.batch.observe(size)
        self._metrics.documents.inc(size)
        documents = _joined(predictor, [job.documents for job in jobs])
        probabilities = predictor.probabilities_of(documents, pool)
        ends = np.cumsum([job.size for job in jobs])[:-1]
        return np.split(probabilities, ends)


def _joined(predictor: Predictor, parts: list[Any]) -> EncodedDocuments:
    """The documents of several jobs as one, texts encoded together."""
    encoded: list[EncodedDocuments] = []
    texts: list[str] = []
    for part in parts:
        if isinstance(part, EncodedDocuments):
            if texts:
                encoded.append(predictor.vocabulary.encode_all(texts))
                texts = []
            encoded.append(part)
        else:
            texts += part
    if texts:
        encoded.append(predictor.vocabulary.encode_all(texts))
    if len(encoded) == 1:
        return encoded[0]
    lengths = np.concatenate([one.lengths for one in encoded])
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return EncodedDocuments(np.concatenate([one.indices for one in encoded]), starts)


def _too_slow() -> ApiError:
    return ApiError(
        503, "too_slow", "the answer took too long; try again, or send fewer texts",
        retry_after=RETRY_SECONDS,
    )  # fmt: skip


def _deliver(jobs: list[_Job], answers: list[Any]) -> None:
    for job, answer in zip(jobs, answers, strict=True):
        if job.answer.done():
            continue
        if isinstance(answer, Exception):
            job.answer.set_exception(answer)
        else:
            job.answer.set_result(answer)
