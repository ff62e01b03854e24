"""Counters in the text format of Prometheus."""

from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_DOCUMENTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The counters of one service; no label holds anything that a client chose."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "hoiquy_requests", "Requests answered.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "hoiquy_request_seconds", "From the request's headers to the end of its answer.",
            ["route"], buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        # Finding a counter by its labels takes longer than counting.
        self._count_of = cache(self._requests.labels)
        self._seconds_of = cache(self._seconds.labels)
        self.batch = Histogram(
            "hoiquy_batch_documents", "Documents in a batch.",
            buckets=_DOCUMENTS, registry=self._registry,
        )  # fmt: skip
        self.documents = Counter(
            "hoiquy_documents", "Documents predicted.", registry=self._registry
        )
        self.shed = Counter(
            "hoiquy_shed_requests", "Requests refused because the queue was full.",
            registry=self._registry,
        )  # fmt: skip
        self.loads = Counter(
            "hoiquy_model_loads", "Models loaded from their folder.", ["outcome"],
            registry=self._registry,
        )  # fmt: skip

    def gauge(self, name: str, help: str, value: Callable[[], float]) -> None:
        """A value that is computed when metrics are read."""
        Gauge(name, help, registry=self._registry).set_function(value)

    def answered(self, route: str, status: int, seconds: float) -> None:
        self._count_of(route, status).inc()
        self._seconds_of(route).observe(seconds)

    def page(self) -> bytes:
        return generate_latest(self._registry)
