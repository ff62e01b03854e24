"""The shortest way of a valid prediction request.

FastAPI's routing, dependencies and response models take longer than the prediction of a short text.
"""

import json

from fastapi import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hoiquy.server.errors import error_response
from hoiquy.server.prediction_routes import predict
from hoiquy.server.schemas import PredictRequest
from hoiquy.server.service import Service

_PATH = "/api/predict"


class QuickPredictions:
    """Answers a valid POST /api/predict; the application gets every other request.

    Both call `prediction_routes.predict`. The application also gets a body with a fault, and words
    the response.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _PATH or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        response: Response
        try:
            messages = await _messages(receive)
            request = _valid_request(messages)
            if request is None:
                await self.app(scope, _replayed(messages, receive), send)
                return
            answer = await predict(request, self._service)
            response = Response(answer.model_dump_json(), media_type="application/json")
        except HTTPException as error:
            response = error_response(error)
        await response(scope, receive, send)


async def _messages(receive: Receive) -> list[Message]:
    """Everything up to the end of the body, or to the end of the connection."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _valid_request(messages: list[Message]) -> PredictRequest | None:
    if messages[-1]["type"] != "http.request":
        return None
    try:
        content = json.loads(b"".join([message.get("body", b"") for message in messages]))
        return PredictRequest.model_validate(content)
    except (ValueError, RecursionError):
        return None


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    """A `receive` that gives the messages again, then what follows them."""
    waiting = iter(messages)

    async def replay() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replay
