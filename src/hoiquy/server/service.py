"""The parts of a running service, and how they start and stop."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

from fastapi import Depends, Request

from hoiquy.server.engine import Engine
from hoiquy.server.metrics import Metrics
from hoiquy.server.reports import Reports
from hoiquy.server.serial_executor import SerialExecutor
from hoiquy.server.served_models import LoadedModel, ServedModels
from hoiquy.server.served_runs import ServedRuns
from hoiquy.server.settings import REFRESH_SECONDS, Settings
from hoiquy.training.kernel_compilation import finish_compiling

logger = logging.getLogger(__name__)


class Service:
    """Everything that the routes use. `engine` exists while `running()` is entered."""

    engine: Engine

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.models = ServedModels(
            settings.root, settings.limits.models, settings.default, self.metrics
        )
        self.runs = ServedRuns(settings.root)
        self.reports = Reports(settings.root)
        self.short_work = SerialExecutor()  # lists of runs and models
        self.long_work = SerialExecutor()  # comparisons and reports
        self._loading = SerialExecutor()
        self.metrics.gauge(
            "hoiquy_waiting_documents", "Documents accepted and not answered.",
            lambda: self.engine.waiting,
        )  # fmt: skip
        self.metrics.gauge("hoiquy_models_loaded", "Models in memory.", lambda: self.models.loaded)

    async def model(self, name: str | None) -> LoadedModel:
        """The model of this name, or the default one, loaded if necessary. Raises HTTPException."""
        name = self.models.resolve(name)
        ready = self.models.ready(name)
        return ready if ready is not None else await self._loading.run(self.models.load, name)

    @property
    def is_ready(self) -> bool:
        """Whether a model can predict at once."""
        return self.models.default is not None and self.models.loaded > 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Accept requests within the block; at its end, finish those that were accepted."""
        self.engine = Engine(self.settings.limits, self.metrics)
        refreshing = asyncio.create_task(self._refresh())
        try:
            yield
        finally:
            refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await refreshing
            await self.engine.close()

    async def _refresh(self) -> None:
        await self._loading.run(finish_compiling)
        # Garbage collections need not look through what is loaded once and for all: a full one
        # stopped everything for 80 ms with it, for 25 ms without. Models are loaded later. With the
        # default thresholds, collections took a quarter of the event loop's time: each request
        # makes many objects, nearly all of which are freed without them.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        while True:
            try:
                await self._loading.run(self.models.refresh)
            except Exception as error:  # the next refresh may succeed
                logger.error("reading the runs failed: %s: %s", type(error).__name__, error)
            await asyncio.sleep(REFRESH_SECONDS)


async def _service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDependency = Annotated[Service, Depends(_service_of)]
