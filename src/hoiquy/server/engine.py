"""One thread that predicts; texts that wait for the same model are predicted in one batch.

The thread does not wait for a batch to fill: it takes what is there, from each model in turn.
Nothing else computes at the same time, so requests do not compete for the processors.
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
from fastapi import HTTPException
from numpy.typing import NDArray

from hoiquy.parallel import ShardPool, shard_pool
from hoiquy.predictor import Predictor
from hoiquy.server.errors import api_error, error_location
from hoiquy.server.metrics import Metrics
from hoiquy.server.settings import RETRY_SECONDS, Limits
from hoiquy.text import EncodedDocuments

Probabilities = NDArray[np.float32]
logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Job:
    """Documents of one request, or a function, which counts as one document."""

    documents: "Sequence[str] | EncodedDocuments | Callable[[], Any]"
    size: int
    answer: "asyncio.Future[Any]"
    ends: float  # by `time.monotonic`: then the request is given up


class Engine:
    """Starts its thread when it is created; `close` stops it."""

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._queues: OrderedDict[int, tuple[Predictor, deque[_Job]]] = OrderedDict()
        self._closing = False
        self._waiting = 0  # documents; changed by the event loop's thread only
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Documents accepted and not answered."""
        return self._waiting

    def check_room(self, size: int = 1) -> None:
        """Raise HTTPException 429 unless `size` more documents may wait. An empty queue takes any
        number."""
        if self._waiting and self._waiting + size > self._limits.waiting:
            self._metrics.shed.inc()
            raise api_error(
                429, "queue_full", "too many texts are waiting already; try again in a moment",
                retry_after=RETRY_SECONDS,
            )  # fmt: skip

    async def read(
        self, predictor: Predictor, documents: Sequence[str] | EncodedDocuments
    ) -> Probabilities:
        """Predict documents.

        Returns:
            Probabilities, (documents, classes) float32.

        Raises:
            HTTPException: 429 if too many documents wait, 503 if these wait too long.
        """
        self.check_room(len(documents))
        return await self.read_on(predictor, documents)

    async def read_on(
        self, predictor: Predictor, documents: Sequence[str] | EncodedDocuments
    ) -> Probabilities:
        """Like `read`, but without a limit, for a request that was accepted already."""
        answer: Probabilities = await self._answer(predictor, documents, len(documents))
        return answer

    async def call(self, predictor: Predictor, function: Callable[[], Any]) -> Any:
        """Run a function among the jobs of a model, and return its result."""
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
        """Finish the jobs in the queue, then stop the thread."""
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
        """The next jobs of the next model; None when all is done and the engine closes."""
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
                self._queues[key] = predictor, queue  # after the other models
            return predictor, jobs

    def _answers(self, predictor: Predictor, jobs: list[_Job], pool: ShardPool) -> list[Any]:
        try:
            return self._computed(predictor, jobs, pool)
        except Exception as error:  # the thread must survive any text
            logger.error("a batch failed: %s", error_location(error))
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
    """The documents of several jobs as one; their texts are encoded together."""
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


def _too_slow() -> HTTPException:
    return api_error(
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
