"""Who may ask, and the headers that keep a browser from being used against the service."""

import hmac
from urllib.parse import parse_qs

from starlette.types import Message, Scope

from hoiquy.server import auth as tickets
from hoiquy.server.errors import ApiError
from hoiquy.server.settings import Settings

ASSETS = "/assets/"
REPORT = "/report"
# Nothing of these pages is secret, and whoever watches the process has no key.
OPEN_TO_ALL = frozenset({"/", "/health", "/ready"})
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


def check(scope: Scope, settings: Settings) -> None:
    """Raises ApiError for a request that is not for this service, or from nobody it knows.

    On loopback the Host header is looked at: a page from elsewhere whose name was made to mean
    127.0.0.1 (DNS rebinding) would be of our own origin otherwise.
    """
    headers: Headers = dict(scope["headers"])
    if settings.hosts is not None and _host(headers) not in settings.hosts:
        raise ApiError(
            400, "unknown_host", "this service does not go by the name in the Host header; "
            "--allow-host adds one",
        )  # fmt: skip
    key, path = settings.key, scope["path"]
    if key is None or path in OPEN_TO_ALL or path.startswith(ASSETS):
        return
    if not (_shows(headers, key) or (path == REPORT and _has_ticket(scope, key))):
        raise ApiError(
            401, "key_needed", "expected the header Authorization: Bearer KEY",
            headers={"WWW-Authenticate": "Bearer"},
        )  # fmt: skip


def add_headers(message: Message) -> None:
    """Add ours to the start of an answer; those that it has already stay."""
    headers = message["headers"]
    present = {name for name, _ in headers}
    headers += [one for one in _HEADERS.items() if one[0] not in present]


def _host(headers: Headers) -> str:
    host = headers.get(b"host", b"").decode("latin-1").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _shows(headers: Headers, key: str) -> bool:
    kind, _, shown = headers.get(b"authorization", b"").partition(b" ")
    return kind.lower() == b"bearer" and hmac.compare_digest(shown.strip(), key.encode("utf-8"))


def _has_ticket(scope: Scope, key: str) -> bool:
    shown = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])
    return tickets.is_valid(shown[0], key)
