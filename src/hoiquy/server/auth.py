"""The API key, and tickets that replace it in the address of the report.

A link or a frame cannot send a header, and a key does not belong in an address.
"""

import hashlib
import hmac
import time

from starlette.authentication import AuthenticationBackend, AuthenticationError
from starlette.requests import HTTPConnection
from starlette.responses import Response

from hoiquy.server.errors import api_error, error_response

TICKET_SECONDS = 120
REPORT = "/report"
ASSETS = "/assets/"
_PUBLIC = frozenset({"/", "/health", "/ready"})  # nothing secret, and monitoring has no key


class ApiKey(AuthenticationBackend):
    """Refuses a request that shows neither the key nor, for the report, a valid ticket."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def authenticate(self, conn: HTTPConnection) -> None:
        path = conn.scope["path"]
        if path in _PUBLIC or path.startswith(ASSETS):
            return
        if path == REPORT and is_valid_ticket(conn.query_params.get("ticket", ""), self._key):
            return
        scheme, _, shown = conn.headers.get("authorization", "").partition(" ")
        expected = self._key.encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(shown.strip().encode(), expected):
            raise AuthenticationError("expected the header Authorization: Bearer KEY")


def unauthorized(conn: HTTPConnection, error: AuthenticationError) -> Response:
    headers = {"WWW-Authenticate": "Bearer"}
    return error_response(api_error(401, "key_needed", str(error), headers=headers))


def new_ticket(key: str) -> str:
    """A ticket that opens the report for TICKET_SECONDS without revealing the key."""
    expires = int(time.time()) + TICKET_SECONDS
    return f"{expires}.{_signature(key, expires)}"


def is_valid_ticket(ticket: str, key: str) -> bool:
    expires, _, signature = ticket.partition(".")
    if not (expires.isascii() and expires.isdigit() and len(expires) < 16 and signature.isascii()):
        return False
    valid = hmac.compare_digest(signature, _signature(key, int(expires)))
    return valid and int(expires) >= time.time()


def _signature(key: str, expires: int) -> str:
    return hmac.new(key.encode(), f"report {expires}".encode(), hashlib.sha256).hexdigest()
