"""The engine's thread: what it reads together, in which order, and what it turns away."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import HTTPException

from hoiquy.prediction.load import load_predictor
from hoiquy.prediction.predictor import Predictor
from hoiquy.server.engine import Engine
from hoiquy.server.metrics import Metrics
from hoiquy.server.settings import Limits


class Gated:
    """A predictor that begins to read when it may, and notes what it read together."""

    def __init__(self, predictor: Predictor, name: str = "", order: list[str] | None = None):
        self._predictor = predictor
        self.joined = predictor.joined
        self.may_read = threading.Event()
        self.began = threading.Event()
        self.sizes: list[int] = []
        self.name, self.order = name, order if order is not None else []

    def probabilities(self, documents: Any, pool: Any) -> Any:
        self.began.set()
        assert self.may_read.wait(60)
        self.sizes.append(len(documents))
        self.order.append(self.name)
        return self._predictor.probabilities(documents, pool)


@pytest.fixture(scope="module")
def predictor(trained: Path) -> Predictor:
    return load_predictor(trained / "lstm")


def with_engine(
    act: Callable[[Engine], Coroutine[Any, Any, None]],
    metrics: Metrics | None = None,
    **limits: Any,
) -> None:
    async def acted() -> None:
        engine = Engine(Limits(**limits), metrics or Metrics())
        try:
            await act(engine)
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(acted(), 120))


async def begun(gated: Gated) -> None:
    assert await asyncio.to_thread(gated.began.wait, 60)


def test_what_waits_is_read_together_and_everyone_gets_his_own(predictor: Predictor) -> None:
    gated = Gated(predictor)
    texts = [f"word{number} {'mango' if number % 2 else 'lemon'}" for number in range(30)]
    encoded = predictor.vocabulary.encode_all(["mango mango", "lemon"])

    async def act(engine: Engine) -> None:
        tasks = [asyncio.create_task(engine.predict(gated, [texts[0]]))]
        await begun(gated)
        tasks += [asyncio.create_task(engine.predict(gated, [text])) for text in texts[1:]]
        tasks.append(asyncio.create_task(engine.predict(gated, encoded)))
        tasks.append(asyncio.create_task(engine.predict(gated, texts[:2])))
        await asyncio.sleep(0)
        assert engine.waiting == 34
        gated.may_read.set()
        answers = await asyncio.gather(*tasks)
        assert gated.sizes == [1, 20, 13] and engine.waiting == 0
        got = np.concatenate(answers)
        expected = predictor.predict_proba([*texts, "mango mango", "lemon", *texts[:2]])
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)

    with_engine(act, batch=20)


def test_more_than_may_wait_is_turned_away_and_then_there_is_room(predictor: Predictor) -> None:
    gated, metrics = Gated(predictor), Metrics()

    async def act(engine: Engine) -> None:
        tasks = [asyncio.create_task(engine.predict(gated, ["mango"] * 3)) for _ in range(2)]
        await begun(gated)
        with pytest.raises(HTTPException) as caught:
            await engine.predict(gated, ["lemon"])
        assert (caught.value.status_code, caught.value.detail["code"]) == (429, "queue_full")
        assert int(caught.value.headers["Retry-After"]) >= 1
        gated.may_read.set()
        await asyncio.gather(*tasks)
        assert len(await engine.predict(gated, ["lemon"])) == 1
        # An empty queue takes even what is larger than it.
        assert len(await engine.predict(gated, ["lemon"] * 9)) == 9

    with_engine(act, metrics, waiting=6)
    assert b"hoiquy_shed_requests_total 1.0" in metrics.page()


def test_what_waits_too_long_is_given_up(predictor: Predictor) -> None:
    gated = Gated(predictor)

    async def act(engine: Engine) -> None:
        first = asyncio.create_task(engine.predict(gated, ["mango"]))
        await begun(gated)
        late = asyncio.create_task(engine.predict(gated, ["lemon"]))
        await asyncio.sleep(0.3)
        gated.may_read.set()
        assert len(await first) == 1
        with pytest.raises(HTTPException) as caught:
            await late
        assert (caught.value.status_code, caught.value.detail["code"]) == (503, "too_slow")
        assert gated.sizes == [1] and engine.waiting == 0

    with_engine(act, answer_seconds=0.2)


def test_who_has_gone_is_not_read_for(predictor: Predictor) -> None:
    gated = Gated(predictor)

    async def act(engine: Engine) -> None:
        first = asyncio.create_task(engine.predict(gated, ["mango"]))
        await begun(gated)
        gone = asyncio.create_task(engine.predict(gated, ["lemon"] * 5))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        gated.may_read.set()
        await first
        assert len(await engine.predict(gated, ["lemon"])) == 1
        assert gated.sizes == [1, 1] and engine.waiting == 0

    with_engine(act)


def test_networks_take_turns(predictor: Predictor) -> None:
    order: list[str] = []
    one, other = Gated(predictor, "one", order), Gated(predictor, "other", order)
    other.may_read.set()

    async def act(engine: Engine) -> None:
        tasks = [asyncio.create_task(engine.predict(one, ["mango"])) for _ in range(4)]
        await begun(one)
        tasks.append(asyncio.create_task(engine.predict(other, ["mango"])))
        await asyncio.sleep(0)
        one.may_read.set()
        await asyncio.gather(*tasks)
        assert order.index("other") <= 2

    with_engine(act, batch=1)


def test_a_failure_is_told_to_its_batch_alone(
    predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing:
        joined = predictor.joined

        def probabilities(self, documents: Any, pool: Any) -> Any:
            raise ValueError("secret text")

    async def act(engine: Engine) -> None:
        with pytest.raises(ValueError, match="secret"):
            await engine.predict(Failing(), ["mango"])
        assert len(await engine.predict(predictor, ["mango"])) == 1

    with_engine(act)
    assert "ValueError" in caplog.text and "secret" not in caplog.text


def test_closing_finishes_what_was_taken(predictor: Predictor) -> None:
    gated = Gated(predictor)

    async def act(engine: Engine) -> None:
        tasks = [asyncio.create_task(engine.predict(gated, ["mango"])) for _ in range(5)]
        await begun(gated)
        closing = asyncio.create_task(engine.close())
        gated.may_read.set()
        assert [len(answer) for answer in await asyncio.gather(*tasks)] == [1] * 5
        await closing

    with_engine(act, batch=1)
