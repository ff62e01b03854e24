"""Predictions in one thread; texts that wait for the same model are predicted in one batch.

The thread does not wait for a batch to fill: it takes what is there, from each model in turn.
Nothing else computes at the same time, so requests do not compete for the processors.
"""

import asyncio
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from fastapi import HTTPException
from numpy.typing import NDArray

from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.prediction.text_classifier import Documents, TextClassifier
from hoiquy.server.errors import api_error, error_location
from hoiquy.server.metrics import Metrics
from hoiquy.server.settings import RETRY_SECONDS, Limits

Probabilities = NDArray[np.float32]
logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Job:
    """Documents of one request, or a function, which counts as one document."""

    work: Documents | Callable[[], Any]
    size: int
    answer: "asyncio.Future[Any]"
    deadline: float  # by `time.monotonic`: then the request is given up


class Engine:
    """Starts its thread when it is created; `close` ends it.

    The thread takes the next batch by itself, so it computes without a pause even while the event
    loop is busy refusing requests.
    """

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._queues: OrderedDict[int, tuple[TextClassifier, deque[_Job]]] = OrderedDict()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()
        self.waiting = 0  # documents accepted and not answered

    def check_room(self, size: int = 1) -> None:
        """Raise HTTPException 429 unless `size` more documents may wait.

        An empty queue takes any number.
        """
        if self.waiting and self.waiting + size > self._limits.waiting:
            self._metrics.shed.inc()
            reason = "too many texts are waiting already; try again in a moment"
            raise api_error(429, "queue_full", reason, retry_after=RETRY_SECONDS)

    async def predict(self, predictor: TextClassifier, documents: Documents) -> Probabilities:
        """Predict documents.

        Returns:
            Probabilities, (documents, classes) float32.

        Raises:
            HTTPException: 429 if too many documents wait, 503 if these wait too long.
        """
        self.check_room(len(documents))
        return await self.predict_accepted(predictor, documents)

    async def predict_accepted(
        self, predictor: TextClassifier, documents: Documents
    ) -> Probabilities:
        """Like `predict`, but without a limit, for a request that was accepted already."""
        probabilities: Probabilities = await self._submit(predictor, documents, len(documents))
        return probabilities

    async def run(self, predictor: TextClassifier, function: Callable[[], Any]) -> Any:
        """Run a function among the jobs of a model, and return its result."""
        self.check_room()
        return await self._submit(predictor, function, 1)

    async def close(self) -> None:
        """Finish the jobs that wait, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    async def _submit(
        self, predictor: TextClassifier, work: Documents | Callable[[], Any], size: int
    ) -> Any:
        answer = self._loop.create_future()
        job = _Job(work, size, answer, time.monotonic() + self._limits.answer_seconds)
        self.waiting += size
        try:
            with self._changed:
                _, queue = self._queues.setdefault(id(predictor), (predictor, deque()))
                queue.append(job)
                self._changed.notify()
            return await answer
        finally:
            self.waiting -= size

    def _work(self) -> None:
        with shard_pool() as pool:
            while (batch := self._next_batch()) is not None:
                predictor, jobs = batch
                now = time.monotonic()
                late = [job for job in jobs if job.deadline < now]
                jobs = [job for job in jobs if job.deadline >= now and not job.answer.cancelled()]
                results = self._results(predictor, jobs, pool) if jobs else []
                results += [_too_slow() for _ in late]
                self._loop.call_soon_threadsafe(_deliver, jobs + late, results)

    def _next_batch(self) -> tuple[TextClassifier, list[_Job]] | None:
        """Jobs of the model whose turn it is; None when all is done and the engine closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._queues or self._closing)
            if not self._queues:
                return None
            key, (predictor, queue) = self._queues.popitem(last=False)
            jobs = [queue.popleft()]
            size = jobs[0].size
            while queue and not callable(jobs[0].work) and not callable(queue[0].work):
                size += queue[0].size
                if size > self._limits.batch:
                    break
                jobs.append(queue.popleft())
            if queue:
                self._queues[key] = predictor, queue  # after the other models
            return predictor, jobs

    def _results(self, predictor: TextClassifier, jobs: list[_Job], pool: ShardPool) -> list[Any]:
        try:
            return self._compute(predictor, jobs, pool)
        except Exception as error:  # the thread must survive any text
            logger.error("a batch failed: %s", error_location(error))
            return [error] * len(jobs)

    def _compute(self, predictor: TextClassifier, jobs: list[_Job], pool: ShardPool) -> list[Any]:
        if callable(jobs[0].work):
            return [jobs[0].work()]
        sizes = [job.size for job in jobs]
        self._metrics.batch.observe(sum(sizes))
        self._metrics.documents.inc(sum(sizes))
        documents = predictor.joined([job.work for job in jobs])  # type: ignore[misc]
        return np.split(predictor.probabilities(documents, pool), np.cumsum(sizes)[:-1])


def _too_slow() -> HTTPException:
    reason = "the answer took too long; try again, or send fewer texts"
    return api_error(503, "too_slow", reason, retry_after=RETRY_SECONDS)


def _deliver(jobs: list[_Job], results: list[Any]) -> None:
    for job, result in zip(jobs, results, strict=True):
        if job.answer.done():  # the client is gone
            continue
        if isinstance(result, Exception):
            job.answer.set_exception(result)
        else:
            job.answer.set_result(result)
