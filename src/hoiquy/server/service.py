"""The parts of a running service, and how they are started and ended."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from hoiquy.server.background import Background
from hoiquy.server.bodies import Bodies
from hoiquy.server.engine import Engine
from hoiquy.server.limits import LOOK_SECONDS
from hoiquy.server.metrics import Metrics
from hoiquy.server.page_files import PageFile, read_page_files
from hoiquy.server.reports import Reports
from hoiquy.server.served_models import LoadedModel, ServedModels
from hoiquy.server.served_runs import ServedRuns
from hoiquy.server.settings import Settings
from hoiquy.training.kernel_compilation import finish_compiling

logger = logging.getLogger(__name__)


class Service:
    """Everything that the routes use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.bodies = Bodies()
        self.files: dict[str, PageFile] = read_page_files()
        self.models = ServedModels(
            settings.root, settings.limits.models, settings.default, self.metrics
        )
        self.runs = ServedRuns(settings.root)
        self.reports = Reports(settings.root)
        self.engine: Engine  # from `running` on
        self._loading = Background("load models")
        self.desk = Background("look at runs")
        self.slow = Background("compare and report")
        self.metrics.gauge(
            "hoiquy_waiting_documents", "Documents taken and not answered.",
            lambda: self.engine.waiting,
        )  # fmt: skip
        self.metrics.gauge(
            "hoiquy_models_loaded", "Networks in memory.", lambda: self.models.loaded
        )

    async def model(self, wanted: str | None) -> LoadedModel:
        """The network of this name, read from its folder if need be. Raises ApiError."""
        name = self.models.name_of(wanted)
        model = self.models.ready(name)
        if model is None:
            model = await self._loading.run(partial(self.models.load, name))
        return model

    @property
    def is_ready(self) -> bool:
        """Whether a network can answer at once."""
        return self.models.default is not None and self.models.loaded > 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within it requests are answered; at its end what was taken is finished."""
        self.engine = Engine(self.settings.limits, self.metrics)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            self._loading.close()
            self.desk.close()
            self.slow.close()
            await asyncio.to_thread(self.engine.close)

    async def _watch(self) -> None:
        await self._loading.run(finish_compiling)
        # What was loaded so far stays for good: looking through it for garbage stopped everything
        # for 80 ms, without it for 25. Networks come and go, and are not among it.
        gc.freeze()
        while True:
            try:
                await self._loading.run(self.models.look)
            except Exception as error:  # what one look met must not be the last of them
                logger.error("looking at the runs failed: %s: %s", type(error).__name__, error)
            await asyncio.sleep(LOOK_SECONDS)
