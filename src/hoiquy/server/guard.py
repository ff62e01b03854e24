"""Around every request: who may ask, the headers of every answer, and what is counted."""

import hmac
import logging
import time
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hoiquy.server import tickets
from hoiquy.server.answers import failure
from hoiquy.server.api_error import ApiError
from hoiquy.server.metrics import Metrics

logger = logging.getLogger(__name__)

# Nothing of these pages is secret, and whoever watches the process has no key.
OPEN_TO_ALL = frozenset({"/", "/health", "/ready"})
ASSETS = "/assets/"
REPORT = "/report"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}

Headers = dict[bytes, bytes]


class Guard:
    """An ASGI application around another.

    key, hosts: as in `Settings`. paths: those that have a line of their own in the metrics.
    """

    def __init__(
        self,
        app: ASGIApp,
        key: str | None,
        hosts: frozenset[str] | None,
        metrics: Metrics,
        paths: frozenset[str],
    ) -> None:
        self._app = app
        self._key = key
        self._hosts = hosts
        self._metrics = metrics
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_ours(message["headers"])
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, sent)
        except ApiError as error:
            await failure(error)(scope, receive, sent)
        except Exception as error:
            # Its message may hold a text that was sent; the place where it happened does not.
            logger.error("a mistake in hoiquy itself: %s", _place(error))
        finally:
            self._metrics.answered(self._route(scope["path"]), status, time.perf_counter() - begun)

    def _route(self, path: str) -> str:
        if path in self._paths:
            return path
        return ASSETS if path.startswith(ASSETS) else "other"

    def _check(self, scope: Scope) -> None:
        """Raises ApiError."""
        headers: Headers = dict(scope["headers"])
        if self._hosts is not None and _host(headers) not in self._hosts:
            raise ApiError(
                400, "unknown_host", "this service does not go by the name in the Host header; "
                "--allow-host adds one",
            )  # fmt: skip
        path = scope["path"]
        if self._key is None or path in OPEN_TO_ALL or path.startswith(ASSETS):
            return
        if not (_shows(headers, self._key) or (path == REPORT and _ticket(scope, self._key))):
            raise ApiError(
                401, "key_needed", "expected the header Authorization: Bearer KEY",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip


def _with_ours(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    present = {name for name, _ in headers}
    return headers + [one for one in _HEADERS.items() if one[0] not in present]


def _host(headers: Headers) -> str:
    host = headers.get(b"host", b"").decode("latin-1").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _shows(headers: Headers, key: str) -> bool:
    kind, _, shown = headers.get(b"authorization", b"").partition(b" ")
    return kind.lower() == b"bearer" and hmac.compare_digest(shown.strip(), key.encode("utf-8"))


def _ticket(scope: Scope, key: str) -> bool:
    shown = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])
    return tickets.is_valid(shown[0], key)


def _place(error: Exception) -> str:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} in {' > '.join(frames[-4:])}"
